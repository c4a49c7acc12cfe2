"""The state machine: a state and what was heard become the next state and what is to be said.

Law: the only place that moves a state, and it moves on heard facts alone: no words of a model, no role a
message plays and no order in it can. A value that contradicts what is known is asked about, never settled
silently; nothing is submitted that was not read back and confirmed; a person can be asked for at any time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from dataclasses import field as member
from datetime import datetime
from typing import Final, Literal

from lendgate.assistants.intake.bank import FieldName, Question, QuestionBank
from lendgate.assistants.intake.hearing import Heard
from lendgate.assistants.intake.state import Doubt, HeardFact, Known, State
from lendgate.assistants.intake.text import Language

Topic = Literal[
    "greeting", "identifier_removed", "volunteered_removed", "noted", "changed", "kept", "dispute", "doubt",
    "proposal", "no_promise", "why", "left_out", "cannot_leave_out", "not_understood", "offer_person",
    "person", "waiting", "question", "summary", "confirm", "what_to_change", "confirmed", "submitted",
    "too_long",
]  # fmt: skip
Notice = Literal["identifier_removed", "volunteered_removed", "too_long"]
TRID_ITEMS: Final[tuple[FieldName, ...]] = (
    "name",
    "income",
    "taxpayer_identifier",
    "property_address",
    "property_value",
    "amount_requested",
)
"""12 CFR 1026.2(a)(3)(ii)."""
_PATIENCE: Final = 2
_DEPENDS: Final[Mapping[FieldName, tuple[FieldName, ...]]] = {
    "work": ("employer", "employment_years"),
    "housing": ("monthly_housing",),
}


@dataclass(frozen=True, slots=True)
class Say:
    """One thing to be said: about a question where there is one; ``data`` fills the phrase."""

    topic: Topic
    field: FieldName | None = None
    data: Mapping[str, str] = member(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Moved:
    """The next state, and what is to be said, in order."""

    state: State
    says: tuple[Say, ...]


def opened(language: Language, product: str | None, bank: QuestionBank) -> Moved:
    """A conversation at its beginning: who speaks, how to reach a person, what is done with the data."""
    known: dict[FieldName, Known] = {"product": Known(product, "", 0)} if product else {}
    state = State(language, known=known)
    moved = _go_on(state, bank)
    return Moved(moved.state, (Say("greeting"), *moved.says))


def advance(
    state: State, heard: Heard, notices: Iterable[Notice], bank: QuestionBank, now: datetime
) -> Moved:
    """Move on by one message of the person's."""
    said: list[Say] = [Say(notice) for notice in notices]
    state = replace(state, turn=state.turn + 1)
    if state.phase in ("with_person", "submitted"):
        return Moved(state, (*said, Say("waiting" if state.phase == "with_person" else "submitted")))
    if "person" in heard.wishes:
        return Moved(replace(state, phase="with_person", proposal=None), (*said, Say("person")))
    facts = _answered_proposal(state, heard)
    before = state
    state, spoken = _taken(replace(state, proposal=None), facts, heard, bank)
    said += spoken
    state = _clocked(state, now)
    said += _wished(before, state, heard)
    return _next(before, state, heard, said, bank)


def submitted(state: State) -> State:
    """The state once the application is on its way."""
    return replace(state, phase="submitted")


def _answered_proposal(state: State, heard: Heard) -> tuple[HeardFact, ...]:
    """What was heard, with a model's reading once the person has agreed to it."""
    accepted = state.proposal is not None and heard.yes is True and not heard.facts
    if accepted and state.proposal is not None:
        return (replace(state.proposal, by_model=False),)
    return heard.facts


