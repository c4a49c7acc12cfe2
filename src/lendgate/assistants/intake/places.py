"""Names and addresses as people write them.

Law: nothing is guessed: an address needs its street, city, state and ZIP, a name at least two words.
"""

from __future__ import annotations

import re
from typing import Final

from lendgate.analysis.plain import words_in

_STATES: Final = {
    name: code
    for code, _, name in (pair.partition(":") for pair in words_in(
        "AL:alabama AK:alaska AZ:arizona AR:arkansas CA:california CO:colorado CT:connecticut DE:delaware "
        "FL:florida GA:georgia HI:hawaii ID:idaho IL:illinois IN:indiana IA:iowa KS:kansas KY:kentucky "
        "LA:louisiana ME:maine MD:maryland MA:massachusetts MI:michigan MN:minnesota MS:mississippi "
        "MO:missouri MT:montana NE:nebraska NV:nevada NH:new-hampshire NJ:new-jersey NM:new-mexico "
        "NY:new-york NC:north-carolina ND:north-dakota OH:ohio OK:oklahoma OR:oregon PA:pennsylvania "
        "RI:rhode-island SC:south-carolina SD:south-dakota TN:tennessee TX:texas UT:utah VT:vermont "
        "VA:virginia WA:washington WV:west-virginia WI:wisconsin WY:wyoming DC:district-of-columbia "
        "PR:puerto-rico"
    ))
}  # fmt: skip
_CODES: Final = frozenset(_STATES.values())
_STATE: Final = "|".join([*(name.replace("-", r"\s") for name in sorted(_STATES)), *sorted(_CODES)])
_STREET: Final = (
    r"st|street|ave|avenue|rd|road|blvd|boulevard|dr|drive|ln|lane|ct|court|way|pl|place|ter|terrace|cir|"
    r"circle|pkwy|parkway|hwy|highway|trail|trl|loop|calle|avenida"
)
_ADDRESS: Final = re.compile(
    r"(?<!\w)(?P<line>\d{1,6}[A-Za-z]?\s(?:[^,\d]|\d(?=\w*(?:st|nd|rd|th)\b)){2,50}?"
    rf"(?:(?:\s(?:apt|unit|suite|#)\.?\s?\w{{1,6}}))?)(?:\s*,\s*|(?<=\b)(?<=[a-z.\d])\s+)"
    rf"(?P<city>[A-Za-z][A-Za-z .'-]{{1,40}}?)\s*,?\s+(?P<state>{_STATE})\.?\s*,?\s+"
    r"(?P<zip>\d{5}(?:-\d{4})?)(?!\d)",
    re.IGNORECASE,
)
_ENDS_AS_STREET: Final = re.compile(
    rf"^(?P<line>.*?\b(?:{_STREET})\b\.?(?:\s(?:apt|unit|suite|#)\.?\s?\w{{1,6}})?),?\s+(?P<city>\D+)$",
    re.IGNORECASE,
)
_LEAD: Final = re.compile(
    r"^\W*(?:(?:hi|hello|hola|sure|ok|yes|sí)[,.! ]+)*(?:my (?:full )?name is|my name's|the name is|name is|"
    r"name:|i am|i'm|it is|it's|this is|me llamo|mi nombre(?: completo)? es|soy|es)?\s*",
    re.IGNORECASE,
)
_NAMED: Final = re.compile(
    r"\b(?:my (?:full )?name is|my name's|me llamo|mi nombre(?: completo)? es)\s+"
    r"(?P<name>[^\W\d_][\w.'-]*(?:\s[^\W\d_][\w.'-]*){1,4})",
    re.IGNORECASE,
)
_NAME_WORD: Final = re.compile(r"[^\W\d_][^\W\d_.'-]*(?:[.'-][^\W\d_]*)*")
_NOT_NAMES: Final = words_in(
    "a an the and or not i you is are am was want need have looking for to from with applying my your me it "
    "un una y o no yo usted es soy estoy quiero necesito tengo para con mi su que what why how where when "
    "who hello hi hola sure ok okay yes sí please thanks loan mortgage"
)
_NAME_ENDS: Final = words_in("and y i need want looking quiero necesito busco")
_MOST_WORDS: Final = 5
_FEWEST_WORDS: Final = 2
_MOST_EMPLOYER_WORDS: Final = 8
_LONGEST: Final = 120
"""Characters of ``schema.Name``."""
_EMPLOYER_LEAD: Final = re.compile(
    r"^\W*(?:(?:i )?(?:work|am employed|currently work|have worked|worked)?\s*(?:at|for|by|with)|"
    r"i'm (?:at|with)|it's called|it's|it is|the name is|my (?:employer|business|company) is(?: called)?|"
    r"called|trabajo (?:en|para)|se llama|es|mi (?:empresa|negocio) (?:es|se llama))\s+",
    re.IGNORECASE,
)
_BARE: Final = re.compile(
    r"\W*(?:yes|no|yeah|nope|ok|okay|sí|si|none|nothing|nada|ninguno|same|idk|n/a)\W*", re.IGNORECASE
)
_EMPLOYED_AT: Final = re.compile(
    r"\b(?i:work|working|worked|employed|trabajo|job|i'?m an? [a-z ]{2,30}|soy [a-z ]{2,30}) "
    r"(?i:at|for|by|en|para)(?i: the| la| el)? "
    r"(?P<name>[A-Z0-9][\w&'.-]*(?:\s(?:[A-Z0-9&][\w&'.-]*|of|and|de|y)){0,5})"
)


