"""Identifiers: found however they are written, sealed or removed, and amounts left alone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lendgate.assistants.intake.identifiers import Tokenized, tokenize
from lendgate.assistants.intake.text import plain
from lendgate.workflow.intake import new_token
from tests.assistants.scripts import tokens


def tokenized(text: str) -> Tokenized:
    """A text as the assistant gets it."""
    vault = tokens()
    return tokenize(plain(text), lambda: next(vault))


@pytest.mark.parametrize(
    "written",
    [
        "123-45-6789", "123 45 6789", "123456789", "123.45.6789", "123/45/6789", "123 - 45 - 6789",
        "123_45_6789",
        "\uff11\uff12\uff13-\uff14\uff15-\uff16\uff17\uff18\uff19",
        "123\u201345\u20136789", "123-45\u200b-6789",
        "12\u200d3-45-6789",
        "my ssn:123-45-6789.",
        "12345 6789",
    ],
)  # fmt: skip
def test_social_security_number_becomes_a_token(written: str) -> None:
    """The digits are in the vault's hands only."""
    found = tokenized(f"it is {written} ok")
    assert found.removed
    assert [one.digits for one in found.sealable] == ["123456789"]
    assert "6789" not in found.text
    assert "[tok_00000001]" in found.text


@pytest.mark.parametrize(
    "written",
    [
        "4111 1111 1111 1111", "4111-1111-1111-1111", "4111111111111111", "account 12345678",
        "acct ending 4821",
        "routing: 021000021", "call me at 555-123-4567", "(555) 123-4567", "+1 555 123 4567", "cuenta 123456",
        "mi tarjeta 4111 1111", "passport 12345678", "one two three four five six seven eight nine",
        "cuatro uno uno uno cinco seis siete ocho",
    ],
)  # fmt: skip
def test_other_numbers_are_removed(written: str) -> None:
    """Accounts, cards and telephones are kept nowhere."""
    found = tokenized(written)
    assert found.removed
    assert not any(character.isdigit() for character in found.text.replace("tok_00000001", ""))


@pytest.mark.parametrize(
    "text",
    [
        "I make 85,000 a year", "$1,200,000", "1200000", "1.200.000 dólares", "since 2019-03-01",
        "80000-90000",
        "12 Oak St, Austin, TX 78701-1234", "1234567.50", "3 years and 4 months, 1,200 and 300", "$123456789",
    ],
)  # fmt: skip
def test_amounts_dates_and_addresses_are_left_alone(text: str) -> None:
    """What is no identifier stays as it was written."""
    assert tokenized(text) == Tokenized(text, (), removed=False)


@given(
    st.integers(100_000_000, 999_999_999).map(str),
    st.sampled_from(["-", " ", ".", "", " - "]),
    st.sampled_from(["my social is {}", "{}", "use {} please", "SSN{}", "it's {}, ok?"]),
)
def test_no_social_security_number_comes_through(digits: str, mark: str, words: str) -> None:
    """However it is grouped and wherever it stands."""
    written = words.format(f" {digits[:3]}{mark}{digits[3:5]}{mark}{digits[5:]}")
    found = tokenized(written).text
    assert digits not in "".join(
        character for character in found.replace("tok_00000001", "") if character.isdigit()
    )


def test_a_vaults_token_is_left_alone() -> None:
    """Letters only: no part of it is taken for an account number."""
    for _ in range(200):
        found = tokenize("my ssn is 123-45-6789", new_token)
        assert found.text == f"my ssn is [{found.sealable[0].token}]"
