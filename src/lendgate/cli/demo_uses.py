"""What the demo shows beside reviews: a conversation, a document and a broker's question, through the gate.

Law: nothing is acted: the person's lines are given, everything else is what the gate and the service said.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from rich.padding import Padding
from rich.text import Text

from lendgate.cli.demo_stub import pay_stub
from lendgate.cli.output import out, print_json
from lendgate.client import AsyncLendgateClient
from lendgate.schema.documents import DocumentRecord

LINES: Final = (
    "a personal loan of 15k over 5 years, I make 5k a month",
    "Maria Lopez",
    "nothing else",
    "I work for a company",
    "Acme Foods, three and a half years",
    "we rent for 1,200",
    "400",
    "yes",
)
"""A borrower who tells all in few words."""
QUESTION: Final = "Why was this not approved, and what would help?"


async def show_conversation(gate: AsyncLendgateClient, *, as_json: bool) -> None:
    """A borrower's conversation, and the application it becomes."""
    begun = time.perf_counter()
    session = await gate.intake.open()
    asked = session.messages[-1].text.splitlines()[-1]
    for line in LINES:
        _say_line("borrower ", line, as_json=as_json)
        heard = [piece async for piece in gate.intake.say(session.session_id, line)]
        asked = "".join(heard).splitlines()[-1]
        _say_line("assistant", asked, as_json=as_json)
    review = await gate.intake.submit(session.session_id)
    took = time.perf_counter() - begun
    outcome = review.recommendation.outcome if review.recommendation else review.status
    if as_json:
        answer = review.model_dump(mode="json", exclude_none=True)
        print_json({"case": "a conversation", "milliseconds": round(took * 1000, 1), "answer": answer})
        return
    _title("a conversation, submitted", outcome, took)
    out.print()


async def show_document(gate: AsyncLendgateClient, review_id: str, *, as_json: bool) -> None:
    """A pay stub for an application: sent through the gate, triaged, told."""
    begun = time.perf_counter()
    with TemporaryDirectory() as directory:
        path = Path(directory) / "pay-stub.pdf"
        path.write_bytes(pay_stub(datetime.now(UTC).date()))
        sent = await gate.documents.submit(path, application_id=review_id, declared_type="pay_stub")
    document = await gate.documents.wait(sent.document_id)
    took = time.perf_counter() - begun
    if as_json:
        answer = document.model_dump(mode="json", exclude_none=True)
        print_json({"case": "a pay stub", "milliseconds": round(took * 1000, 1), "answer": answer})
        return
    _print_document(document, took)
    out.print()


async def show_question(gate: AsyncLendgateClient, review_id: str, *, as_json: bool) -> None:
    """A broker asks why."""
    begun = time.perf_counter()
    answer = await gate.support.ask(review_id, QUESTION)
    took = time.perf_counter() - begun
    if as_json:
        told = answer.model_dump(mode="json", exclude_none=True)
        print_json({"case": "a question", "milliseconds": round(took * 1000, 1), "answer": told})
        return
    _title(f"a broker asks: {QUESTION}", "answered", took)
    _lines(answer.answer)
    out.print()


def _print_document(document: DocumentRecord, took: float) -> None:
    _title("a pay stub", document.triage.route if document.triage else document.status, took)
    for found in document.triage.documents if document.triage else ():
        read = ", ".join(f"{field.name} {field.text}" for field in found.fields)
        _lines(f"{found.title}: {read}")


def _title(title: str, verdict: str, took: float) -> None:
    line = Text.assemble((title, "bold"), "  →  ", (verdict, "yellow"), (f"  {took * 1000:.1f} ms", "dim"))
    out.print(line, highlight=False)


def _say_line(who: str, line: str, *, as_json: bool) -> None:
    if not as_json:
        _lines(f"{who}  {line}")


def _lines(text: str) -> None:
    out.print(Padding(Text(text), (0, 0, 0, 4)))
