"""The property and the money behind a mortgage: value, loan-to-value, cash to close, reserves.

Law: the value is the lower of appraisal and price on a purchase (Fannie Mae Selling Guide B2-1.2-01).
Reserves are what liquid assets leave after closing, in months of PITIA (Selling Guide B3-4.1-01).
Retirement funds (vesting unknown), gifts and other assets are left out: an underwriter may add them.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from lendgate.policy.arithmetic import share
from lendgate.policy.facts.loan import stated
from lendgate.policy.facts.payments import loan_payment, pitia
from lendgate.policy.facts.record import Amount, amount_fact, fact
from lendgate.policy.model import Fact
from lendgate.schema.application import Application

_LIQUID: Final = frozenset(
    {
        "CheckingAccount",
        "SavingsAccount",
        "MoneyMarketFund",
        "CertificateOfDepositTimeDeposit",
        "Stock",
        "Bond",
        "MutualFund",
    }
)
_PRICE: Final = "/property/sales_price"
_SECOND: Final = "/property/subordinate_financing"


def collateral_facts(application: Application) -> tuple[Fact, ...]:
    """What secures the loan, how much of it is lent against, and what cash is behind it."""
    home = application.property
    value, liquid, needed = _value(application), _liquid(application), _cash_to_close(application)
    return (
        stated("property_usage", application.property_usage, "/property_usage"),
        stated(
            "construction_method", home.construction_method if home else None, "/property/construction_method"
        ),
        stated("units", home.units if home else None, "/property/units"),
        amount_fact("collateral_value", value),
        _ltv(application, value),
        _cltv(application, value),
        _down_payment(application, needed),
        amount_fact("liquid_assets", liquid),
        _shortfall(liquid, needed),
        _reserves(application, liquid, needed),
    )


def _value(application: Application) -> Amount:
    home = application.property
    appraised = home.value if home else None
    price = home.sales_price if home else None
    if application.loan_purpose in ("Refinance", "MortgageModification"):
        price = None
    given = {"/property/value": appraised, _PRICE: price}
    values = [value for value in given.values() if value is not None]
    if not values:
        return Amount(None, "Unknown: no property value is given.", ("/property/value",))
    places = tuple(place for place, value in given.items() if value is not None)
    return Amount(min(values), "The lower of property value and sales price, where both count.", places)


def _ltv(application: Application, value: Amount) -> Fact:
    ratio = share(application.amount_requested, value.value)
    how = "Unknown: amount or value is not given." if ratio is None else "Amount requested over value."
    return fact("ltv", ratio, how, "/amount_requested", *value.inputs)


def _cltv(application: Application, value: Amount) -> Fact:
    second = application.property.subordinate_financing if application.property else None
    first = application.amount_requested
    ratio = None if first is None or second is None else share(first + second, value.value)
    how = "Amount requested and subordinate financing over value."
    if ratio is None:
        how = "Unknown: amount, subordinate financing (zero where there is none) or value is not given."
    return fact("cltv", ratio, how, "/amount_requested", _SECOND, *value.inputs)


def _down_payment(application: Application, needed: Amount) -> Fact:
    price = application.property.sales_price if application.property else None
    ratio = share(needed.value, price) if application.loan_purpose == "Purchase" else None
    how = "Down payment over sales price." if ratio is not None else "Not computed: no priced purchase."
    return fact("down_payment_share", ratio, how, *needed.inputs)


def _cash_to_close(application: Application) -> Amount:
    """The down payment of a purchase; nothing for a refinance. Closing costs are not known here."""
    if application.loan_purpose == "Refinance":
        return Amount(Decimal(0), "A refinance needs no down payment.", ("/loan_purpose",))
    home, first = application.property, application.amount_requested
    if application.loan_purpose != "Purchase" or home is None or home.sales_price is None or first is None:
        how = "Unknown: purpose, sales price or amount is not given."
        return Amount(None, how, ("/loan_purpose", _PRICE, "/amount_requested"))
    second = home.subordinate_financing or Decimal(0)
    gap = max(home.sales_price - first - second, Decimal(0))
    return Amount(gap, "Sales price less all financing.", (_PRICE, "/amount_requested", _SECOND))


def _liquid(application: Application) -> Amount:
    if application.assets is None:
        return Amount(None, "Unknown: assets are not listed.", ("/assets",))
    counted = [(n, asset) for n, asset in enumerate(application.assets) if asset.type in _LIQUID]
    return Amount(
        sum((asset.value for _, asset in counted), Decimal(0)),
        "Deposits, stocks, bonds and funds at their stated value.",
        tuple(f"/assets/{n}/value" for n, _ in counted) or ("/assets",),
    )


def _shortfall(liquid: Amount, needed: Amount) -> Fact:
    places = (*needed.inputs, *liquid.inputs)
    if liquid.value is None or needed.value is None:
        how = needed.how if needed.value is None else liquid.how
        return fact("cash_shortfall", None, how, *places)
    gap = max(needed.value - liquid.value, Decimal(0))
    return fact("cash_shortfall", gap, "Down payment less liquid assets, at least zero.", *places)


def _reserves(application: Application, liquid: Amount, needed: Amount) -> Fact:
    payment = pitia(application, loan_payment(application))
    for part in (payment, liquid, needed):
        if part.value is None:
            return fact("reserves_months", None, part.how, *part.inputs)
    left = max((liquid.value or Decimal(0)) - (needed.value or Decimal(0)), Decimal(0))
    months = share(left, payment.value)
    how = "Liquid assets left after the down payment over PITIA, whole months."
    if months is None:
        return fact("reserves_months", None, "Unknown: PITIA is zero.", *payment.inputs)
    return fact("reserves_months", int(months), how, *liquid.inputs, *needed.inputs, *payment.inputs)
