"""Pages as they are kept to be known again: numbers under a key, so that a dump of them tells nothing. Pure.

Law: the digests of a page's numbers (``documents.duplicates.sketch``) are of few enough numbers to try them
all, so each leaves here under a key of the tenant's own, drawn from the audit key. Pages that were kept under
an earlier audit key are looked for under it, too; without it they are unknown, and nothing else is.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from uuid import UUID

from lendgate.audit import AuditKey
from lendgate.documents.case import Seen
from lendgate.store.document_pages import KeptPage


def number_key(key: AuditKey, tenant: str) -> bytes:
    """The key under which a tenant's numbers are kept."""
    return hmac.digest(key.secret, b"lendgate document numbers\0" + tenant.encode(), "sha256")


def keyed(keys: Iterable[bytes], marks: Seen) -> Mapping[bytes, str]:
    """Every number of a file by its keyed digest under each of these keys."""
    numbers = {number for _, page in marks.pages for number in page}
    return {_under(key, number): number for key in keys for number in numbers}


def kept_pages(key: bytes, document_id: UUID, marks: Seen) -> list[KeptPage]:
    """A file's pages as they are kept."""
    return [
        KeptPage(document_id, page, bytes.fromhex(fingerprint), sorted(_under(key, one) for one in numbers))
        for page, (fingerprint, numbers) in enumerate(marks.pages, start=1)
    ]


def seen_again(kept: Sequence[KeptPage], numbers: Mapping[bytes, str]) -> Iterator[Seen]:
    """Kept pages as ``documents.duplicates`` compares them: numbers that are shared, by their own digest.

    A number that is not shared stays under its key, where it is like no other.
    """
    by_document = sorted(kept, key=lambda page: (str(page.document_id), page.page))
    for document_id, pages in groupby(by_document, key=lambda page: page.document_id):
        shown = (
            (page.fingerprint.hex(), frozenset(numbers.get(one, one.hex()) for one in page.numbers))
            for page in pages
        )
        yield Seen(str(document_id), "", tuple(shown))


def _under(key: bytes, number: str) -> bytes:
    return hmac.digest(key, number.encode(), "sha256")
