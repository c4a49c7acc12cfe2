"""Counting results: nothing gets lost by adding up, by JSON, or at the ends of the histogram."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lendgate.cli.bulk.drawing import drawing
from lendgate.cli.bulk.tally import BARS, Tally, outcome_of, tally_from

Result = tuple[str, list[str], float | None]
RESULTS: st.SearchStrategy[Result] = st.tuples(
    st.sampled_from(["eligible", "refer", "incomplete", "ineligible"]),
    st.lists(st.sampled_from(["Length of employment", "Income & <more>"]), max_size=2),
    st.none() | st.floats(0, 3),
)


def tally_of(results: Sequence[Result]) -> Tally:
    tally = Tally()
    for outcome, reasons, ratio in results:
        words = [{"text": reason} for reason in reasons]
        tally.count({"recommendation": {"outcome": outcome, "reasons": words}}, ratio)
    return tally


@given(st.lists(RESULTS), st.lists(RESULTS))
def test_two_tallies_add_up_to_that_of_both(one: list[Result], other: list[Result]) -> None:
    """However the work is shared out, the summary is the same."""
    left, right = tally_of(one), tally_of(other)
    left.add(right)
    assert left == tally_of(one + other)
    assert left.total == len(one) + len(other)


@given(st.lists(RESULTS))
def test_a_tally_survives_its_journal(results: list[Result]) -> None:
    """To JSON and back unchanged."""
    tally = tally_of(results)
    assert tally_from(json.loads(json.dumps(tally.as_json()))) == tally


@pytest.mark.parametrize(
    ("ratio", "bar"), [(0.0, 0), (0.0499, 0), (0.05, 1), (0.9499, 18), (0.95, 19), (1.0, 19), (7.5, 19)]
)
def test_a_ratio_falls_into_its_bar(ratio: float, bar: int) -> None:
    """Five points each; what is beyond the last is in the last."""
    tally = tally_of([("refer", [], ratio)])
    assert [tally.in_bar(each, "refer") for each in range(BARS)] == [int(each == bar) for each in range(BARS)]


def test_a_refused_application_is_counted_as_refused_and_nowhere_else() -> None:
    """It has neither reasons nor a ratio that anybody looked at."""
    tally = Tally()
    tally.count({"ok": False, "reason": "the application is not valid"}, 0.4)
    assert (dict(tally.outcomes), dict(tally.spread)) == ({"refused": 1}, {})
    assert outcome_of({"status": "queued"}) == "queued"


def test_the_drawing_says_every_number_and_escapes_every_word() -> None:
    """A reason with angle brackets is text in it; the columns carry their counts."""
    drawn = drawing(tally_of([("refer", ["Income & <more>"], 0.31)] * 1234 + [("eligible", [], 0.1)]), "<t>")
    assert drawn.startswith("<svg ")
    assert "Income &amp; &lt;more&gt;" in drawn
    assert "&lt;t&gt;" in drawn
    assert "1,234 (99.9%)" in drawn
    assert "refer: 1,234" in drawn
    assert "<script" not in drawn