def address_in(text: str) -> tuple[str, int, int] | None:
    """An address as ``line|city|ST|ZIP`` and where it stands; None when a part is missing."""
    match = _ADDRESS.search(text)
    if match is None:
        return None
    line, city = match["line"].strip(" ,"), match["city"].strip(" ,")
    if again := _ENDS_AS_STREET.match(f"{line} {city}"):
        line, city = again["line"].strip(" ,"), again["city"].strip(" ,")
    state = match["state"]
    code = state.upper() if state.upper() in _CODES else _STATES["-".join(state.lower().split())]
    return f"{line}|{city}|{code}|{match['zip']}", match.start(), match.end()


def name_of(answer: str) -> str | None:
    """A whole answer as ``first|last``; None when it is no name of at least two words."""
    return _split(_LEAD.sub("", answer, count=1).strip(" .,!"))


def name_in(text: str) -> tuple[str, str] | None:
    """A name that is called one ("my name is …") and its words."""
    match = _NAMED.search(text)
    if match is None:
        return None
    words: list[str] = []
    for word in match["name"].split():
        if word.lower() in _NAME_ENDS:
            break
        words.append(word)
    said = " ".join(words).strip(" .")
    value = _split(said)
    return (value, said) if value else None


def _split(said: str) -> str | None:
    words = said.split()
    if not _FEWEST_WORDS <= len(words) <= _MOST_WORDS or {word.lower() for word in words} & _NOT_NAMES:
        return None
    if not all(_NAME_WORD.fullmatch(word) for word in words):
        return None
    return f"{words[0]}|{' '.join(words[1:])}"


def names_in(text: str, asked: str | None) -> list[tuple[int, int]]:
    """Where names of people, places and businesses stand; ``asked`` is the kind of the asked question."""
    found: list[tuple[int, int]] = []
    if address := address_in(text):
        found.append(address[1:])
    said = [named[1] for named in (name_in(text),) if named] + [one for one in (employer_in(text),) if one]
    found += [(text.index(one), text.index(one) + len(one)) for one in said]
    whole = (asked == "name" and name_of(text)) or (asked == "text" and text.istitle() and employer_of(text))
    return [*found, (0, len(text))] if whole else found


def is_half_a_name(answer: str) -> bool:
    """Whether an answer could be one word of a name."""
    said = _LEAD.sub("", answer, count=1).strip(" .,!")
    return bool(_NAME_WORD.fullmatch(said)) and said.lower() not in _NOT_NAMES


def employer_of(answer: str) -> str | None:
    """A whole answer as the name of an employer or business."""
    said = _EMPLOYER_LEAD.sub("", answer, count=1).strip(" .,!")
    words = said.split()
    if (
        _BARE.fullmatch(answer)
        or not words
        or len(words) > _MOST_EMPLOYER_WORDS
        or "?" in said
        or len(said) > _LONGEST
    ):
        return None
    return said if any(character.isalnum() for character in said) else None


def employer_in(text: str) -> str | None:
    """An employer that a sentence names."""
    match = _EMPLOYED_AT.search(text)
    return match["name"].strip(" .,") if match else None
