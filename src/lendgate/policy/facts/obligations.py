"""Debt-to-income ratios: computed where the parts are given, stated where they are not.

Law: with every part given the computed ratio stands and the stated one is checked against it. With some
parts missing the computed ratio is a lower bound, so the greater of it and the stated one stands: naming
one small debt cannot make a ratio look better.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from lendgate.policy.arithmetic import rounded, share
from lendgate.policy.facts.payments import loan_payment, monthly_debts, pitia, present_housing
from lendgate.policy.facts.record import Amount, amount_fact, fact
from lendgate.policy.model import Fact
from lendgate.schema.application import Application

_LIVES_ELSEWHERE: Final = ("SecondHome", "Investment")


@dataclass(frozen=True, slots=True)
class Burden:
    """The monthly obligations of an application and the income that carries them.

    ``standing`` are the parts every caller counts; ``requested`` is the payment of a requested personal
    loan, which callers count or leave out of the ratio they state (None: no such part).
    """

    annual_income: Decimal
    stated: Decimal
    standing: tuple[Amount, ...]
    requested: Amount | None

    @property
    def parts(self) -> tuple[Amount, ...]:
        return self.standing if self.requested is None else (*self.standing, self.requested)

    @property
    def complete(self) -> bool:
        return all(part.value is not None for part in self.parts)

    @property
    def computed(self) -> Decimal | None:
        """The ratio of the known parts: the whole ratio when complete, else a lower bound."""
        return self._ratio(self.parts)

    @property
    def disagreement(self) -> Decimal | None:
        """How far the stated ratio is off; unknown while missing parts could explain the difference."""
        candidates = [ratio for ratio in (self.computed, self._ratio(self.standing)) if ratio is not None]
        if not candidates:
            return None
        if self.complete:
            return min(abs(ratio - self.stated) for ratio in candidates)
        excess = min(candidates) - self.stated
        return excess if excess > 0 else None

    def _ratio(self, parts: tuple[Amount, ...]) -> Decimal | None:
        known = sum((part.value for part in parts if part.value is not None), Decimal(0))
        ratio = share(known * 12, self.annual_income)
        return None if ratio is None else rounded(ratio, "ratio")


def obligation_facts(application: Application, as_of: date) -> tuple[Fact, ...]:
    """Monthly obligations, both ratios, and how far the stated one is off."""
    debts, payment = monthly_debts(application), loan_payment(application)
    living, proposed = present_housing(application, as_of), pitia(application, payment)
    mortgage = application.product == "mortgage"
    burden = Burden(
        annual_income=application.income,
        stated=rounded(application.debt_to_income, "ratio"),
        standing=_standing(application, debts, living, proposed),
        requested=None if mortgage or application.amount_requested is None else payment,
    )
    return (
        amount_fact("monthly_debts", debts),
        amount_fact("present_housing", living),
        amount_fact("monthly_payment", payment),
        amount_fact("pitia", proposed),
        fact("stated_debt_to_income", burden.stated, "As stated.", "/debt_to_income"),
        _front_end(proposed if mortgage else living, burden.annual_income),
        _back_end(burden),
        *_checked(burden),
    )


def _standing(
    application: Application, debts: Amount, living: Amount, proposed: Amount
) -> tuple[Amount, ...]:
    if application.product != "mortgage":
        return living, debts
    if application.property_usage in _LIVES_ELSEWHERE:
        return proposed, living, debts
    return proposed, debts


def _front_end(housing: Amount, annual_income: Decimal) -> Fact:
    if housing.value is None:
        return fact("front_end_dti", None, housing.how, *housing.inputs)
    ratio = share(housing.value * 12, annual_income)
    how = "Unknown: income is zero." if ratio is None else "Housing cost over monthly income."
    return fact("front_end_dti", ratio, how, *housing.inputs, "/income")


def _back_end(burden: Burden) -> Fact:
    ratio = burden.computed
    places = (*(place for part in burden.parts for place in part.inputs if part.value is not None), "/income")
    if burden.complete:
        how = (
            "Unknown: income is zero." if ratio is None else "Computed: all obligations over monthly income."
        )
        return fact("back_end_dti", ratio, how, *places)
    if ratio is not None and ratio > burden.stated:
        how = "At least this: the obligations that are given, over monthly income, exceed the stated ratio."
        return fact("back_end_dti", ratio, how, *places)
    return fact("back_end_dti", burden.stated, "As stated: not all obligations are given.", "/debt_to_income")


def _checked(burden: Burden) -> tuple[Fact, Fact]:
    difference = burden.disagreement
    how = "Difference of the stated ratio and the one computed from the given obligations."
    if difference is None:
        how = "Not compared: not all obligations are given, or income is zero."
    return (
        fact("dti_itemized", difference is not None, "Whether the stated ratio can be checked."),
        fact("dti_disagreement", difference, how, "/debt_to_income", "/liabilities"),
    )
