"""The second reader's part in triage, on the side that has the documents. Pure but for what it asks.

Law: what leaves this side is masked text of documents that are new; what comes back is held to their pages
here. A file that was read twice before is not sent again: where its readers differed stands in its findings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

from lendgate.documents.claude_reader import Answer, Asked, held_to_the_page, question_of
from lendgate.documents.document import Document
from lendgate.documents.second_reading import SecondReading
from lendgate.documents.triage import Triage


@dataclass(frozen=True, slots=True)
class AskedOfFile:
    """A question about a document of one file, by the file's place in the order."""

    file: int
    asked: Asked


@dataclass(frozen=True, slots=True)
class AskReader:
    """Has the second reader asked; answered with a tuple of an ``Answer`` to each."""

    questions: tuple[AskedOfFile, ...]


class SecondShown(BaseModel):
    """How a document was read a second time: by which call, or ``because`` why it was not.

    ``prompt_hash`` and ``request_hash`` are SHA-256, ``cost_usd`` is in dollars; ``dropped`` counts what the
    reader claimed and no page showed.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    document: int
    because: str = ""
    model: str = ""
    prompt_hash: str = ""
    request_hash: str = ""
    cost_usd: str = "0"
    dropped: int = 0


def read_again(
    triages: Sequence[Triage], new: Sequence[bool], ask: Callable[[AskReader], object]
) -> Mapping[int, SecondReading]:
    """Second readings of all documents of new files, by document number."""
    put = list(_questions(triages, new))
    if not put:
        return {}
    answers = ask(AskReader(tuple(question for question, _ in put)))
    if not isinstance(answers, tuple):
        raise TypeError("what a reader answers is a tuple")
    return {
        document.number: held_to_the_page(_answer(answer), document)
        for (_, document), answer in zip(put, answers, strict=True)
    }


def _questions(triages: Sequence[Triage], new: Sequence[bool]) -> Iterator[tuple[AskedOfFile, Document]]:
    for number, (triage, is_new) in enumerate(zip(triages, new, strict=True)):
        for one in triage.documents if is_new else ():
            asked = question_of(one.document)
            if asked is not None:
                yield AskedOfFile(number, asked), one.document


def _answer(answer: object) -> Answer:
    if not isinstance(answer, Answer):
        raise TypeError("what a reader answers is an answer")
    return answer


def second_shown(triage: Triage, readings: Mapping[int, SecondReading]) -> tuple[SecondShown, ...]:
    """How the documents of a file were read a second time; those that nobody asked about are left out."""
    numbers = (one.document.number for one in triage.documents)
    return tuple(_shown(number, readings[number]) for number in numbers if number in readings)


def _shown(number: int, second: SecondReading) -> SecondShown:
    if second.call is None:
        return SecondShown(document=number, because=second.because)
    return SecondShown(
        document=number,
        model=second.call.model,
        prompt_hash=second.call.prompt_hash,
        request_hash=second.call.request_hash,
        cost_usd=str(second.call.cost),
        dropped=second.dropped,
    )
