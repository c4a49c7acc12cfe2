"""Identity documents: the holder's name where the card numbers its lines instead of naming them. Pure.

AAMVA DL/ID Card Design Standard (2020): element 1 is the family name, 2 the given names. Some cards print
them the other way round, so the two parts are kept together and compared as a set.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from lendgate.documents.extract.forms import read_form
from lendgate.documents.extract.specs import forms
from lendgate.documents.fields import Extract, Field
from lendgate.documents.layout import Item, Layout

_NUMBERED: Final = re.compile(r"([12])[.\s]\s?([^\W\d_](?:[^\W\d_]|['\u2019 -]){1,40})")
_SURE: Final = 0.9


def read_identity(layouts: Sequence[Layout]) -> Extract:
    """The card's fields, its holder's name among them where it can be made out."""
    found = read_form(layouts, forms()["identity_document"])
    if "holder_name" in found.fields:
        return found
    for layout in layouts:
        if name := _numbered_name(layout):
            return Extract({**found.fields, "holder_name": name})
    return found


def _numbered_name(layout: Layout) -> Field | None:
    parts: dict[str, tuple[Item, str]] = {}
    for item in layout.items:
        if found := _NUMBERED.fullmatch(item.text.strip()):
            parts.setdefault(found[1], (item, found[2].strip()))
    if set(parts) != {"1", "2"}:
        return None
    (first, one), (second, two) = parts["1"], parts["2"]
    confidence = round(min(first.span.confidence, second.span.confidence) * _SURE, 4)
    box = first.span.box.join(second.span.box)
    return Field("holder_name", f"{one} {two}", layout.page.number, box, f"{one} {two}", confidence)
