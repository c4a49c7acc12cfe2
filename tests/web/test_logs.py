"""Logs: JSON lines with ids and nothing about a person."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from io import StringIO

import pytest

from lendgate.web.logs import configure, request_id_of_log


@pytest.fixture
def stream() -> Iterator[StringIO]:
    """The log stream of this process, put back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    target = StringIO()
    configure("info", target)
    yield target
    root.handlers, root.level = handlers, level


def line(stream: StringIO) -> dict[str, object]:
    """The one line that was written."""
    parsed: dict[str, object] = json.loads(stream.getvalue())
    return parsed


def test_a_line_carries_the_request_id(stream: StringIO) -> None:
    """What one request caused can be found again."""
    token = request_id_of_log.set("q-1")
    logging.getLogger("lendgate").info("review completed", extra={"outcome": "refer"})
    request_id_of_log.reset(token)
    assert line(stream)["request_id"] == "q-1"
    assert line(stream)["outcome"] == "refer"


def test_members_that_are_not_allowed_are_left_out(stream: StringIO) -> None:
    """A name or a body given by mistake does not reach the log."""
    logging.getLogger("lendgate").info("review completed", extra={"applicant_name": "Ada"})
    assert "Ada" not in stream.getvalue()


def test_an_exception_is_logged_by_type_and_place_only(stream: StringIO) -> None:
    """Values in an exception's message may be personal data."""
    try:
        int("ssn 123-45-6789")
    except ValueError:
        logging.getLogger("lendgate").exception("the review failed")
    assert line(stream)["error"] == "ValueError"
    assert "123-45-6789" not in stream.getvalue()
