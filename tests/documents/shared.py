"""The real files beside the checkout (``../shared/data/documents``), and what stands on them.

``labels.csv`` there gives the type of each page; the fields below were read off the pages by a person who
looked at them. They are for measuring; nothing is tuned to them, and a test that needs them skips without.
"""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

DIRECTORY = Path(__file__).resolve().parents[3] / "shared" / "data" / "documents"
OURS = {"1003": "urla_1003"}
NOT_OURS = frozenset({"payroll_check", "homeowners_insurance_application", "invoice", "receipt", "1098"})

Truth = dict[str, object]


def D(text: str | int) -> Decimal:  # noqa: N802 - short, for the table below
    """An amount."""
    return Decimal(text)


def path_of(name: str) -> Path:
    """A shared file; the test is skipped where there is none."""
    if not DIRECTORY.is_dir():
        pytest.skip("the shared documents are not beside this checkout")
    return DIRECTORY / name


def labels() -> dict[tuple[str, int], str]:
    """The type of every labelled page, in the words of the contract."""
    with path_of("labels.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {(row["file"], int(row["page"])): _type(row["doc_type"]) for row in rows}


def _type(label: str) -> str:
    return "other" if label in NOT_OURS else OURS.get(label, label)


FIELDS: dict[tuple[str, int], Truth] = {
    ("google-docai/2020 Form W-2.pdf", 1): {
        "tax_year": 2020,
        "employee_ssn": "554030876",
        "employer_ein": "630065650",
        "employer": "NORTH 312",
        "employee_name": "Anastasia Hodges",
        "control_number": "GNI851",
        "wages": D("23677.70"),
        "federal_tax": D("2841.32"),
        "social_security_wages": D("24410.00"),
        "social_security_tax": D("1513.42"),
        "medicare_wages": D("24410.00"),
        "medicare_tax": D("353.95"),
        "box_12a": D("2929.20"),
        "state": "MN",
        "state_employer_id": "00-0-0960",
        "state_wages": D("24410.00"),
        "state_tax": D("244.10"),
    },
    ("google-docai/2020 Form 1099-NEC.pdf", 1): {
        "tax_year": 2020,
        "payer": "Side Hustle, Inc.",
        "payer_tin": "903475388",
        "recipient_tin": "554030876",
        "recipient_name": "Anastasia Hodges",
        "recipient_street": "200 2nd Street NE",
        "recipient_city": "Waseca MN 56093",
        "nonemployee_compensation": D(5000),
    },
    ("google-docai/2020 Form 1099-INT.pdf", 1): {
        "tax_year": 2020,
        "payer": "BBVA USA",
        "payer_tin": "630476286",
        "recipient_tin": "554030876",
        "recipient_name": "Anastasia Hodges",
        "recipient_street": "200 2nd Street NE",
        "recipient_city": "Waseca, MN 56093",
        "interest_income": D("374.28"),
    },
    ("aws-idp/URLA-matched_for_John_Doe.pdf", 1): {
        "borrower_name": "John Doe",
        "borrower_ssn": "123456789",
        "employer": "AnyCorp LLC",
        "position": "Engineer",
        "employment_start": date(2010, 1, 2),
        "base_income": D(5600),
        "bonus_income": D(1000),
        "military_income": D(2000),
        "total_income": D("0.00"),
    },
    ("azure-docintel/w2-single.png", 1): {
        "tax_year": 2018,
        "employee_ssn": "123456789",
        "employer_ein": "987654321",
        "employer": "CONTOSO LTD",
        "employee_name": "ANGEL BROWN",
        "control_number": "000086242",
        "wages": D("37160.56"),
        "federal_tax": D("3894.54"),
        "social_security_wages": D("37160.56"),
        "social_security_tax": D("2303.95"),
        "medicare_wages": D("37160.56"),
        "medicare_tax": D("538.83"),
        "social_security_tips": D("302.30"),
        "allocated_tips": D("874.20"),
        "dependent_care_benefits": D("9873.20"),
        "nonqualified_plans": D("653.21"),
        "box_12a": D("6939.68"),
        "box_12b": D("5432.00"),
        "box_12c": D("876.30"),
        "box_12d": D("123.30"),
        "state": "PA",
        "state_wages": D("37160.56"),
        "state_tax": D("1135.65"),
        "local_wages": D("37160.56"),
        "local_tax": D("51.00"),
        "locality": "Cmberland Vly/Mddl",
    },
    ("aws-idp/lending_package.pdf", 6): {
        "tax_year": 2022,
        "employee_ssn": "75395184613",
        "employer_ein": "4963147952",
        "employer": "John Stiles",
        "employee_name": "Arnav Desai",
        "control_number": "753951852",
        "wages": D(100),
        "federal_tax": D(500),
        "social_security_wages": D(1000),
        "social_security_tax": D(100),
        "medicare_wages": D(500),
        "medicare_tax": D(5000),
        "social_security_tips": D(500),
        "allocated_tips": D(150),
        "dependent_care_benefits": D(5000),
        "nonqualified_plans": D(500),
        "box_12a": D(500),
        "box_12b": D(1500),
        "box_12c": D(500),
        "box_12d": D(1000),
        "state": "Any Town",
        "state_employer_id": "7414568313",
        "state_wages": D(50),
        "state_tax": D(500),
        "local_wages": D(100),
        "local_tax": D(550),
        "locality": "Any Town",
    },
    ("aws-idp/lending_package.pdf", 4): {
        "tax_year": 2021,
        "payer": "Ana Carolina Silva",
        "payer_tin": "444455556666",
        "recipient_tin": "111122223333",
        "recipient_name": "Alejandro Rosalez",
        "recipient_street": "123 Any Street",
        "recipient_city": "Any Town, USA",
        "account_number": "7777-8888-9999",
        "ordinary_dividends": D(1000),
        "qualified_dividends": D(500),
        "capital_gain_distributions": D(8000),
        "unrecaptured_1250_gain": D(300),
        "section_1202_gain": D(300),
        "collectibles_gain": D(200),
        "nondividend_distributions": D(7000),
        "federal_tax": D(4500),
        "section_199a_dividends": D(8000),
        "investment_expenses": D(600),
        "foreign_tax": D(7000),
        "cash_liquidation": D(800),
        "noncash_liquidation": D(8000),
        "exempt_interest_dividends": D(1000),
        "state_tax": D(8000),
    },
    ("azure-docintel/TAX-1099-DIV.png", 1): {
        "tax_year": 2023,
        "payer": "CONTOSO BANK",
        "payer_tin": "123456789",
        "recipient_tin": "987654321",
        "recipient_name": "PASCALE WEYDERT",
        "recipient_street": "123 FREMONT AVE, APT. 55",
        "recipient_city": "SEATTLE WA 98001-0432",
        "account_number": "i123456789",
        "ordinary_dividends": D(123456),
        "qualified_dividends": D(321),
        "capital_gain_distributions": D(654),
        "unrecaptured_1250_gain": D(987),
        "section_1202_gain": D(741),
        "collectibles_gain": D(852),
        "nondividend_distributions": D(159),
        "federal_tax": D("1850.25"),
        "section_199a_dividends": D(654),
        "investment_expenses": D(987),
        "foreign_tax": D(731),
        "cash_liquidation": D(761),
        "noncash_liquidation": D(943),
        "exempt_interest_dividends": D(751),
        "state_tax": D(321),
    },
    ("aws-idp/Paystub.png", 1): {
        "employee_name": "JOHN STILES",
        "employer": "ANY COMPANY CORP.",
        "employee_ssn": "987654321",
        "period_end": date(2008, 7, 18),
        "pay_date": date(2008, 7, 25),
        "gross_current": D("452.43"),
        "gross_ytd": D("23526.80"),
        "net_current": D("291.90"),
    },
    ("aws-idp/bank_statement.jpg", 1): {
        "holder_name": "John Doe",
        "bank": "ANYCOMPANY BANK",
        "account_number": "12345678901011",
        "period_start": date(2021, 10, 6),
        "period_end": date(2021, 11, 6),
        "beginning_balance": D("4250.00"),
        "ending_balance": D("5063.50"),
    },
    ("aws-idp/mixedbag/document_0.png", 1): {
        "holder_name": "KWAKU MENSAH",
        "bank": "AnyCompany Banking Services",
        "account_number": "009070568735",
        "statement_date": date(2022, 3, 2),
        "beginning_balance": D("17037.94"),
        "ending_balance": D("15619.65"),
        "total_checks_listed": D("701.39"),
    },
    ("aws-idp/bank-statement.png", 1): {
        "holder_name": "ALEJANDRO ROSALEZ",
        "bank": "AnyCompany LLC",
        "account_number": "001570525057",
        "statement_date": date(2022, 3, 2),
        "beginning_balance": D("18469.05"),
        "ending_balance": D("3366.44"),
        "total_checks_listed": D("701.39"),
    },
    ("aws-idp/lending_package.pdf", 3): {
        "holder_name": "MARIA GARCIA",
        "number": "736HDV7874JSB",
        "issued": date(2018, 3, 18),
        "expires": date(2028, 1, 20),
    },
    ("aws-idp/lending_package.pdf", 5): {
        "holder_name": "Jane Doe",
        "account_number": "333008755555",
        "period_start": date(2021, 5, 1),
        "period_end": date(2021, 5, 31),
        "beginning_value": D("50000.00"),
        "ending_value": D("123084.85"),
    },
    ("azure-docintel/tax-1040.png", 1): {
        "tax_year": 2023,
        "taxpayer_name": "Pascale Weydert",
        "taxpayer_ssn": "123456789",
        "street": "123 Fremont ave",
        "wages": D("987654.00"),
        "taxable_interest": D(223),
        "ordinary_dividends": D(445),
        "other_income": D(963),
        "total_income": D(357),
        "adjustments": D(159),
        "adjusted_gross_income": D(123),
        "taxable_income": D(323),
    },
    ("azure-docintel/US-mortgage-1003.png", 1): {
        "loan_number": "265Fs6fAZ2H4984Gs4f23hQ811",
        "agency_case_number": "115894",
        "borrower_name": "Gwen Stacy",
        "borrower_ssn": "557997283",
        "employer": "Spider Web Corp.",
        "position": "Language Teacher",
        "employment_start": date(2020, 1, 8),
        "base_income": D("4204.00"),
        "total_income": D("4254.00"),
    },
}
