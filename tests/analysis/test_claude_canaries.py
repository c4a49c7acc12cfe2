"""Must show 3, second half: names, identifiers and demographic values are in no byte that is sent."""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from typing import Any

import pytest

from lendgate.analysis.income import income_summarized
from lendgate.analysis.questions import question_answered
from lendgate.analysis.risk import risk_explained
from lendgate.bootstrap import rulebook_from
from lendgate.claude.standin import Options, virtual_time
from lendgate.claude.standin.options import Dialect
from lendgate.intake.parse import parse_application
from lendgate.settings import ServiceSettings
from lendgate.workflow.underwrite import Rulebook, underwrite
from tests.analysis.standins import reviewer_on, speaker_on, standing_in

CANARIES = {
    "applicant_id": "CANARY-ID-7781",
    "external_ref": "CANARY-REF-7782",
    "first": "Canaryfirst",
    "middle": "Canarymiddle",
    "last": "Canarylast",
    "employer": "Canary Employer Works",
    "position": "Canary Position",
    "token": "CanaryTokenXq1234",
    "birth_date": "1971-03-04",
    "creditor": "Canary Creditor",
    "institution": "Canary Savings",
    "account": "7739",
    "street": "17 Canary Street",
    "city": "Canaryville",
    "postal_code": "98431",
    "race": "CanaryRaceXq",
    "ethnicity": "CanaryEthnicityXq",
    "sex": "CanarySexXq",
    "citizenship": "NonPermanentResidentAlien",
    "dependents": "29",
    "income_type": "SocialSecurity",
}
PERSON: dict[str, Any] = {
    "name": {key: CANARIES[key] for key in ("first", "middle", "last")},
    "birth_date": CANARIES["birth_date"],
    "taxpayer_identifier_token": CANARIES["token"],
    "citizenship_residency": CANARIES["citizenship"],
    "dependents_count": int(CANARIES["dependents"]),
    "employments": [
        {
            "employer": CANARIES["employer"],
            "position": CANARIES["position"],
            "status": "Current",
            "start_date": "2017-05-01",
        }
    ],
    "incomes": [
        {"type": "Base", "monthly_amount": 8000},
        {"type": CANARIES["income_type"], "monthly_amount": 1500},
    ],
}
APPLICATION: dict[str, Any] = {
    "applicant_id": CANARIES["applicant_id"],
    "external_ref": CANARIES["external_ref"],
    "product": "mortgage",
    "income": 118350,
    "debt_to_income": 0.2213,
    "amount_requested": 371400,
    "term_months": 360,
    "applicants": [PERSON],
    "liabilities": [{"type": "Installment", "monthly_payment": 410, "creditor": CANARIES["creditor"]}],
    "assets": [
        {
            "type": "CheckingAccount",
            "value": 61000,
            "institution": CANARIES["institution"],
            "account_last4": CANARIES["account"],
        }
    ],
    "property": {
        "value": 439300,
        "address": {
            "line": CANARIES["street"],
            "city": CANARIES["city"],
            "state": "TX",
            "postal_code": CANARIES["postal_code"],
        },
    },
    "monitoring": {
        "applicants": [{key: [CANARIES[key]] for key in ("race", "ethnicity", "sex")}],
    },
}
QUESTION = (
    "My name is Canaryfirst Canarylast and I work at Canary Employer Works. "
    "My social security number is 078-05-1120 and my account is 4485 2234 1190 7739. "
    "Call me on (512) 555-0143 or write to canary@example.com. "
    "I was born on 03/04/1971, so 1971-03-04. "
    "I am a black woman from Nigeria with two children. "
    "Why is my debt-to-income ratio 22% on an income of $118,350?"
)
TOLD_IN_QUESTION = (
    *("078-05-1120", "4485", "1190", "555", "0143", "canary@example.com", "1971"),
    *("black", "woman", "Nigeria", "children"),
)


@cache
def rulebook() -> Rulebook:
    return rulebook_from(ServiceSettings())


def sent(dialect: Dialect) -> tuple[bytes, list[dict[str, str]]]:
    """Every byte of a review and of all that is said about it, repairs and streams included."""

    async def work() -> tuple[bytes, list[dict[str, str]]]:
        application = parse_application(json.dumps(APPLICATION).encode()).application
        options = Options(dialect=dialect, character="gullible", script="invalid_json, ok*")
        async with standing_in(options) as (model, door):
            result = await underwrite(application, date(2026, 11, 22), rulebook(), reviewer_on(model))
            case, speaker = result.case, speaker_on(model)
            for topic in (
                risk_explained(case),
                income_summarized(case),
                question_answered(case, QUESTION, application),
            ):
                await speaker.say(topic)
                _ = [piece async for piece in speaker.stream(topic)]
            return b"\n".join(door.transport.sent), list(door.transport.headers)

    return virtual_time.run(work())


@pytest.mark.parametrize("dialect", ["anthropic", "plain"])
def test_invariant_f_no_canary_is_in_any_byte_sent(dialect: Dialect) -> None:
    """Body and headers, in either case, of eight requests; the facts are there, so these are the bytes."""
    body, headers = sent(dialect)
    everything = (body + json.dumps(headers).encode()).decode().lower()
    assert len(headers) == 8
    assert "118350" in everything
    found = [canary for canary in (*CANARIES.values(), *TOLD_IN_QUESTION) if _has(everything, canary.lower())]
    assert found == []


def test_the_question_itself_is_passed_on() -> None:
    """What may be asked is asked, in the caller's words."""
    body, _ = sent("anthropic")
    assert b"Why is my debt-to-income ratio 22% on an income of $118,350?" in body


def _has(text: str, canary: str) -> bool:
    """A number is found as a number of its own, not inside another."""
    if not canary.isdigit():
        return canary in text
    return any(text[at - 1 : at] not in {*"0123456789.,"} and not text[at + len(canary) :][:1].isdigit()
               for at in _places(text, canary))  # fmt: skip


def _places(text: str, canary: str) -> list[int]:
    return [at for at in range(len(text)) if text.startswith(canary, at)]
