"""What makes a pack unusable, one refusal at a time, each with the place and the mend."""

from __future__ import annotations

import hashlib
from dataclasses import FrozenInstanceError
from datetime import date

import pytest

from lendgate.errors import PolicyError
from lendgate.policy.pack import load_pack

PACK = """\
id: tiny
version: "1"
product: personal_loan
title: Tiny policy
as_of: 2026-11-22
effective_from: 2026-01-01
source: none
jurisdiction: none
disclaimer: sample, not advice
needs: [/income]
documents:
  - {type: pay_stub, needed: 1, why: Shows earnings}
limits:
  max_dti:
    unit: ratio
    values:
      - {from: 2025-01-01, value: 0.45, source: before}
      - {from: 2026-01-01, value: 0.40, source: now}
rules:
  - id: debt_to_income
    title: Debt-to-income ratio
    require: back_end_dti <= limit_max_dti
    effect: decline
    reason: AA09
    unverifiable: AA10
    rank: 1
    core: true
    citation: none
    note: private
"""
SPARE = "  spare: {unit: score, values: [{from: 2026-01-01, value: 1, source: x}]}"
RULE = PACK[PACK.index("  - id: debt_to_income") :]


def refusal(text: str) -> str:
    """Why a pack is refused."""
    with pytest.raises(PolicyError) as refused:
        load_pack("tiny.yaml", text.encode())
    return str(refused.value)


def test_a_sound_pack_loads() -> None:
    """The pack every refusal below is made from is itself in order."""
    pack = load_pack("tiny.yaml", PACK.encode())
    assert (pack.reference.id, pack.reference.version, pack.product) == ("tiny", "1", "personal_loan")
    assert [rule.id for rule in pack.rules] == ["debt_to_income"]
    assert pack.needs == ("/income",)


def test_the_hash_is_of_the_exact_bytes() -> None:
    """One blank more is another policy."""
    for text in (PACK, PACK + "\n"):
        sha256 = load_pack("tiny.yaml", text.encode()).reference.sha256
        assert sha256 == hashlib.sha256(text.encode()).hexdigest()


def test_a_pack_cannot_be_changed() -> None:
    """Neither its fields nor its limits."""
    pack = load_pack("tiny.yaml", PACK.encode())
    with pytest.raises(FrozenInstanceError):
        pack.rules = ()  # type: ignore[misc]
    with pytest.raises(TypeError):
        pack.limits["max_dti"] = pack.limits["max_dti"]  # type: ignore[index]


