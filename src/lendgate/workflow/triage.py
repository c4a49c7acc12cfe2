"""The triage of what an application has received, step by step: what runs in the process apart.

Law: no I/O of its own. What it lacks (bytes, what was seen before) it asks for, and what must not be done
twice (a reading) it hands over before it goes on. Files that were triaged before are only held against the
new ones, as people judged them: their results stand, and what others say against them is told beside.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from lendgate.documents.case import Seen, case_of
from lendgate.documents.duplicates import seen_of
from lendgate.documents.judged import Judged
from lendgate.documents.model import Box, Page, Reading, Refusal, Span
from lendgate.documents.present import triage_result
from lendgate.documents.report import CheckShown, FileShown, ReasonShown, reasons_against, report
from lendgate.documents.second_look import LookAgain
from lendgate.documents.second_reading import SecondReading, confer
from lendgate.documents.triage import Triage, Upload, triage_together
from lendgate.schema import Application
from lendgate.schema.documents import DocumentRoute, TriageResult
from lendgate.schema.enums import DocumentType
from lendgate.workflow.second_reader import (
    AskReader,
    SecondShown,
    read_again,
    second_shown,
)

if TYPE_CHECKING:  # importing it loads the libraries that open files
    from lendgate.documents.sandbox import Sandbox

_FILES: Final[TypeAdapter[Reading | Refusal]] = TypeAdapter(Reading | Refusal)


@dataclass(frozen=True, slots=True)
class OrderedFile:
    """A file of the application: what was read from it, where that is known, and whether it is new.

    ``judged`` is what people said of documents in it, by their first pages.
    """

    document_id: UUID
    sha256: str
    declared: DocumentType
    reading: bytes | None
    new: bool
    judged: Mapping[int, Judged] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Order:
    """An application and all its files, oldest first; ``as_of`` is the day the newest was received.

    ``read_twice``: there is a second reader, to be asked about every new document.
    """

    application: Application
    applied_on: date
    as_of: date
    files: tuple[OrderedFile, ...]
    read_twice: bool = False


@dataclass(frozen=True, slots=True)
class ContentOf:
    """Asks for the bytes of a file, by its place in the order."""

    file: int


@dataclass(frozen=True, slots=True)
class KeepReading:
    """Hands over what was read from a file, as JSON, to be kept; answered with None."""

    file: int
    reading: bytes


@dataclass(frozen=True, slots=True)
class SeenBefore:
    """Asks what of a file other applications have sent; answered with documents ``Seen``."""

    file: int
    marks: Seen


Question = ContentOf | KeepReading | SeenBefore | AskReader
Ask = Callable[[Question], object]


class Findings(BaseModel):
    """All that was found in one file, for people of the lender; ``Place.file`` counts in ``packet``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    packet: tuple[str, ...]
    file: FileShown
    together: tuple[CheckShown, ...]
    second: tuple[SecondShown, ...] = ()


@dataclass(frozen=True, slots=True)
class TriagedFile:
    """What a new file came to. ``marks`` are what it is known again by."""

    document_id: UUID
    route: DocumentRoute
    result: TriageResult
    findings: Findings
    marks: Seen


