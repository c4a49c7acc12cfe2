"""What the applicants pay each month: debts, present housing, the requested loan, PITIA.

Law: a payment made of parts is unknown until every part it cannot do without is given; a debt that will
be paid off at closing does not count. No debt is left out for being nearly repaid.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from lendgate.policy.arithmetic import level_payment
from lendgate.policy.facts.record import Amount
from lendgate.schema.application import Application
from lendgate.schema.finances import HousingExpense
from lendgate.schema.parties import Residence


def monthly_debts(application: Application) -> Amount:
    """Payments on every liability that stays."""
    if application.liabilities is None:
        return Amount(None, "Unknown: liabilities are not listed.", ("/liabilities",))
    counted = [(n, debt) for n, debt in enumerate(application.liabilities) if not debt.to_be_paid_off]
    return Amount(
        sum((debt.monthly_payment for _, debt in counted), Decimal(0)),
        "Payments on all listed liabilities but those to be paid off at closing.",
        tuple(f"/liabilities/{n}/monthly_payment" for n, _ in counted) or ("/liabilities",),
    )


def loan_payment(application: Application) -> Amount:
    """Principal and interest of the requested loan."""
    amount, rate, term = application.amount_requested, application.note_rate, application.term_months
    if amount is not None and rate is not None and term is not None:
        how = "Level payment of principal and interest from amount, note rate and term."
        places = ("/amount_requested", "/note_rate", "/term_months")
        return Amount(level_payment(amount, rate, term), how, places)
    if application.product == "mortgage" and application.housing_expense is not None:
        stated = application.housing_expense.principal_and_interest
        how = "Principal and interest as stated."
        return Amount(stated, how, ("/housing_expense/principal_and_interest",))
    given = {"/amount_requested": amount, "/note_rate": rate, "/term_months": term}
    missing = tuple(place for place, value in given.items() if value is None)
    return Amount(None, "Unknown: amount, note rate and term are not all given.", missing)


def pitia(application: Application, payment: Amount) -> Amount:
    """The proposed housing payment of a mortgage; hazard insurance and property taxes must be given."""
    expense = application.housing_expense
    if application.product != "mortgage":
        return Amount(None, "Not computed: the product is not a mortgage.", ())
    if payment.value is None:
        return Amount(None, payment.how, payment.inputs)
    if expense is None or expense.hazard_insurance is None or expense.property_taxes is None:
        places = ("/housing_expense/hazard_insurance", "/housing_expense/property_taxes")
        return Amount(None, "Unknown: hazard insurance or property taxes are not given.", places)
    return Amount(
        payment.value + _carrying(expense),
        "Principal and interest with insurance, taxes, dues and other parts as stated.",
        (*payment.inputs, "/housing_expense"),
    )


def _carrying(expense: HousingExpense) -> Decimal:
    """Every part of PITIA but principal and interest."""
    parts = (
        expense.hazard_insurance,
        expense.property_taxes,
        expense.mortgage_insurance,
        expense.association_dues,
        expense.other,
    )
    return sum((part for part in parts if part is not None), Decimal(0))


def present_housing(application: Application, as_of: date) -> Amount:
    """What the primary applicant pays to live where they live now."""
    expense = application.housing_expense
    if application.product != "mortgage" and expense is not None:
        total = expense.principal_and_interest + _carrying(expense)
        return Amount(total, "Housing expense by its stated parts.", ("/housing_expense",))
    found = _present_residence(application, as_of)
    if found is None:
        return Amount(None, "Unknown: no present residence is listed.", ("/applicants/0/residences",))
    place, residence = found
    if residence.basis == "Rent":
        how = (
            "Monthly rent as stated." if residence.monthly_rent is not None else "Unknown: no rent is given."
        )
        return Amount(residence.monthly_rent, how, (f"{place}/monthly_rent",))
    if residence.basis == "LivingRentFree":
        return Amount(Decimal(0), "Lives rent free.", (f"{place}/basis",))
    if residence.basis == "Own" and _has_mortgage(application):
        return Amount(
            Decimal(0), "Owns; the mortgage is among the debts.", (f"{place}/basis", "/liabilities")
        )
    return Amount(None, "Unknown: the cost of the present home is not given.", ("/liabilities",))


def _present_residence(application: Application, as_of: date) -> tuple[str, Residence] | None:
    for a, applicant in enumerate(application.applicants or ()):
        if applicant.role != "primary":
            continue
        for r, residence in enumerate(applicant.residences or ()):
            if residence.to_date is None or residence.to_date > as_of:
                return f"/applicants/{a}/residences/{r}", residence
    return None


def _has_mortgage(application: Application) -> bool:
    debts = application.liabilities or ()
    return any(debt.type == "MortgageLoan" and not debt.to_be_paid_off for debt in debts)
