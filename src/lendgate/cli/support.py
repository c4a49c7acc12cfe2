"""``lendgate support``: what a broker asks about reviews of their own, through the gate."""

from __future__ import annotations

from typing import Annotated

import typer

from lendgate.cli.gate import the_gate
from lendgate.cli.output import Json, err, out, print_json, spoken_errors
from lendgate.client import LendgateClient
from lendgate.schema.requests import CorrectionKind
from lendgate.schema.support import SupportAnswer, SupportSentence

support_app = typer.Typer(
    no_args_is_help=True,
    help="The broker's support agent: ask about a review, look how it stands, ask for a person.",
)
ReviewId = Annotated[str, typer.Argument(help="The review's id.")]
Conversation = Annotated[str | None, typer.Option(help="Go on with this conversation.")]


@support_app.command()
def ask(
    review_id: ReviewId,
    question: Annotated[str, typer.Argument(help="In plain words.")],
    conversation: Conversation = None,
    json: Json = False,
) -> None:
    """Ask about a review; the answer comes sentence by sentence."""
    with spoken_errors(), the_gate() as gate:
        if json:
            print_json(gate.support.ask(review_id, question, conversation_id=conversation))
        else:
            _print_spoken(gate, review_id, question, conversation)


@support_app.command()
def status(review_id: ReviewId, json: Json = False) -> None:
    """Look how an application stands: published words, no model."""
    with spoken_errors(), the_gate() as gate:
        stands = gate.support.status(review_id)
    if json:
        print_json(stands)
        return
    reasons = [reason.text for reason in stands.reasons]
    for line in (stands.summary, *(f"- {reason}" for reason in reasons), stands.next_step):
        out.print(line, highlight=False, markup=False)
    for request in stands.requests:
        out.print(
            f"{request.kind} {request.request_id}: {request.state}, to be answered by {request.due_on}",
            highlight=False,
            markup=False,
        )


@support_app.command()
def correct(
    review_id: ReviewId,
    text: Annotated[
        str, typer.Argument(help="What is wrong and what is right, or why a person should look.")
    ],
    kind: Annotated[CorrectionKind, typer.Option(help="What is asked for.")] = "correction",
    json: Json = False,
) -> None:
    """Say that something is wrong, or ask for a person to look; the clock starts at once."""
    with spoken_errors(), the_gate() as gate:
        opened = gate.support.correct(review_id, text, kind=kind)
    if json:
        print_json(opened)
    else:
        out.print(f"{opened.kind} {opened.request_id}: to be answered by {opened.due_on}", highlight=False)


def _print_spoken(gate: LendgateClient, review_id: str, question: str, conversation: str | None) -> None:
    for spoken in gate.support.stream(review_id, question, conversation_id=conversation):
        if isinstance(spoken, SupportSentence):
            out.print(spoken.text, highlight=False, markup=False)
        else:
            _print_end(spoken)


def _print_end(answer: SupportAnswer) -> None:
    err.print(f"[dim]{answer.notice}[/dim]", highlight=False)
    err.print(f"[dim]go on with --conversation {answer.conversation_id}[/dim]", highlight=False)
