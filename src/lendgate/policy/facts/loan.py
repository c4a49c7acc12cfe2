"""The loan that is asked for: amount, term, price, kind."""

from __future__ import annotations

from lendgate.policy.arithmetic import share
from lendgate.policy.facts.record import fact
from lendgate.policy.model import Fact, Value
from lendgate.schema.application import Application


def loan_facts(application: Application) -> tuple[Fact, ...]:
    """What is asked for, as stated, and its size against income."""
    return (
        stated("amount_requested", application.amount_requested, "/amount_requested"),
        stated("term_months", application.term_months, "/term_months"),
        stated("note_rate", application.note_rate, "/note_rate"),
        stated("apr", application.apr, "/apr"),
        _loan_to_income(application),
        stated("loan_purpose", application.loan_purpose, "/loan_purpose"),
        _cash_out(application),
        stated("mortgage_type", application.mortgage_type, "/mortgage_type"),
        stated("lien_priority", application.lien_priority, "/lien_priority"),
        stated("amortization_type", application.amortization_type, "/amortization_type"),
    )


def stated(name: str, value: Value | None, place: str) -> Fact:
    """A fact that is what the application says at one place."""
    return fact(name, value, "Unknown: not given." if value is None else "As stated.", place)


def _loan_to_income(application: Application) -> Fact:
    ratio = share(application.amount_requested, application.income)
    how = "Amount requested over annual income."
    if ratio is None:
        how = "Unknown: no amount is given, or income is zero."
    return fact("loan_to_income", ratio, how, "/amount_requested", "/income")


def _cash_out(application: Application) -> Fact:
    places = ("/loan_purpose", "/refinance_cash_out")
    if application.loan_purpose == "Purchase":
        no_cash: Value = False
        return fact("cash_out", no_cash, "A purchase pays no cash out.", "/loan_purpose")
    stated_word = application.refinance_cash_out
    if application.loan_purpose is None or stated_word in (None, "Unknown"):
        return fact("cash_out", None, "Unknown: purpose or cash-out determination is not given.", *places)
    return fact("cash_out", stated_word == "CashOut", "As determined for the refinance.", *places)