@pytest.mark.parametrize(
    ("old", "new", "complaints"),
    [
        ("back_end_dti <=", "back_end_dtj <=", ["require", "did you mean 'back_end_dti'?"]),
        ("limit_max_dti\n", "limit_min_dti\n", ["'debt_to_income'", "no fact or limit 'limit_min_dti'"]),
        ("back_end_dti <=", "annual_income <=", ["'debt_to_income'", "usd", "ratio"]),
        ("back_end_dti <= limit_max_dti", "back_end_dti", ["'debt_to_income'", "not true or false"]),
        ("back_end_dti <= limit_max_dti", "'true'", ["'debt_to_income'", "names no fact"]),
        ("back_end_dti <= limit_max_dti", "back_end_dti <=", ["'debt_to_income'", "type-check"]),
        ("back_end_dti <= limit_max_dti", "limit_max_dti == limit_max_dti", ["names no fact"]),
        ("back_end_dti <= limit_max_dti", '""', ["require", "at least 1 character"]),
        ("    effect: decline", "    when: ltv\n    effect: decline", ["when", "not true or false"]),
        ("    effect: decline", "    effect: reject", ["'debt_to_income'", "effect"]),
        ("    reason: AA09\n", "", ["'debt_to_income'", "reason is missing; add it"]),
        ("reason: AA09", "reason: AA99", ["'debt_to_income'", "no public reason 'AA99'"]),
        ("reason: AA09", "reason: AA24", ["AA24 cannot be a principal reason"]),
        ("reason: AA09", "reason: HC14", ["HC14 cannot be a principal reason"]),
        ("    unverifiable: AA10\n", "", ["unverifiable is missing"]),
        ("unverifiable: AA10", "unverifiable: AA09", ["AA09 does not say that something is unverified"]),
        ("note: private", "note: private\n    weight: 3", ["weight is not a known key"]),
        ("version:", "verzion:", ["verzion is not a known key", "version is missing"]),
        ("core: true", "core: false", ["no rule is marked 'core: true'"]),
        ("    core: true", "    core: true\n    when: foreclosure", ["a core rule applies to everyone"]),
        ("rank: 1", "rank: 0", ["rank"]),
        ("rank: 1", 'rank: "1"', ["rank"]),
        ("title: Debt-to-income ratio", "title: At most 40", ["title has a digit or a per cent sign"]),
        ("title: Debt-to-income ratio", "title: Low % of income", ["title has a digit or a per cent sign"]),
        ("title: Tiny policy", "title: Tiny policy 2", ["title has a digit or a per cent sign"]),
        ("why: Shows earnings", "why: Shows 30 days", ["why has a digit or a per cent sign"]),
        ("type: pay_stub", "type: payslip", ["documents.0.type"]),
        ("needed: 1", "needed: 0", ["documents.0.needed"]),
        ("id: debt_to_income", "id: Rule1", ["id"]),
        ("[/income]", "[/incomes]", ["/incomes is no field of an application"]),
        ("[/income]", "[/property/colour]", ["/property/colour is no field"]),
        ("[/income]", "[/applicants/name]", ["/applicants/name is no field"]),
        ("[/income]", "[income]", ["income is no field"]),
        ("product: personal_loan", "product: car_loan", ["product"]),
        ("unit: ratio", "unit: percent", ["limits.max_dti.unit"]),
        ("unit: ratio", "unit: score", ["no whole number of score"]),
        ("value: 0.40", "value: 0.4000001", ["more decimals than ratio carries"]),
        ("value: 0.40", 'value: "0.40"', ["limits.max_dti.values.1.value"]),
        ("value: 0.40", "value: .nan", ["limits.max_dti.values.1.value"]),
        ("from: 2026-01-01,", "from: 2025-01-01,", ["two values begin on the same day"]),
        ("effective_from: 2026-01-01", "effective_from: 2024-12-31", ["no value is in force on 2024-12-31"]),
        ("source: now", 'source: ""', ["limits.max_dti.values.1.source"]),
        ("limits:", f"limits:\n{SPARE}", ["limit 'spare': no rule uses it"]),
        ("id: tiny", "id: tiny\nid: other", ["line 2", "'id' is given twice"]),
        ("    rank: 1", "    rank: 1\n    rank: 2", ["'rank' is given twice"]),
        ("id: tiny", "id: [tiny", ["is not YAML"]),
        ("id: tiny", "id: !!python/object:os.system {}", ["is not YAML"]),
        (RULE, "  []\n", ["rules is empty"]),
        (RULE, RULE + RULE, ["the id is used twice"]),
    ],
)  # fmt: skip
def test_refused(old: str, new: str, complaints: list[str]) -> None:
    """One thing wrong: refused, with the file and the place."""
    assert old in PACK
    message = refusal(PACK.replace(old, new, 1))
    assert message.startswith("tiny.yaml: ")
    for complaint in complaints:
        assert complaint in message


@pytest.mark.parametrize("text", ["", "[]", "text", "rules: []"])
def test_what_is_no_pack_is_refused(text: str) -> None:
    """An empty file, a list, a word."""
    assert refusal(text).startswith("tiny.yaml: ")


def test_bytes_that_are_not_utf8_are_refused() -> None:
    """UTF-8 only."""
    with pytest.raises(PolicyError, match="UTF-8"):
        load_pack("tiny.yaml", b"\xff\xfe")


def test_limits_change_on_their_day() -> None:
    """The last day of the old value and the first of the new."""
    pack = load_pack("tiny.yaml", PACK.encode())
    days = (date(2024, 12, 31), date(2025, 1, 1), date(2025, 12, 31), date(2026, 1, 1))
    assert [pack.edition_on(day).values.get("limit_max_dti") for day in days] == [None, 0.45, 0.45, 0.40]
