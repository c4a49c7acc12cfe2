"""Numbers spelled in words, for tests that read them back."""

from __future__ import annotations

from typing import Final

_SMALL: Final = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
)
_TENS: Final = "twenty thirty forty fifty sixty seventy eighty ninety"


def in_words(number: int, *, hyphen: bool = True, joined: bool = True) -> str:
    """``number`` below a billion in words; ``hyphen`` as in sixty-two, ``joined`` as in hundred and two."""
    for scale, word in ((10**6, "million"), (10**3, "thousand")):
        if number >= scale:
            head, rest = divmod(number, scale)
            tail = f" {in_words(rest, hyphen=hyphen, joined=joined)}" if rest else ""
            return f"{in_words(head, hyphen=hyphen, joined=joined)} {word}{tail}"
    if number >= 100:
        head, rest = divmod(number, 100)
        tail = (" and " if joined else " ") + _below_hundred(rest, hyphen=hyphen) if rest else ""
        return f"{_below_hundred(head, hyphen=hyphen)} hundred{tail}"
    return _below_hundred(number, hyphen=hyphen)


def _below_hundred(number: int, *, hyphen: bool) -> str:
    small = _SMALL.split()
    if number < len(small):
        return small[number]
    tens, rest = divmod(number, 10)
    word = _TENS.split()[tens - 2]
    return word + ("-" if hyphen else " ") + small[rest] if rest else word
