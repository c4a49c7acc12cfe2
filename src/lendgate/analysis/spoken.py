"""Numbers in words and in Roman numerals: "one hundred and twenty thousand", "sixty-two", "XII".

Law: every word that states a quantity is either read to its value or known as one that cannot be read;
none passes for an ordinary word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final, Literal

from lendgate.analysis.plain import words_in

Kind = Literal["digit", "teen", "tens", "hundred", "scale"]


def _kinds(kind: Kind, values: Iterable[int], words: str) -> dict[str, tuple[Kind, int]]:
    return {word: (kind, value) for word, value in zip(words.split(), values, strict=True)}


NUMBER_WORDS: Final = (
    _kinds("digit", range(1, 10), "one two three four five six seven eight nine")
    | _kinds(
        "teen",
        range(10, 20),
        "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen",
    )
    | _kinds("tens", range(20, 100, 10), "twenty thirty forty fifty sixty seventy eighty ninety")
    | _kinds("teen", [0, 0, 0], "zero nil nought")
    | _kinds("hundred", [100], "hundred")
    | _kinds("scale", [10**3, 10**6, 10**9], "thousand million billion")
)
_OPENING: Final = frozenset({"", "scale", "hundred"})
_MAY_FOLLOW: Final = {
    "digit": _OPENING | {"tens"},
    "teen": _OPENING,
    "tens": _OPENING,
    "hundred": frozenset({"", "scale", "digit", "teen"}),
    "scale": frozenset({"", "hundred", "digit", "teen", "tens"}),
}
_ABOVE_EVERY_SCALE: Final = 10**12
# Quantities without one exact value, or never wanted in a memo: not read, so never supported.
VAGUE: Final = words_in(
    "half halves third thirds fourth fourths fifth fifths sixth seventh eighth ninth tenth tenths quarter "
    "quarters twice thrice double doubled doubles doubling triple tripled triples quadruple quadrupled "
    "dozen dozens couple tens decade decades century digit digits"
)
# Inside a longer word ("aroundsixty", "hundreds", "twentieth") these can be nothing but a number ...
_TELLTALE: Final = re.compile(
    "twent(?:y|ie)|thirt|fort(?:y|ie)|fift|sixt|sevent|(?<!w)eight(?:y|ie)|ninet|hundred|thousand|illion|teen"
    "|eleven|twel[vf]"
)
# ... and the short ones when they run together or into a unit ("sixtwo", "tenpercent").
_SHORT: Final = "zero|one|two|three|four|five|six|seven|eight|nine|ten"
_RUN_TOGETHER: Final = re.compile(
    f"(?:{_SHORT}){{2,}}|(?:{_SHORT})+(?:percent|pct|years?|months?|dollars?|k|x)"
)
_ROMAN: Final = re.compile(r"(?=.)M{0,3}(CM|CD|D?C{0,3})(XC|XL|L?X{0,3})(IX|IV|V?I{0,3})", re.IGNORECASE)
_ROMAN_VALUES: Final = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100, "d": 500, "m": 1000}


def value_of(words: Iterable[str]) -> int | None:
    """The value of lower-case number words and "and"; None when they are not one number."""
    total = group = 0
    last, ceiling = "", _ABOVE_EVERY_SCALE
    for kind, value in (NUMBER_WORDS[word] for word in words if word != "and"):
        if last not in _MAY_FOLLOW[kind] or (kind == "scale" and value >= ceiling):
            return None
        if kind == "scale":
            total, group, ceiling = total + max(group, 1) * value, 0, value
        elif kind == "hundred":
            group = max(group, 1) * value
        else:
            group += value
        last = kind
    return total + group


@lru_cache(maxsize=4096)
def hides_a_number(word: str) -> bool:
    """Whether a lower-case word states a quantity without being one plain number word."""
    if word in NUMBER_WORDS:
        return False
    return word in VAGUE or bool(_TELLTALE.search(word) or _RUN_TOGETHER.fullmatch(word))


def roman_value(word: str) -> int | None:
    """The value of a Roman numeral in either case; None when the word is none."""
    if not _ROMAN.fullmatch(word):
        return None
    values = [_ROMAN_VALUES[letter] for letter in word.lower()]
    return sum(-one if one < other else one for one, other in zip(values, [*values[1:], 0], strict=True))
