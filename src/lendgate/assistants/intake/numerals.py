"""Numbers in a person's words: digits with thousands and scale, number words in English and Spanish.

Law: exactly as said, or ``malformed``. In Spanish "85.000" is eighty-five thousand, as it is written there;
in English such a number could be two things and is malformed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from lendgate.analysis.spoken import NUMBER_WORDS, value_of
from lendgate.assistants.intake.text import Language

_DIGITS: Final = re.compile(
    r"(?<![\w.,/\[])(?P<sign>(?<!\d)-\s?)?(?P<money>\$\s?)?(?P<number>\d[\d.,]*\d|\d)(?![\w/]*/\d)"
)
_SCALE: Final = re.compile(
    r"\s?(?P<scale>k|mm|m|thousand|grand|million|mill?|mil|millones|millón|millon)\b", re.IGNORECASE
)
_SCALES: Final = {
    "k": 10**3, "thousand": 10**3, "grand": 10**3, "mil": 10**3,
    "m": 10**6, "mm": 10**6, "million": 10**6, "mill": 10**6,
    "millón": 10**6, "millon": 10**6, "millones": 10**6,
}  # fmt: skip
_ENGLISH_FORM: Final = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?|\d+(?:\.\d{1,4})?")
_SPANISH_FORM: Final = re.compile(r"\d{1,3}(?:\.\d{3})+(?:,\d{1,2})?|\d+,\d{1,2}")
_DOUBTFUL: Final = re.compile(r"\d{1,3}\.\d{3}")
_SPANISH_UNITS: Final = {
    word: value
    for value, words in {
        1: "un uno una", 2: "dos", 3: "tres", 4: "cuatro", 5: "cinco", 6: "seis", 7: "siete", 8: "ocho",
        9: "nueve", 10: "diez", 11: "once", 12: "doce", 13: "trece", 14: "catorce", 15: "quince",
        16: "dieciséis dieciseis", 17: "diecisiete", 18: "dieciocho", 19: "diecinueve", 20: "veinte",
        21: "veintiuno veintiún", 22: "veintidós veintidos", 23: "veintitrés veintitres", 24: "veinticuatro",
        25: "veinticinco", 26: "veintiséis veintiseis", 27: "veintisiete", 28: "veintiocho",
        29: "veintinueve", 30: "treinta", 40: "cuarenta", 50: "cincuenta", 60: "sesenta", 70: "setenta",
        80: "ochenta", 90: "noventa", 100: "cien ciento", 200: "doscientos doscientas",
        300: "trescientos trescientas", 400: "cuatrocientos", 500: "quinientos quinientas",
        600: "seiscientos", 700: "setecientos", 800: "ochocientos", 900: "novecientos",
    }.items()
    for word in words.split()
}  # fmt: skip
_SPANISH_SCALES: Final = {"mil": 10**3, "millón": 10**6, "millones": 10**6}
_ENGLISH_WORDS: Final = "|".join(sorted(NUMBER_WORDS, key=len, reverse=True))
_SPANISH_WORDS: Final = "|".join(sorted({**_SPANISH_UNITS, **_SPANISH_SCALES}, key=len, reverse=True))
_SPOKEN: Final[dict[Language, re.Pattern[str]]] = {
    "en": re.compile(
        rf"\b(?:{_ENGLISH_WORDS})(?:(?:[\s-]+|\s+and\s+)(?:{_ENGLISH_WORDS}))*\b", re.IGNORECASE
    ),
    "es": re.compile(rf"\b(?:{_SPANISH_WORDS})(?:(?:\s+|\s+y\s+)(?:{_SPANISH_WORDS}))*\b", re.IGNORECASE),
}
# "One" is most often no number: "that one", "una casa".
_ARTICLES: Final = frozenset({"one", "un", "uno", "una"})


@dataclass(frozen=True, slots=True)
class Number:
    """A number and where it stands; ``marked`` by a dollar sign, thousands or a scale as money."""

    value: Decimal
    start: int
    end: int
    marked: bool = False
    malformed: bool = False


def numbers(text: str, language: Language) -> list[Number]:
    """The numbers of plain text, in order."""
    found = [*_digits(text, language), *_spoken(text, language)]
    return sorted(found, key=lambda number: number.start)


def _digits(text: str, language: Language) -> Iterator[Number]:
    for match in _DIGITS.finditer(text):
        said = match["number"].rstrip(".,")
        end = match.start("number") + len(said)
        value, malformed = _value(said, language)
        scale = _SCALE.match(text, end)
        if scale:
            value, end = value * _SCALES[scale["scale"].lower()], scale.end()
        marked = bool(match["money"] or scale) or "," in said
        yield Number(value, match.start(), end, marked, malformed or bool(match["sign"]))


def _value(said: str, language: Language) -> tuple[Decimal, bool]:
    if language == "es" and _SPANISH_FORM.fullmatch(said):
        return Decimal(said.replace(".", "").replace(",", ".")), False
    if _ENGLISH_FORM.fullmatch(said) and not (language == "en" and _DOUBTFUL.fullmatch(said)):
        return Decimal(said.replace(",", "")), False
    return Decimal(0), True


def _spoken(text: str, language: Language) -> Iterator[Number]:
    for match in _SPOKEN[language].finditer(text):
        words = [word for word in re.split(r"[\s-]+", match[0].lower()) if word not in ("and", "y")]
        unit = re.match(r"\s*(?:years?|months?|años?|mes(?:es)?|and a half|y medio)\b", text[match.end() :])
        # A scale behind digits ("85 mil") belongs to them; a lone article is no number without a unit.
        if _continues_digits(text, match.start()) or (words[0] in _ARTICLES and len(words) == 1 and not unit):
            continue
        value = _english(words) if language == "en" else _spanish(words)
        scaled = any(word in _SPANISH_SCALES or word in _SCALES for word in words)
        yield Number(Decimal(value or 0), match.start(), match.end(), scaled, malformed=value is None)


def _continues_digits(text: str, start: int) -> bool:
    return bool(re.search(r"\d\s?$", text[:start]))


def _english(words: list[str]) -> int | None:
    """As ``analysis.spoken`` reads it; "fifteen hundred" too."""
    if len(words) == 2 and words[1] == "hundred" and words[0] in NUMBER_WORDS:  # noqa: PLR2004 - two words
        return NUMBER_WORDS[words[0]][1] * 100
    value = value_of(words)
    return None if value is None else int(value)


def _spanish(words: list[str]) -> int | None:
    total = group = 0
    for word in words:
        scale = _SPANISH_SCALES.get(word)
        if scale is None:
            part = _SPANISH_UNITS[word]
            if group and part >= group % 1000 and group % 1000:
                return None  # "dos tres": two numbers, not one
            group += part
        else:
            total, group = total + (group or 1) * scale, 0
    return total + group
