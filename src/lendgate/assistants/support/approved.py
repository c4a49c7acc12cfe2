"""The approved answer: what is said to a question without any model.

Law: a function of the context and the topics. Where outcome, reasons, what is missing, days and submitted
values are the same, so is every word (a test says so for applications on both sides of every limit).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

from lendgate.analysis.documents import asked, field_called
from lendgate.analysis.saying import listed, said_of
from lendgate.assistants.support.context import SupportContext
from lendgate.assistants.support.topics import Topic
from lendgate.assistants.support.wordings import wordings


@dataclass(frozen=True, slots=True)
class Approved:
    """One approved sentence. ``record``: it says what is on record, so it is said whoever else speaks."""

    text: str
    record: bool = True


def approved(context: SupportContext, topics: tuple[Topic, ...]) -> tuple[Approved, ...]:
    """The sentences that answer, in order, each once."""
    said = (sentence for topic in topics for sentence in _SPEAKERS[topic](context))
    return tuple({sentence.text: sentence for sentence in said}.values())


def reasons_said(context: SupportContext) -> str:
    """The recorded reasons, all of them, in their order and in the catalogue's words."""
    return "; ".join(reason.text for reason in context.public_reasons)


def day_said(day: date) -> str:
    """A day as it is written in the United States."""
    return f"{day:%B} {day.day}, {day.year}"


def status_said(context: SupportContext) -> str:
    """How the application stands."""
    return wordings().stages[context.stage].status


def next_said(context: SupportContext) -> str:
    """What happens next: an underwriter who has asked for something waits for it."""
    if context.requested:
        awaited = [one for one in context.completeness.missing_documents if one.type in context.requested]
        return wordings().missing.awaited.format(documents=listed(map(asked, awaited)))
    return wordings().stages[context.stage].next


def _status(context: SupportContext) -> Iterator[Approved]:
    yield Approved(status_said(context))


def _why(context: SupportContext) -> Iterator[Approved]:
    words = wordings().stages[context.stage]
    if context.reasons:
        yield Approved(f"{words.why} {reasons_said(context)}.")
    elif words.why.endswith(":"):
        yield Approved(words.unexplained or wordings().help.general)
    else:
        yield Approved(words.why)


def _help(context: SupportContext) -> Iterator[Approved]:
    words = wordings().help
    if context.stage in {"in_review", "stopped"}:
        yield Approved(words.pending)
        return
    yield from _why(context)
    for reason in context.public_reasons:
        yield Approved(f'"{reason.text}": {words.reasons[reason.code]}', record=False)
    yield Approved(_closing(context), record=False)


def _closing(context: SupportContext) -> str:
    words = wordings().help
    if context.stage in {"eligible", "approved", "approved_with_conditions"}:
        return words.eligible
    return words.decided if context.stage in {"declined", "withdrawn"} else words.general


def _missing(context: SupportContext) -> Iterator[Approved]:
    words, missing = wordings().missing, context.completeness
    if not context.known:
        yield Approved(words.unknown)
        return
    if missing.complete and not context.named_elsewhere:
        yield Approved(words.nothing)
        return
    if context.documents:
        requests = listed(map(asked, missing.missing_documents))
        yield Approved(words.documents.format(documents=requests))
    if context.fields:
        yield Approved(words.fields.format(fields=listed(map(field_called, context.fields))))
    if context.named_elsewhere:
        yield Approved(words.elsewhere)
    yield Approved(words.how, record=False)


def _next(context: SupportContext) -> Iterator[Approved]:
    yield Approved(next_said(context))


def _timeline(context: SupportContext) -> Iterator[Approved]:
    words = wordings().timeline
    yield Approved(words.received.format(received=day_said(context.received_on)))
    if context.reviewed_on:
        yield Approved(words.reviewed.format(reviewed=day_said(context.reviewed_on)))
    if context.decided_on:
        yield from _days_of_decision(context, context.decided_on)
    else:
        yield Approved(words.incomplete if context.stage == "incomplete" else words.notice)
    yield from _next(context)


def _days_of_decision(context: SupportContext, decided_on: date) -> Iterator[Approved]:
    words = wordings().timeline
    yield Approved(words.decided.format(decided=day_said(decided_on)))
    if context.respond_by:
        yield Approved(words.respond.format(respond=day_said(context.respond_by)))
    if context.reasons_until:
        yield Approved(words.reasons.format(reasons=day_said(context.reasons_until)))


def _submitted(context: SupportContext) -> Iterator[Approved]:
    phrases = said_of(context.facts, context.facts)
    yield Approved(wordings().submitted.list.format(submitted=listed(phrases)))
    yield Approved(wordings().submitted.correct, record=False)


def _correction(_context: SupportContext) -> Iterator[Approved]:
    yield Approved(wordings().correction.how)


def _person(_context: SupportContext) -> Iterator[Approved]:
    yield Approved(wordings().person.how)


def _policy(_context: SupportContext) -> Iterator[Approved]:
    yield Approved(wordings().declined.policy)


def _chances(context: SupportContext) -> Iterator[Approved]:
    yield Approved(wordings().declined.chances)
    yield from _status(context)


def _rates(_context: SupportContext) -> Iterator[Approved]:
    yield Approved(wordings().declined.rates)


def _others(_context: SupportContext) -> Iterator[Approved]:
    yield Approved(wordings().declined.others)


def _fairness(_context: SupportContext) -> Iterator[Approved]:
    yield Approved(wordings().declined.fairness)


def _assistant(_context: SupportContext) -> Iterator[Approved]:
    yield Approved(wordings().declined.assistant)


_SPEAKERS: Final[Mapping[Topic, Callable[[SupportContext], Iterator[Approved]]]] = MappingProxyType(
    {
        "status": _status,
        "why": _why,
        "help": _help,
        "missing": _missing,
        "next": _next,
        "timeline": _timeline,
        "submitted": _submitted,
        "correction": _correction,
        "person": _person,
        "policy": _policy,
        "chances": _chances,
        "rates": _rates,
        "others": _others,
        "fairness": _fairness,
        "assistant": _assistant,
    }
)
