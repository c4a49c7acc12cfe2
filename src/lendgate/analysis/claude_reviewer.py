"""The Claude reviewer: the memo in a model's words, held to the facts.

Law: it sends typed facts, public checks and what is missing, and nothing else: no name, no identifier,
no free text, no limit. What comes back is a stranger's: parsed, rid of what it repeats of its own
instructions, then verified sentence by sentence. When the model does not answer in time, at all, or within
the budget, the rules reviewer's memo takes its place and says why. It never raises for the model's sake: a
review is not lost for want of words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel, ConfigDict

from lendgate.analysis import prose
from lendgate.analysis.echo import instructions_of, without_echo
from lendgate.analysis.reviewer import Case, Reviewed
from lendgate.analysis.telling import sha256_of, system_of, told
from lendgate.analysis.used import usage_after, usage_of
from lendgate.analysis.verify import verify
from lendgate.claude.errors import ModelError
from lendgate.claude.port import Effort, ModelPort, ModelReply, ModelRequest, Turn
from lendgate.claude.prompts import packaged_prompt
from lendgate.schema import Concern, CreditMemo, Risk
from lendgate.schema.review import ReviewerName

PURPOSE: Final = "memo"
PROMPT: Final = "review-memo"
MAX_TOKENS: Final = 12_000
"""Thinking counts as output; the memo itself takes some hundreds."""
_MOST_DROPPED: Final = 10_000
# A summary says the risk that was found; one that does not gets it put first.
_RISK_WORDS: Final[Mapping[Risk, str]] = {
    "low": "low risk",
    "moderate": "moderate risk",
    "high": "high risk",
    "undetermined": "risk cannot be determined",
}


class DraftConcern(BaseModel):
    """One concern as the model words it."""

    model_config = ConfigDict(extra="forbid")

    text: str
    facts: list[str]


class DraftMemo(BaseModel):
    """The shape the model answers in; every word of it is unverified."""

    model_config = ConfigDict(extra="forbid")

    risk_summary: str
    checks_passed: list[str]
    concerns: list[DraftConcern]
    next_step: str
    escalate: bool


@dataclass(frozen=True, slots=True)
class ClaudeReviewer:
    """A ``Reviewer`` that asks a model; ``deadline_seconds`` holds over retries and repairs."""

    model: ModelPort
    model_name: str
    deadline_seconds: float
    effort: Effort | None = None

    @property
    def name(self) -> ReviewerName:
        """``claude``."""
        return "claude"

    async def review(self, case: Case) -> Reviewed:
        """The model's memo, verified; or the rules memo, saying why."""
        request = memo_request(case, self.model_name, self.deadline_seconds, self.effort)
        try:
            return reviewed_by(await self.model.complete(request), case)
        except ModelError as error:
            return instead(case, request, error)


def memo_request(
    case: Case, model: str, deadline_seconds: float, effort: Effort | None = None
) -> ModelRequest:
    """What a model is asked about a case."""
    prompt = packaged_prompt(PROMPT)
    return ModelRequest(
        purpose=PURPOSE,
        model=model,
        system=system_of(prompt),
        messages=(Turn("user", prompt.render(**told(case))),),
        max_tokens=MAX_TOKENS,
        tenant=case.charged_to.tenant,
        subject=case.charged_to.subject,
        deadline_seconds=deadline_seconds,
        prompt_hash=sha256_of(prompt),
        output=DraftMemo,
        effort=effort,
    )


def reviewed_by(reply: ModelReply, case: Case) -> Reviewed:
    """The memo of a reply, verified."""
    return Reviewed(_verified(reply, case), usage_of(reply))


def _verified(reply: ModelReply, case: Case) -> CreditMemo:
    """The reply as a memo that holds to the case, and what was dropped of it on the way."""
    draft, echoed = _spoken(reply.as_shape(DraftMemo))
    memo = verify(
        CreditMemo(
            reviewer="claude",
            risk_summary=draft.risk_summary,
            checks_passed=tuple(draft.checks_passed),
            concerns=tuple(
                Concern(text=concern.text, facts=tuple(concern.facts)) for concern in draft.concerns
            ),
            next_step=draft.next_step,
            escalate=draft.escalate,
            simulated=reply.simulated,
        ),
        case,
    )
    changes: dict[str, object] = {"dropped_claims": min(memo.dropped_claims + echoed, _MOST_DROPPED)}
    if _RISK_WORDS[case.risk] not in memo.risk_summary.lower():
        changes["risk_summary"] = f"{prose.risk_said(case)} {memo.risk_summary}"
    return memo.model_copy(update=changes)


def _spoken(draft: DraftMemo) -> tuple[DraftMemo, int]:
    """The draft without what it repeats of the prompt, and how many sentences that took."""
    instructions = instructions_of(PROMPT)
    summary, in_summary = without_echo(draft.risk_summary, instructions)
    step, in_step = without_echo(draft.next_step, instructions)
    concerns = [(concern.facts, *without_echo(concern.text, instructions)) for concern in draft.concerns]
    spoken = DraftMemo(
        risk_summary=summary,
        checks_passed=draft.checks_passed,
        concerns=[DraftConcern(text=text, facts=facts) for facts, text, _ in concerns if text],
        next_step=step,
        escalate=draft.escalate,
    )
    return spoken, in_summary + in_step + sum(echoes for _, _, echoes in concerns)


def instead(case: Case, request: ModelRequest, error: ModelError) -> Reviewed:
    """The rules memo in the model's place; what the failed attempts cost is kept."""
    memo = prose.write(case).model_copy(update={"because": error.because})
    return Reviewed(memo, usage_after(error, request))
