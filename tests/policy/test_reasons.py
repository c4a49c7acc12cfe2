"""The catalogue of public reasons: the form's words, their codes, and nothing that tells a threshold."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lendgate.errors import PolicyError
from lendgate.policy.reasons import CatalogueEntry, catalogue, entry_of, reason
from tests.policy.builders import PACKS

REGULATION = Path(__file__).resolve().parents[3] / "shared/data/regulation"
ENTRIES = list(catalogue().values())


def test_the_form_has_all_its_reasons_in_order() -> None:
    """Form C-1, Part I: twenty-three reasons and "Other"."""
    codes = [entry.code for entry in ENTRIES if entry.code.startswith("AA")]
    assert codes == [f"AA{number:02d}" for number in range(1, 25)]


def test_the_words_are_those_of_the_regulation() -> None:
    """Every AA text stands in Appendix C, Form C-1, Part I, in the same place."""
    files = sorted(REGULATION.glob("*.xml"))
    if not files:
        pytest.skip("../shared/data/regulation is not here")
    text = files[0].read_text()
    part = text[text.index('label="1002-C-I"') : text.index('label="1002-C-II"')]
    lines = [
        re.sub(r"<[^>]+>|^__|:\s*_+$", "", one) for one in re.findall(r"<content>(__.*?)</content>", part)
    ]
    printed = [re.sub(r"^_+|:\s*_+$", "", line) for line in lines]
    assert [entry.text for entry in ENTRIES if entry.code.startswith("AA")] == printed


@pytest.mark.parametrize("code", ["AA09", "HC01"])
def test_reason_by_code(code: str) -> None:
    """A code gives its published words and HMDA code."""
    found = reason(code)
    assert found.code == code
    assert found.text == catalogue()[code].text
    assert found.hmda_code == catalogue()[code].hmda


def test_excessive_obligations() -> None:
    """The reason most applications are declined for, in full."""
    found = reason("AA09")
    assert (found.text, found.hmda_code) == ("Excessive obligations in relation to income", 1)


def test_unknown_code_is_refused() -> None:
    """No reason is made up."""
    with pytest.raises(PolicyError, match="no public reason 'ZZ01'"):
        reason("ZZ01")


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.code)
def test_no_words_that_tell_or_hide(entry: CatalogueEntry) -> None:
    """No digit, no per cent; not "internal policy", "score" or "system" either (12 CFR 1002.9(b)(2))."""
    assert not re.search(r"[0-9%]|internal|standard|polic|score|system|algorithm|criteria", entry.text)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.code)
def test_only_words_of_missing_information_serve_as_unverifiable(entry: CatalogueEntry) -> None:
    """Unable to verify, incomplete or to be confirmed: these mark what could not be judged, nothing else."""
    says_so = entry.text.startswith("Unable to verify") or entry.text.endswith(("incomplete", "confirmed"))
    assert entry.unverifiable is says_so


@pytest.mark.parametrize("product", PACKS)
def test_every_rule_speaks_the_catalogues_words(product: str) -> None:
    """Both reasons of every rule are the catalogue's own, and fit to be what they are used as."""
    pack = next(pack for pack in PACKS.values() if pack.product == product)
    for rule in pack.rules:
        assert rule.reason == reason(rule.reason.code)
        assert entry_of(rule.unverifiable.code).unverifiable
        assert rule.effect == "refer" or entry_of(rule.reason.code).principal
