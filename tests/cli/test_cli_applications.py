"""Files of applications: each line handed on as it stood, each cell as the contract wants it."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import Any

import pytest

from lendgate.cli.applications import read_applications
from lendgate.cli.columns import UnreadableFileError
from lendgate.intake.parse import parse_application

GOOD = {"applicant_id": "A1", "income": 95000, "debt_to_income": 0.31}


def read(tmp_path: Path, name: str, content: bytes) -> list[bytes]:
    file = tmp_path / name
    file.write_bytes(content)
    return list(read_applications(str(file)))


def from_csv(tmp_path: Path, *rows: str) -> list[dict[str, Any]]:
    return [json.loads(body) for body in read(tmp_path, "a.csv", "\n".join(rows).encode())]


@pytest.mark.parametrize("body", [b'{"a": 1}', b'{\n "a": 1\n}\n', b"{not json", b"", b"\xff\xfe", b"1\n2"])
def test_a_json_file_is_handed_on_byte_for_byte(body: bytes, tmp_path: Path) -> None:
    """The gate judges what was written, faults and all."""
    assert read(tmp_path, "a.json", body) == [body]


def test_a_list_is_many_applications(tmp_path: Path) -> None:
    """One body each."""
    bodies = read(tmp_path, "a.json", json.dumps([GOOD, {"applicant_id": "A2"}]).encode())
    assert [json.loads(body)["applicant_id"] for body in bodies] == ["A1", "A2"]


def test_lines_are_applications_and_stay_as_they_are(tmp_path: Path) -> None:
    """Blank lines are none; a broken line is somebody's application, to be refused on its own."""
    lines = [b'{"a":1}\n', b"\n", b"{broken\n", b'{"b":2}']
    assert read(tmp_path, "a.jsonl", b"".join(lines)) == [lines[0], lines[2], lines[3]]
    assert read(tmp_path, "a.NDJSON", b'{"a":1}\n') == [b'{"a":1}\n']


def test_standard_input_may_be_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """`lendgate review -` takes what a pipe gives."""
    given = io.TextIOWrapper(io.BytesIO(b'{"a":1}\n{"b":2}\n'))
    monkeypatch.setattr("sys.stdin", given)
    assert list(read_applications("-")) == [b'{"a":1}\n', b'{"b":2}\n']


@pytest.mark.parametrize(
    ("given", "bodies"),
    [
        (b'{\n "a": 1\n}\n', [b'{\n "a": 1\n}\n']),
        (b'[{"a":1},\n {"b":2}]', [b'{"a":1}', b'{"b":2}']),
        (b'\n{"a":1}', [b'{"a":1}']),
        (b"{not json\n", [b"{not json\n"]),
        (b"", [b""]),
    ],
)
def test_standard_input_may_be_one_application_or_a_list(
    given: bytes, bodies: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then it is what a file of it would be."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(given)))
    assert list(read_applications("-")) == bodies


def test_lines_of_standard_input_are_read_as_they_come(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first application is there while the pipe is open and the second is not written yet."""
    end, begin = os.pipe()
    with os.fdopen(end) as given, os.fdopen(begin, "wb", buffering=0) as writing:
        monkeypatch.setattr("sys.stdin", given)
        writing.write(b'{"a":1}\n')
        bodies = read_applications("-")
        assert next(bodies) == b'{"a":1}\n'
        writing.write(b'\n{"b":2}')
        writing.close()
        assert list(bodies) == [b'{"b":2}']


def test_cells_become_what_the_contract_wants(tmp_path: Path) -> None:
    """Numbers, booleans and text by the schema's types; an empty cell was left out; dots reach inside."""
    (body,) = from_csv(
        tmp_path,
        "applicant_id,income,debt_to_income,employment_years,external_ref,credit.score,credit.bureau",
        "101,95000.50,0.31,,202,752,TransUnion",
    )
    assert body == {
        "applicant_id": "101",
        "income": 95000.5,
        "debt_to_income": 0.31,
        "external_ref": "202",
        "credit": {"score": 752, "bureau": "TransUnion"},
    }
    parse_application(json.dumps(body).encode())


def test_text_inside_objects_stays_text(tmp_path: Path) -> None:
    """A postal code of digits is no number."""
    (body,) = from_csv(
        tmp_path,
        "applicant_id,income,debt_to_income,property.county_fips,property.address.line,property.address.city,"
        "property.address.state,property.address.postal_code,property.units",
        "A1,95000,0.31,48453,1 Main St,Austin,TX,78701,2",
    )
    assert body["property"]["county_fips"] == "48453"
    assert body["property"]["address"]["postal_code"] == "78701"
    assert body["property"]["units"] == 2
    parse_application(json.dumps(body).encode())


@pytest.mark.parametrize("cell", ["31%", "$95,000", "ninety", "0x10", "null", "[1]", "1e999", "NaN"])
def test_a_cell_that_is_no_number_is_not_guessed(cell: str, tmp_path: Path) -> None:
    """It reaches the gate as it was typed, or as what no gate accepts."""
    (body,) = from_csv(tmp_path, "applicant_id,income,debt_to_income", f'A1,"{cell}",0.31')
    assert str(body["income"]).lower() in {cell.lower(), "inf", "nan"}


def test_a_spreadsheets_byte_order_mark_and_line_ends_do_not_matter(tmp_path: Path) -> None:
    """What Excel writes."""
    content = "\ufeffapplicant_id, income ,debt_to_income\r\nA1, 95000 ,0.31\r\n"
    (body,) = read(tmp_path, "a.csv", content.encode())
    assert json.loads(body) == GOOD


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", b"applicant_id,income\nJos\xe9,1\n", "as CSV in UTF-8"),
        ("a.csv", b'applicant_id,income\n"A1,1\n', "as CSV in UTF-8"),
        ("a.csv", b"applicant_id,income\nA1,1,2\n", "line 2 has more cells than the header has names"),
        ("a.csv", b"credit,credit.score\n5,700\n", "credit and credit.score cannot both be filled"),
        ("a.xlsx", b"PK", "ends in .xlsx: give .json, .jsonl, .csv or .parquet"),
        ("applications", b"{}", "without ending"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(name: str, content: bytes, words: str, tmp_path: Path) -> None:
    """A sentence, not a trace."""
    with pytest.raises(UnreadableFileError, match=words):
        read(tmp_path, name, content)


def test_a_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    """With its name and the system's reason."""
    with pytest.raises(UnreadableFileError, match=r"nowhere\.json: No such file"):
        list(read_applications(str(tmp_path / "nowhere.json")))


def test_a_large_file_is_read_a_line_at_a_time(tmp_path: Path) -> None:
    """The first application is there before the last was read."""
    file = tmp_path / "many.jsonl"
    file.write_bytes(b'{"a":1}\n' * 50_000)
    applications = read_applications(str(file))
    assert next(applications) == b'{"a":1}\n'
    applications.close()  # type: ignore[attr-defined]  # it is a generator