def _taken(
    state: State, facts: Iterable[HeardFact], heard: Heard, bank: QuestionBank
) -> tuple[State, list[Say]]:
    """The state with the facts in it: new ones, changed ones, and those that contradict."""
    said: list[Say] = []
    state, settled = _settled_dispute(state, heard)
    said += settled
    for fact in facts:
        before = state.known.get(fact.field)
        if fact.by_model:
            state = replace(state, proposal=state.proposal or fact)
        elif before is None:
            state = _with(state, fact)
            said.append(Say("noted", fact.field, _shown(fact)))
        elif before.value == fact.value:
            continue
        elif fact.correction or _may_change(state, fact.field):
            state = _with(state, fact)
            said.append(Say("changed", fact.field, {**_shown(fact), "old": before.value}))
        else:
            state = replace(state, disputes=(*_others(state, fact.field), fact))
    return _without_moot(state, bank), said


def _may_change(state: State, name: FieldName) -> bool:
    """Whether a new answer replaces the old one without asking: it was asked for, or all was read back."""
    return name == state.pending or state.phase != "asking" or not state.known[name].quote


def _settled_dispute(state: State, heard: Heard) -> tuple[State, list[Say]]:
    """An open contradiction, once the person says which of the two it is."""
    if not state.disputes:
        return state, []
    dispute = state.disputes[0]
    known = state.known[dispute.field]
    rest = replace(state, disputes=state.disputes[1:])
    stated = next((fact.value for fact in heard.facts if fact.field == dispute.field), None)
    if heard.which == "first" or stated == known.value:
        return rest, [Say("kept", dispute.field, {"value": known.value})]
    if heard.which == "last" or stated == dispute.value:
        return _with(rest, dispute), [Say("changed", dispute.field, {**_shown(dispute), "old": known.value})]
    if stated is not None:  # neither: the newest word stands, said as an answer to the very question
        return replace(rest, pending=dispute.field), []
    return state, []


def _with(state: State, fact: HeardFact) -> State:
    known = dict(state.known)
    known.pop(fact.field, None)  # what was said last stands last
    known[fact.field] = Known(fact.value, fact.quote, state.turn, fact.conversion)
    skipped = tuple(one for one in state.skipped if one != fact.field)
    doubt = None if state.doubt and state.doubt.field == fact.field else state.doubt
    disputes = _others(state, fact.field)
    return replace(state, known=known, skipped=skipped, doubt=doubt, disputes=disputes)


def _others(state: State, name: FieldName) -> tuple[HeardFact, ...]:
    return tuple(one for one in state.disputes if one.field != name)


def _without_moot(state: State, bank: QuestionBank) -> State:
    """Without the answers that another answer made moot: who lives rent free pays no rent."""
    moot = {
        name
        for cause, dependents in _DEPENDS.items()
        if cause in state.known
        for name in dependents
        if state.values[cause] not in bank[name].when[cause]
    }
    if not moot:
        return state
    known = {name: one for name, one in state.known.items() if name not in moot}
    disputes = tuple(one for one in state.disputes if one.field in known)
    doubt = None if state.doubt and state.doubt.field in moot else state.doubt
    return replace(state, known=known, disputes=disputes, doubt=doubt)


def _clocked(state: State, now: datetime) -> State:
    """The six items of 12 CFR 1026.2(a)(3)(ii) start a clock when the last of them is there."""
    complete = state.values.get("product") == "mortgage" and all(item in state.known for item in TRID_ITEMS)
    if not complete or state.trid_at:
        return state
    return replace(state, trid_at=now.isoformat(timespec="seconds").replace("+00:00", "Z"))


def _wished(before: State, state: State, heard: Heard) -> list[Say]:
    said: list[Say] = []
    answered = before.pending in state.known and before.pending not in before.known
    if "forbidden" in heard.wishes and not answered:
        said.append(Say("no_promise"))
    if "why" in heard.wishes and before.pending:
        said.append(Say("why", before.pending))
    return said


