"""Invariant a, in the source itself: a ``Recommendation`` is made in decision/ and nowhere else."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import lendgate

SOURCE = Path(lendgate.__file__).parent
MAKERS = {"decision", "schema"}


def makes_one(code: str) -> list[int]:
    """Lines that construct, subclass or change a ``Recommendation``, under whatever name it was imported."""
    tree = ast.parse(code)
    names = {"Recommendation"} | {
        alias.asname
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.name == "Recommendation" and alias.asname
    }
    return sorted(
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef | ast.Call) and _offends(node, names)
    )


def _offends(node: ast.ClassDef | ast.Call, names: set[str]) -> bool:
    if isinstance(node, ast.ClassDef):
        return any(_named(base) in names for base in node.bases)
    if _named(node.func) in names:
        return True
    if not isinstance(node.func, ast.Attribute):
        return False
    owner = _named(node.func.value)
    constructs = node.func.attr == "model_construct" and owner in names
    changes = node.func.attr == "model_copy" and owner.lower() == "recommendation"
    return constructs or changes


def _named(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def test_invariant_a_only_decision_makes_a_recommendation() -> None:
    """Every module of the package is read; reading a stored one back (``model_validate``) is not making."""
    offenders = [
        f"{path.relative_to(SOURCE)}:{line}"
        for path in sorted(SOURCE.rglob("*.py"))
        if path.relative_to(SOURCE).parts[0] not in MAKERS
        for line in makes_one(path.read_text())
    ]
    assert offenders == []


@pytest.mark.parametrize(
    "code",
    [
        "Recommendation(outcome='eligible')",
        "review.Recommendation(outcome='eligible')",
        "from lendgate.schema import Recommendation as R\nR(outcome='eligible')",
        "Recommendation.model_construct(outcome='eligible')",
        "review.recommendation.model_copy(update={'outcome': 'eligible'})",
        "class Mine(Recommendation): ...",
    ],
)
def test_the_search_finds_a_maker(code: str) -> None:
    """The guard itself is not blind."""
    assert makes_one(code)


def test_the_search_leaves_readers_alone() -> None:
    """Reading back and annotating are allowed everywhere."""
    assert not makes_one("x: Recommendation = Recommendation.model_validate_json(row)")
