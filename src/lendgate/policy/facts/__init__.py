"""Facts: an application as policy may see it.

Law: pure. No clock (``as_of`` is the day the application was received), no I/O, and nothing outside
``policy.registry``: names, identifiers, birth dates, citizenship, dependents, free text, document lists
and monitoring data are read by no function of this room.
"""

from __future__ import annotations

from datetime import date
from decimal import localcontext
from types import MappingProxyType
from typing import Final

from lendgate.policy.arithmetic import CONTEXT
from lendgate.policy.facts.collateral import collateral_facts
from lendgate.policy.facts.credit import credit_facts
from lendgate.policy.facts.documents import document_facts
from lendgate.policy.facts.income import employment_facts, income_facts
from lendgate.policy.facts.loan import loan_facts
from lendgate.policy.facts.obligations import obligation_facts
from lendgate.policy.model import Facts
from lendgate.schema.application import Application

__all__ = ["NOTHING_SHOWN", "derive"]
NOTHING_SHOWN: Final[Facts] = MappingProxyType({})


def derive(application: Application, as_of: date, shown: Facts = NOTHING_SHOWN) -> Facts:
    """Every registered fact of ``application`` as of one day, known or known to be unknown.

    ``shown`` is what its accepted documents show.
    """
    with localcontext(CONTEXT):
        facts = (
            *income_facts(application),
            *employment_facts(application, as_of),
            *obligation_facts(application, as_of),
            *loan_facts(application),
            *collateral_facts(application),
            *credit_facts(application, as_of),
            *document_facts(shown),
        )
    return MappingProxyType({fact.name: fact for fact in facts})
