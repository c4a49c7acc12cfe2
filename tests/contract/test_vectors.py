"""The contract vectors at the origin's parser, and the order the vectors themselves must keep."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

import pytest
from pydantic import ValidationError

from contract.gate_schema import flatten
from contract.generate import DIALECT
from contract.vectors import FOLDER, Vector, judged_at_door, load_vectors
from lendgate.errors import InvalidBodyError
from lendgate.intake.parse import parse_application
from lendgate.schema.submission import ApplicationSubmission

VECTORS = load_vectors()
READ = [vector for vector in VECTORS if not judged_at_door(vector)]
ACCEPTED = [vector for vector in READ if vector.verdict == "accept"]
AT_DOOR = [vector for vector in VECTORS if judged_at_door(vector)]
MAX_BODY = 262_144
POINTER = re.compile(r"(/([^~/]|~[01])*)*", re.DOTALL)


def name(vector: Vector) -> str:
    return vector.name


def verdict_of(body: bytes) -> tuple[str, set[str]]:
    try:
        parse_application(body)
    except InvalidBodyError as refusal:
        return "reject", {error.pointer for error in refusal.errors}
    return "accept", set()


@pytest.mark.parametrize("vector", READ, ids=name)
def test_the_origin_reaches_the_verdict(vector: Vector) -> None:
    """The origin's parser accepts or refuses, and names exactly the places the vector names."""
    assert verdict_of(vector.payload()) == (vector.verdict, set(vector.pointers)), vector.why


@pytest.mark.parametrize("vector", ACCEPTED, ids=name)
def test_what_was_accepted_reads_back_the_same(vector: Vector) -> None:
    """An accepted application, written out, is accepted again and is written out the same."""
    written = parse_application(vector.payload()).application.model_dump_json(exclude_none=True)
    assert parse_application(written.encode()).application.model_dump_json(exclude_none=True) == written


def test_there_are_enough_vectors_and_each_has_one_name() -> None:
    """At least 120 vectors, no name twice, and both verdicts are well represented."""
    names = Counter(vector.name for vector in VECTORS)
    assert len(VECTORS) >= 120
    assert [name for name, count in names.items() if count > 1] == []
    assert len(ACCEPTED) >= 50


def test_no_two_vectors_are_the_same_request() -> None:
    """A second vector with the same bytes and headers would say nothing new."""
    requests = Counter((v.payload(), v.content_type, v.content_encoding) for v in VECTORS)
    same = [v.name for v in VECTORS if requests[v.payload(), v.content_type, v.content_encoding] > 1]
    assert same == []


@pytest.mark.parametrize("vector", VECTORS, ids=name)
def test_a_vector_is_well_formed(vector: Vector) -> None:
    """Kebab-case name, one sentence of why, sorted RFC 6901 pointers that fit the status."""
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", vector.name)
    assert vector.why.endswith(".")
    assert vector.pointers == sorted(set(vector.pointers))
    assert all(POINTER.fullmatch(pointer) for pointer in vector.pointers)
    assert (vector.verdict == "accept") is (vector.status == 200)
    assert bool(vector.pointers) is (vector.status == 422)


@pytest.mark.parametrize("vector", VECTORS, ids=name)
def test_the_body_cap_is_where_the_vectors_say(vector: Vector) -> None:
    """Exactly the vectors above the cap are answered with 413."""
    assert (vector.status == 413) is (len(vector.payload()) > MAX_BODY)


@pytest.mark.parametrize("vector", AT_DOOR, ids=name)
def test_a_vector_of_the_door_differs_in_headers_or_size(vector: Vector) -> None:
    """What only the door can judge shows in the headers or in the size."""
    plain = vector.content_type == "application/json" and vector.content_encoding is None
    assert (vector.status == 415) is not plain


@pytest.mark.parametrize("folder", ["accept", "reject"])
def test_a_vector_lies_in_the_folder_of_its_verdict(folder: str) -> None:
    """Readers find a vector by its verdict."""
    from_folder = {path.stem for path in (FOLDER / folder).glob("*.json")}
    assert from_folder == {vector.name for vector in VECTORS if vector.verdict == folder}


def test_one_vector_holds_every_field_of_the_contract() -> None:
    """A field added to the contract must be added to the vector that has every field."""
    (vector,) = (vector for vector in VECTORS if vector.name == "mortgage-every-field")
    schema = flatten({"$schema": DIALECT, **ApplicationSubmission.model_json_schema()})
    wanted = set(_fields(schema))
    assert set(_fields_of(json.loads(vector.payload()))) == wanted


@pytest.mark.parametrize(
    "broken",
    [
        {"body": None},
        {"body_base64": "e30="},
        {"status": 400},
        {"verdict": "maybe"},
        {"pointer": ""},
    ],
)
def test_a_vector_with_a_wrong_member_is_refused(broken: dict[str, Any]) -> None:
    """A typing error in a vector must not silently weaken it."""
    good = {"name": "n", "why": "w.", "body": "{}", "verdict": "reject", "status": 422, "pointers": [""]}
    with pytest.raises(ValidationError):
        Vector.model_validate(good | broken)


def _fields(schema: dict[str, Any], at: str = "") -> list[str]:
    """Every member the schema knows, list items written as ``/*``."""
    found = []
    for key, member in schema.get("properties", {}).items():
        found += [f"{at}/{key}", *_fields(member, f"{at}/{key}")]
    return found + (_fields(schema["items"], f"{at}/*") if "items" in schema else [])


def _fields_of(value: Any, at: str = "") -> list[str]:
    """Every member the value has, list items written as ``/*``."""
    if isinstance(value, list):
        return [field for item in value for field in _fields_of(item, f"{at}/*")]
    if not isinstance(value, dict):
        return []
    nested = [field for key, item in value.items() for field in _fields_of(item, f"{at}/{key}")]
    return [*(f"{at}/{key}" for key in value), *nested]
