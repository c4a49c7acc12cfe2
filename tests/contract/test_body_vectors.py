"""The vectors of every body that is not an application, at the origin's parser."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from contract.shapes import SENT
from contract.vectors import FOLDER, Vector, judged_at_door, load_body_vectors
from lendgate.errors import InvalidRequestError
from lendgate.intake.body import parse_request

VECTORS = load_body_vectors()
READ = [(shape, vector) for shape, vector in VECTORS if not judged_at_door(vector)]
LEAST = 12
MAX_BODY = 65_536


def name(value: str | Vector) -> str:
    return value if isinstance(value, str) else value.name


@pytest.mark.parametrize(("shape", "vector"), READ, ids=name)
def test_the_origin_reaches_the_verdict(shape: str, vector: Vector) -> None:
    """Accepted, or refused with exactly the places the vector names."""
    try:
        parse_request(SENT[shape], vector.payload())
    except InvalidRequestError as refusal:
        found = ("reject", {error.pointer for error in refusal.errors})
    else:
        found = ("accept", set())
    assert found == (vector.verdict, set(vector.pointers)), vector.why


def test_every_shape_has_enough_vectors_of_both_verdicts() -> None:
    """At least 12 each; applications have files of their own."""
    shapes = Counter(shape for shape, _ in VECTORS)
    assert shapes.keys() == SENT.keys() - {"application"}
    assert {path.stem for path in (FOLDER / "bodies").glob("*.json")} == set(shapes)
    assert min(shapes.values()) >= LEAST
    assert {(shape, vector.verdict) for shape, vector in VECTORS} == {
        (shape, verdict) for shape in shapes for verdict in ("accept", "reject")
    }


@pytest.mark.parametrize(("shape", "vector"), VECTORS, ids=name)
def test_a_vector_is_well_formed(shape: str, vector: Vector) -> None:
    """Kebab-case name, one sentence of why, sorted pointers that fit the status, 413 where it is too long."""
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", vector.name), shape
    assert re.fullmatch(r".*[.?]", vector.why)
    assert vector.pointers == sorted(set(vector.pointers))
    assert (vector.verdict == "accept") is (vector.status == 200)
    assert bool(vector.pointers) is (vector.status == 422)
    assert (vector.status == 413) is (len(vector.payload()) > MAX_BODY)


def test_no_vector_is_there_twice() -> None:
    """Neither by name nor by bytes."""
    names = Counter((shape, vector.name) for shape, vector in VECTORS)
    bodies = Counter((shape, vector.payload()) for shape, vector in VECTORS)
    assert [one for one, count in (names + bodies).items() if count > 1] == []