@dataclass(frozen=True, slots=True)
class HeldAgainst:
    """What others say by now against the documents of a file that was triaged before, by first pages."""

    document_id: UUID
    packet: tuple[str, ...]
    reasons: tuple[tuple[int, ReasonShown], ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The new files' results, and what the earlier ones are doubted for."""

    files: tuple[TriagedFile, ...]
    earlier: tuple[HeldAgainst, ...] = ()


def triage_received(order: Order, ask: Ask, sandbox: Sandbox) -> Outcome:
    """Read what was not read yet, look for what came before, and triage it all as one packet.

    The rules go first; a second reader, where there is one, can only add doubts to what they found.
    """
    contents = _Contents(ask)
    readings = [_read(number, file, contents, ask, sandbox) for number, file in enumerate(order.files)]
    marks = [_marks(file, reading) for file, reading in zip(order.files, readings, strict=True)]
    seen = tuple(_seen(order.files, marks, ask))
    case = replace(case_of(order.application, order.as_of, seen), applied_on=order.applied_on)
    uploads = [
        Upload(reading, file.declared, _looking(number, contents, sandbox), file.judged)
        for number, (file, reading) in enumerate(zip(order.files, readings, strict=True))
    ]
    triages = triage_together(uploads, case)
    seconds = read_again(triages, [file.new for file in order.files], ask) if order.read_twice else {}
    triages = tuple(confer(triage, seconds) for triage in triages)
    return _outcome(order, triages, marks, seconds)


def refused_outcome(order: Order) -> Outcome:
    """The outcome when triage itself gave up: every new file goes to a person, and proves nothing."""
    refusals = [Refusal(file.sha256, "crashed", "the file could not be read") for file in order.files]
    case = case_of(order.application, order.as_of)
    marks = [Seen(str(file.document_id), file.sha256) for file in order.files]
    return _outcome(order, triage_together([Upload(one) for one in refusals], case), marks, {})


class _Contents:
    """The bytes of files, asked for when they are needed; of several only the last is kept."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._last: tuple[int, bytes] | None = None

    def of(self, file: int) -> bytes:
        if self._last is None or self._last[0] != file:
            self._last = None
            self._last = (file, _bytes(self._ask(ContentOf(file))))
        return self._last[1]


def _bytes(answer: object) -> bytes:
    if not isinstance(answer, bytes):
        raise TypeError("a content is bytes")
    return answer


def _read(
    number: int, file: OrderedFile, contents: _Contents, ask: Ask, sandbox: Sandbox
) -> Reading | Refusal:
    """What was read from a file: kept from before, or read now and kept."""
    if file.reading is not None:
        try:
            return _FILES.validate_json(file.reading)
        except ValidationError:
            pass  # of another version: it is read again
    reading = sandbox.read(contents.of(number))
    if isinstance(reading, Reading):
        ask(KeepReading(number, _FILES.dump_json(reading)))
    return reading


def _marks(file: OrderedFile, reading: Reading | Refusal) -> Seen:
    id_ = str(file.document_id)
    return seen_of(reading, id_) if isinstance(reading, Reading) else Seen(id_, reading.sha256)


def _seen(files: Sequence[OrderedFile], marks: Sequence[Seen], ask: Ask) -> Iterator[Seen]:
    for number, (file, own) in enumerate(zip(files, marks, strict=True)):
        if not file.new:
            continue
        answer = ask(SeenBefore(number, own))
        if not isinstance(answer, tuple):
            raise TypeError("what was seen before is a tuple")
        yield from answer


def _looking(number: int, contents: _Contents, sandbox: Sandbox) -> LookAgain:
    """A second look at a file whose bytes are fetched only if it comes to that."""

    def look(page: Page, boxes: Sequence[Box]) -> Sequence[Span]:
        return sandbox.looking(contents.of(number))(page, boxes)

    return look


def _outcome(
    order: Order,
    triages: Sequence[Triage],
    marks: Sequence[Seen],
    seconds: Mapping[int, SecondReading],
) -> Outcome:
    packet = tuple(str(file.document_id) for file in order.files)
    shown = report(packet, triages, unmasked=True)
    files = tuple(
        TriagedFile(
            document_id=file.document_id,
            route=triage.routed.destination,
            result=triage_result(triage),
            findings=Findings(
                packet=packet, file=found, together=shown.together, second=second_shown(triage, seconds)
            ),
            marks=own,
        )
        for file, triage, found, own in zip(order.files, triages, shown.files, marks, strict=True)
        if file.new
    )
    earlier = tuple(
        HeldAgainst(file.document_id, packet, reasons)
        for file, reasons in zip(order.files, reasons_against(triages), strict=True)
        if not file.new and reasons
    )
    return Outcome(files, earlier)
