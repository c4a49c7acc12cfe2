"""The money and the property of an application: debts, assets, housing cost, credit, collateral.

Law: amounts are stated by the caller; every ratio made from them is the platform's own
(``policy.facts``).
"""

from __future__ import annotations

from typing import Annotated

from lendgate.schema.base import CalendarDate, Money, Name, Ratio, Sent, TextRule, WholeRule
from lendgate.schema.enums import AssetType, ConstructionMethodType, LiabilityType, PropertyValuationBasis

Count = Annotated[int, WholeRule(0, 1000)]


class Liability(Sent):
    """One debt. ``to_be_paid_off`` at closing takes its payment out of the ratios."""

    type: LiabilityType
    creditor: Name | None = None
    monthly_payment: Money
    balance: Money | None = None
    months_left: Annotated[int, WholeRule(0, 600)] | None = None
    to_be_paid_off: bool = False


class Asset(Sent):
    """One asset at its present value."""

    type: AssetType
    institution: Name | None = None
    account_last4: Annotated[str, TextRule(4, 4, r"^[0-9]{4}$", "4821")] | None = None
    value: Money


class HousingExpense(Sent):
    """The proposed monthly cost of the home: PITIA by its parts."""

    principal_and_interest: Money
    hazard_insurance: Money | None = None
    property_taxes: Money | None = None
    mortgage_insurance: Money | None = None
    association_dues: Money | None = None
    other: Money | None = None


class Address(Sent):
    """A US postal address."""

    line: Name
    city: Name
    state: Annotated[str, TextRule(2, 2, r"^[A-Z]{2}$", "TX")]
    postal_code: Annotated[str, TextRule(5, 10, r"^[0-9]{5}(-[0-9]{4})?$", "78701")]


class Property(Sent):
    """The home that secures a mortgage."""

    address: Address | None = None
    county_fips: Annotated[str, TextRule(5, 5, r"^[0-9]{5}$", "48453")] | None = None
    units: Annotated[int, WholeRule(1, 4)] = 1
    construction_method: ConstructionMethodType | None = None
    value: Money | None = None
    value_basis: PropertyValuationBasis | None = None
    sales_price: Money | None = None
    year_built: Annotated[int, WholeRule(1600, 2100)] | None = None
    subordinate_financing: Money | None = None


class Credit(Sent):
    """What a consumer report said, as numbers; never the report itself."""

    score: Annotated[int, WholeRule(250, 900)] | None = None
    score_model: Name | None = None
    score_date: CalendarDate | None = None
    bureau: Name | None = None
    oldest_trade_months: Annotated[int, WholeRule(0, 1200)] | None = None
    tradelines: Count | None = None
    inquiries_six_months: Count | None = None
    delinquencies_current: Count | None = None
    delinquencies_30_days: Count | None = None
    delinquencies_60_days: Count | None = None
    delinquencies_90_days: Count | None = None
    collections: Count | None = None
    public_records: Count | None = None
    utilization: Ratio | None = None
