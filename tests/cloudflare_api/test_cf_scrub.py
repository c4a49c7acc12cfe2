"""Secrets are blotted out wherever they stand."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lendgate.cloudflare.api.scrub import Scrub

SECRETS = st.text(st.characters(codec="ascii", exclude_characters="[]secrt"), min_size=6, max_size=40)


@given(st.lists(SECRETS, min_size=1, max_size=5), st.text(), st.text())
def test_no_secret_survives(secrets: list[str], before: str, after: str) -> None:
    """However secrets overlap, none is left in the text."""
    scrub = Scrub()
    for secret in secrets:
        scrub.learn(secret)
    text = scrub(before + "|".join(secrets) + after)
    assert not any(secret in text for secret in secrets)


def test_longer_secret_leaves_no_rest() -> None:
    """A secret that contains another one is taken out whole."""
    scrub = Scrub()
    scrub.learn("abcdef")
    scrub.learn("abcdef-ghi")
    assert scrub("key abcdef-ghi.") == "key [secret]."


def test_short_words_are_left() -> None:
    """What is too short to be a secret does not blot out ordinary words."""
    scrub = Scrub()
    scrub.learn("a")
    assert scrub("a word") == "a word"
