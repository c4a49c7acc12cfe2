"""What is generated is what the models say, and flattening changes nothing but the form."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from contract import generate
from contract.gate_schema import flatten
from contract.shapes import SENT

Schema = dict[str, Any]
SHAPES = {name: json.loads((generate.ROOT / f"contract/schemas/{name}.json").read_text()) for name in SENT}


@pytest.mark.parametrize("path", sorted(generate.files()), ids=lambda path: path.name)
def test_a_generated_file_is_what_the_models_say(path: Path) -> None:
    """The committed file equals the generated text; `make contract` writes it anew."""
    assert path.read_text("utf-8") == generate.files()[path]


def test_check_names_the_files_that_drifted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """``--check`` fails and names a missing or altered file, and passes once the files are written."""
    monkeypatch.setattr(generate, "ROOT", tmp_path)
    assert generate.main(["--check"]) == 1
    assert "contract/schemas/application.json is not what the models say" in capsys.readouterr().out
    assert generate.main([]) == 0
    assert generate.main(["--check"]) == 0
    (tmp_path / "contract/schemas/review.json").write_text("{}\n")
    assert generate.main(["--check"]) == 1


@pytest.fixture(params=SHAPES)
def published(request: pytest.FixtureRequest) -> Schema:
    """The published schema of one body that callers send."""
    schema: Schema = SHAPES[request.param]
    return schema


def test_flattening_leaves_no_reference_and_no_choice(published: Schema) -> None:
    """The Worker's validator is compiled from one flat schema: one fault, one error, at its place."""
    keywords = {keyword for node in _nodes(flatten(published)) for keyword in node}
    assert keywords.isdisjoint({"$ref", "$defs", "anyOf", "oneOf", "allOf"})


def test_flattening_keeps_members_required_lists_and_strictness(published: Schema) -> None:
    """Every object has the same members, the same required ones, and refuses the same unknown ones."""
    flat = flatten(published)
    assert dict(_objects(flat, {})) == dict(_objects(published, published.get("$defs", {})))
    assert all(closed for _, (_, _, closed) in _objects(flat, {}))


def test_flattening_lets_only_optional_members_be_null(published: Schema) -> None:
    """``null`` means left out, so exactly the members that may be left out take it."""
    for node in _nodes(flatten(published)):
        for name, member in node.get("properties", {}).items():
            assert ("null" in member["type"]) is (name not in node.get("required", [])), name
            if "enum" in member:
                assert ("null" in member["type"]) is (None in member["enum"]), name


def test_flattening_keeps_every_rule_of_a_value(published: Schema) -> None:
    """Patterns, bounds, formats and words are the published ones."""
    rules = ("pattern", "minimum", "maximum", "multipleOf", "minLength", "maxLength", "format")
    values = dict(_values(published, published.get("$defs", {})))
    for place, member in _values(flatten(published), {}):
        for rule in rules:
            assert member.get(rule) == values[place].get(rule), f"{rule} at {place}"


def test_flattening_does_not_touch_its_argument(published: Schema) -> None:
    """The published schema stays as it is."""
    before = copy.deepcopy(published)
    flatten(published)
    assert before == published


@pytest.mark.parametrize(
    "choice",
    [
        [{"type": "string"}, {"type": "number"}],
        [{"type": "string"}],
        [{"type": "null"}, {"type": "null"}],
        [{"type": "string"}, {"type": "number"}, {"type": "null"}],
    ],
)
def test_flattening_refuses_a_choice_it_does_not_know(choice: list[Schema]) -> None:
    """Only "X or null" can be written as one type; anything else must not be flattened by guess."""
    with pytest.raises(ValueError, match="only anyOf"):
        flatten({"type": "object", "properties": {"a": {"anyOf": choice}}})


def _nodes(node: Any) -> Iterator[Schema]:
    """Every object within a schema."""
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from _nodes(value)
    elif isinstance(node, list):
        for item in node:
            yield from _nodes(item)


def _values(node: Schema, definitions: Schema, at: str = "") -> Iterator[tuple[str, Schema]]:
    """Every place a body can have and its schema: references and "X or null" looked through."""
    if "$ref" in node:
        node = {**definitions[node["$ref"].removeprefix("#/$defs/")], **node}
    for branch in node.get("anyOf", []):
        if branch != {"type": "null"}:
            yield from _values(branch, definitions, at)
            return
    yield at, node
    for name, member in node.get("properties", {}).items():
        yield from _values(member, definitions, f"{at}/{name}")
    if "items" in node:
        yield from _values(node["items"], definitions, f"{at}/*")


def _objects(node: Schema, definitions: Schema) -> Iterator[tuple[str, tuple[set[str], set[str], bool]]]:
    """Every object a body can have: its members, the required ones, and whether it is closed."""
    for place, value in _values(node, definitions):
        if "properties" in value:
            closed = value.get("additionalProperties") is False
            yield place, (set(value["properties"]), set(value.get("required", [])), closed)
