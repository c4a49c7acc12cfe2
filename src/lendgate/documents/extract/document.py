"""The reader for each kind of document. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from lendgate.documents.extract.forms import read_form
from lendgate.documents.extract.identity import read_identity
from lendgate.documents.extract.pay_stub import read_pay_stub
from lendgate.documents.extract.specs import forms
from lendgate.documents.extract.statement import read_statement
from lendgate.documents.fields import NOTHING, Extract
from lendgate.documents.layout import Layout

_READERS: Final[Mapping[str, Callable[[Sequence[Layout]], Extract]]] = {
    "pay_stub": read_pay_stub,
    "bank_statement": read_statement,
    "identity_document": read_identity,
}


def extract(kind: str, layouts: Sequence[Layout]) -> Extract:
    """What a document of this kind says on its pages; nothing for kinds that are not read."""
    reader = _READERS.get(kind)
    if reader is not None:
        return reader(layouts)
    form = forms().get(kind)
    return read_form(layouts, form) if form else NOTHING
