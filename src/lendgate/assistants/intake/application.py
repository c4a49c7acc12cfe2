"""The application a conversation comes to: what the person said, in the published shape.

Law: every member is an answer of the person's or arithmetic on answers, and the arithmetic is shown. The
result is a plain body that goes through the same parsing as an application sent directly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from lendgate.assistants.intake.bank import FieldName
from lendgate.assistants.intake.state import State
from lendgate.assistants.intake.values import dollars

Body = dict[str, object]
_MONTHS: Final = 12
_CENT: Final = Decimal("0.01")
_RATIO: Final = Decimal("0.0001")
_DECLARED: Final[tuple[FieldName, ...]] = ("foreclosure", "outstanding_judgments", "delinquent_federal_debt")
_FROM_WORK: Final = {"employer": "Base", "self": "SelfEmployment"}


@dataclass(frozen=True, slots=True)
class Derived:
    """A figure that was computed from answers, and how."""

    value: Decimal
    how: str


def income(state: State) -> Derived:
    """Gross yearly income, other income counted in full."""
    yearly, other = _sum(state, "income"), _sum(state, "other_income")
    whole = yearly + other * _MONTHS
    how = f"{dollars(yearly)} + {dollars(other)} x {_MONTHS} = {dollars(whole)}" if other else dollars(whole)
    return Derived(whole, how)


def debt_to_income(state: State) -> Derived:
    """Present monthly obligations over monthly income; 1 is the most that an application can state."""
    owed = _sum(state, "monthly_debts") + _sum(state, "monthly_housing")
    yearly = income(state).value
    ratio = (owed * _MONTHS / yearly) if yearly else Decimal(1 if owed else 0)
    stated = min(ratio, Decimal(1)).quantize(_RATIO, ROUND_HALF_UP)
    most = " (1 is the most that can be stated)" if ratio > 1 else ""
    return Derived(stated, f"{dollars(owed)} x {_MONTHS} ÷ {dollars(yearly)}{most}")


def application_body(state: State, applicant_id: str) -> Body:
    """The application as JSON values, in the shape of ``schema.Application``."""
    body: Body = {
        "applicant_id": applicant_id,
        "product": state.values.get("product", "personal_loan"),
        "income": str(income(state).value),
        "debt_to_income": float(debt_to_income(state).value),
        "applicants": [_applicant(state)],
        "liabilities": _liabilities(state),
    }
    if "amount_requested" in state.known:
        body["amount_requested"] = state.values["amount_requested"]
    if "term_months" in state.known:
        body["term_months"] = int(state.values["term_months"])
    if "employment_years" in state.known:
        years = Decimal(state.values["employment_years"]) / _MONTHS
        body["employment_years"] = float(years.quantize(_CENT, ROUND_HALF_UP))
    if "liquid_assets" in state.known:
        body["assets"] = [{"type": "SavingsAccount", "value": state.values["liquid_assets"]}]
    return body | _home(state)


def _home(state: State) -> Body:
    found: Body = {
        name: state.values[name] for name in ("loan_purpose", "property_usage") if name in state.known
    }
    home: Body = {}
    if "property_value" in state.known:
        home |= {"value": state.values["property_value"], "value_basis": "estimated"}
    if "property_address" in state.known:
        parts = state.values["property_address"].split("|")
        home["address"] = dict(zip(("line", "city", "state", "postal_code"), parts, strict=True))
    return found | ({"property": home} if home else {})


def _applicant(state: State) -> Body:
    values = state.values
    person: Body = {"incomes": _incomes(state)}
    if "name" in values:
        first, last = values["name"].split("|")
        person["name"] = {"first": first, "last": last}
    if "taxpayer_identifier" in values:
        person["taxpayer_identifier_token"] = values["taxpayer_identifier"]
    if "housing" in values:
        rent = {"monthly_rent": values["monthly_housing"]} if _rents(values) else {}
        person["residences"] = [{"basis": values["housing"], **rent}]
    if "employer" in values:
        job = {"employer": values["employer"], "status": "Current"}
        person["employments"] = [{**job, "self_employed": values.get("work") == "self"}]
    declared = {name: values[name] == "yes" for name in _DECLARED if name in values}
    return person | ({"declarations": declared} if declared else {})


def _rents(values: Mapping[FieldName, str]) -> bool:
    return values["housing"] == "Rent" and "monthly_housing" in values


def _incomes(state: State) -> list[Body]:
    """The incomes by their kind; of other income no kind is kept, since it counts in full whatever it is."""
    kind = _FROM_WORK.get(state.values.get("work", ""), "Other")
    monthly = (_sum(state, "income") / _MONTHS).quantize(_CENT, ROUND_HALF_UP)
    found: list[Body] = [{"type": kind, "monthly_amount": str(monthly)}]
    other = _sum(state, "other_income")
    return [*found, {"type": "Other", "monthly_amount": str(other)}] if other else found


def _liabilities(state: State) -> list[Body]:
    debts, housing = _sum(state, "monthly_debts"), _sum(state, "monthly_housing")
    found: list[Body] = [{"type": "Other", "monthly_payment": str(debts)}] if debts else []
    if state.values.get("housing") == "Own" and housing:
        repaid = state.values.get("loan_purpose") == "Refinance"
        found.append({"type": "MortgageLoan", "monthly_payment": str(housing), "to_be_paid_off": repaid})
    return found


def _sum(state: State, name: FieldName) -> Decimal:
    return Decimal(state.values.get(name, "0"))
