"""Documents that somebody has to sign: is there a signature that a machine can be sure of.

A signature by hand is for a person to see; only what an electronic signing service prints counts here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lendgate.documents.checks.model import Check
from lendgate.documents.document import Document
from lendgate.documents.fields import Evidence
from lendgate.documents.kinds import kind_of
from lendgate.documents.phrases import mentions

_SIGNED: Final = (
    "DocuSigned by",
    "Electronically signed by",
    "Digitally signed by",
    "E-signed by",
    "eSigned by",
)
_PLACE: Final = ("Signature", "Borrower Signature", "Signature of Applicant", "Your signature", "Sign here")


def check_signature(document: Document) -> Iterator[Check]:
    """A document that has to be signed shows a signature."""
    kind = kind_of(document.kind)
    if kind is None or not kind.signed or kind.type == "other":
        return
    if place := _find(document, _SIGNED):
        yield Check("signed", document.number, "pass", f"Printed: {place.quote}", (place,))
        return
    place = _find(document, _PLACE)
    detail = "No electronic signature was found; one by hand needs a person's eyes."
    public = "The document has to be signed."
    yield Check("signed", document.number, "cannot_tell", detail, (place or document.first_page,), public)


def _find(document: Document, phrases: tuple[str, ...]) -> Evidence | None:
    for layout in document.layouts:
        for item in layout.items:
            if mentions(item.text, phrases):
                return Evidence(layout.page.number, item.span.box, item.text)
    return None