def _next(before: State, state: State, heard: Heard, said: list[Say], bank: QuestionBank) -> Moved:
    """What is asked now: a contradiction, a doubt, a reading to confirm, or the next question."""
    if state.disputes:
        dispute = state.disputes[0]
        data = {"old": state.known[dispute.field].value, "value": dispute.value}
        state = replace(state, pending=dispute.field)
        return Moved(state, (*said, Say("dispute", dispute.field, data)))
    doubt = next((one for one in heard.doubts if _still_open(state, one)), None)
    if doubt:
        state = replace(state, pending=doubt.field, doubt=doubt, tries=state.tries + 1)
        return Moved(state, (*said, Say("doubt", doubt.field, {"problem": doubt.problem})))
    if state.proposal:
        data = {"value": state.proposal.value}
        state = replace(state, pending=state.proposal.field)
        return Moved(state, (*said, Say("proposal", state.pending, data)))
    if state.phase in ("confirming", "confirmed"):
        return _confirming(before, state, heard, said, bank)
    return _asking(before, state, heard, said, bank)


def _still_open(state: State, doubt: Doubt) -> bool:
    """A doubt about something that is settled is no reason to ask again, unless it is being changed."""
    return doubt.field not in state.known or doubt.field == state.pending or state.phase != "asking"


def _asking(before: State, state: State, heard: Heard, said: list[Say], bank: QuestionBank) -> Moved:
    pending = before.pending
    unanswered = pending is not None and pending not in state.known and before.phase == "asking"
    if unanswered and pending and "skip" in heard.wishes:
        if bank[pending].needed:
            said.append(Say("cannot_leave_out", pending))
        else:
            state = replace(state, skipped=(*state.skipped, pending), tries=0)
            said.append(Say("left_out", pending))
    elif unanswered and state.known == before.known:
        said += _unheard(before, heard, said)
        state = replace(state, tries=before.tries + 1)
    else:
        state = replace(state, tries=0)
    if "summary" in heard.wishes and state.known:
        said.append(Say("summary"))
    moved = _go_on(state, bank)
    return Moved(moved.state, (*said, *moved.says))


def _unheard(before: State, heard: Heard, said: list[Say]) -> list[Say]:
    """That the question went without an answer, and after a while that a person can help."""
    spoken = [] if said or heard.wishes else [Say("not_understood", before.pending)]
    return [*spoken, *([Say("offer_person")] if before.tries + 1 >= _PATIENCE else [])]


def _confirming(before: State, state: State, heard: Heard, said: list[Say], bank: QuestionBank) -> Moved:
    """After everything was asked: changes are read back again, a yes makes it ready to be submitted."""
    if state.known != before.known or next_question(state, bank):
        moved = _go_on(replace(state, phase="asking"), bank)
        return Moved(moved.state, (*said, *moved.says))
    if "summary" in heard.wishes:
        return Moved(state, (*said, Say("summary"), Say("confirm")))
    if heard.yes and not heard.correction and state.phase == "confirming":
        return Moved(replace(state, phase="confirmed", pending=None), (*said, Say("confirmed")))
    if state.phase == "confirmed":
        return Moved(state, (*said, Say("confirmed")))
    topic: Topic = "what_to_change" if heard.yes is False or heard.correction else "confirm"
    return Moved(replace(state, pending=None), (*said, Say(topic)))


def _go_on(state: State, bank: QuestionBank) -> Moved:
    """Ask the next question, or read everything back."""
    question = next_question(state, bank)
    if question is None:
        state = replace(state, phase="confirming", pending=None, doubt=None)
        return Moved(state, (Say("summary"), Say("confirm")))
    doubt = state.doubt if state.doubt and state.doubt.field == question.field else None
    return Moved(replace(state, pending=question.field, doubt=doubt), (Say("question", question.field),))


def next_question(state: State, bank: QuestionBank) -> Question | None:
    """The first question that applies and has neither been answered nor left out."""
    for question in bank.applying(state.values.get("product"), state.values):
        unmet = any(cause not in state.known for cause in question.when)
        if question.field not in state.known and question.field not in state.skipped and not unmet:
            return question
    return None


def _shown(fact: HeardFact) -> dict[str, str]:
    return {"value": fact.value, "conversion": fact.conversion or ""}
