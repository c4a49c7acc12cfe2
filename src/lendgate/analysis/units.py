"""Words around numbers, as data: units, periods, bounds, hedges.

Law: a unit that no fact has is listed as ``unreadable``, so that a number with it is never supported.
"""

from __future__ import annotations

from typing import Final, Literal

from lendgate.analysis.plain import words_in

Dimension = Literal["plain", "money", "percent", "years", "months", "times", "unreadable"]
Period = Literal["month", "year", "other"]

UNITS: Final[dict[str, Dimension]] = {
    **dict.fromkeys(("%", "percent", "pct"), "percent"),
    **dict.fromkeys(("dollar", "dollars", "usd"), "money"),
    **dict.fromkeys(("year", "years", "yr", "yrs"), "years"),
    **dict.fromkeys(("month", "months", "mo", "mos"), "months"),
    **dict.fromkeys(("x", "times"), "times"),
    **dict.fromkeys(
        words_in(
            "percentage point points bps basis cent cents day days week weeks hour hours decade decades fold"
        ),
        "unreadable",
    ),
}
PERIODS: Final[dict[str, Period]] = {
    **dict.fromkeys(("month", "mo", "monthly"), "month"),
    **dict.fromkeys(("year", "yr", "annum", "annually", "yearly"), "year"),
    **dict.fromkeys(
        words_in("week weekly biweekly day daily hour hourly quarter quarterly fortnight"), "other"
    ),
}
ADVERBS: Final = words_in("monthly annually yearly weekly biweekly daily hourly quarterly")
EACH: Final = words_in("a an per each every /")
"""What ties a sum to a period: $2,200 a month, per month, /month."""
BOUNDS: Final = words_in(
    "over under above below beyond exceed exceeds exceeded exceeding than least most within surpass surpasses"
)
"""Before a number these make it a bound ("exceeds 36%"); only policy has bounds, and it is silent here."""
OR_SO: Final = words_in("more less higher lower above below better fewer greater over under")
"""Behind a number and "or" these make it a bound: 720 or higher."""
HEDGES: Final = words_in("about approximately around roughly nearly almost some the a an us of")
"""What may stand between a bound and its number."""
LINKS: Final = words_in(
    "of is at are was were be for stands totals comes to equals about approximately around roughly nearly"
    " almost just only now currently a an the stated computed reported as : - ("
)
"""What may stand between a fact's name and its figure: the credit score is now 720."""
