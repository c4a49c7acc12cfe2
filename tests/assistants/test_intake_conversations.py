"""Whole conversations without a key: each ends in the right application."""

from __future__ import annotations

import json

import pytest

from lendgate.assistants.intake.application import application_body
from lendgate.intake.parse import parse_application
from tests.assistants.scripts import NAMES, Talk, script


@pytest.mark.parametrize("name", NAMES)
def test_conversation_ends_as_its_script_says(name: str) -> None:
    """Every value, no more and no less, and on the way the answers it names."""
    played = script(name)
    talk = Talk.begun(played.language, played.product)
    for line in played.lines:
        assert line.holds in talk.tell(line.said), f"{line.said!r} was answered {talk.said[-1]!r}"
    assert talk.state.values == played.known
    assert talk.state.phase == played.phase


@pytest.mark.parametrize("name", NAMES)
def test_what_was_confirmed_is_a_valid_application(name: str) -> None:
    """It passes the same parsing as an application that was sent directly."""
    played = script(name)
    talk = Talk.begun(played.language, played.product)
    talk.tell(*(line.said for line in played.lines))
    body = json.dumps(application_body(talk.state, "S-1")).encode()
    application = parse_application(body).application
    assert application.product == played.known["product"]
    assert application.income >= 0


def test_there_are_twenty_of_them() -> None:
    """Terse, chatty, out of order, corrected, Spanish, hostile, in fragments."""
    assert len(NAMES) >= 20
