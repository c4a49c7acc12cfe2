"""Must show 3, first half: of 1,000 sloppy memos every invented number is dropped and counted."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from random import Random

from lendgate.analysis import prose
from lendgate.analysis.plain import folded, sentences
from lendgate.analysis.reviewer import Case
from lendgate.claude.port import ModelEvent, ModelPort, ModelReply, ModelRequest
from lendgate.claude.standin import Options, virtual_time
from lendgate.policy.model import Value
from lendgate.schema import CreditMemo
from tests.analysis.cases import CASES
from tests.analysis.standins import reviewer_on, standing_in

MEMOS = 1_000
NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")


@dataclass
class Overheard:
    """A port that keeps what the model said, before anybody verified it."""

    inner: ModelPort
    said: list[str] = field(default_factory=list)

    async def complete(self, request: ModelRequest) -> ModelReply:
        reply = await self.inner.complete(request)
        assert reply.parsed is not None
        self.said.append(" ".join(_texts(reply.parsed.model_dump())))
        return reply

    def stream(self, request: ModelRequest) -> AsyncGenerator[ModelEvent, None]:
        return self.inner.stream(request)


def _texts(value: object) -> Iterator[str]:
    match value:
        case str():
            yield f"{value}."
        case dict():
            for item in value.values():
                yield from _texts(item)
        case list():
            for item in value:
                yield from _texts(item)
        case _:
            pass


def varied(case: Case, random: Random) -> Case:
    """The case with other figures."""

    def other(value: Value | None) -> Value | None:
        if isinstance(value, Decimal):
            return (value * Decimal(random.uniform(0.5, 1.5))).quantize(value)
        return value + random.randint(0, 9) if type(value) is int else value

    facts = {name: replace(fact, value=other(fact.value)) for name, fact in case.facts.items()}
    return replace(case, facts=facts)


def read(memo: CreditMemo) -> str:
    """All that a reader reads."""
    return " ".join(
        (memo.risk_summary, *(c.text for c in memo.concerns), memo.next_step, *memo.checks_passed)
    )


def numbers(text: str) -> set[str]:
    return {found.replace(",", "") for found in NUMBER.findall(text)}


def told(case: Case) -> set[str]:
    """Numbers that the case or its rules memo holds: everything else in a memo would be invented."""
    values = {str(fact.value) for fact in case.facts.values()} | {f"{float(v):g}" for v in _decimals(case)}
    return numbers(f"{read(prose.write(case))} {' '.join(values)}")


def _decimals(case: Case) -> list[Decimal]:
    return [fact.value for fact in case.facts.values() if isinstance(fact.value, Decimal)]


def test_a_thousand_sloppy_memos_bring_no_invented_number_to_a_reader() -> None:
    """Each wrong sentence costs at least one in ``dropped_claims``; what is read is the case's own."""
    random = Random(20261122)
    cases = [varied(random.choice(list(CASES.values())), random) for _ in range(MEMOS)]

    async def work() -> tuple[list[CreditMemo], list[str]]:
        async with standing_in(Options(character="sloppy")) as (model, _):
            overheard = Overheard(model)
            reviewer = reviewer_on(overheard)
            return [(await reviewer.review(case)).memo for case in cases], overheard.said

    memos, said = virtual_time.run(work())
    invented = seen = 0
    for case, memo, draft in zip(cases, memos, said, strict=True):
        own = told(case)
        wrong = [sentence for sentence in sentences(folded(draft)) if numbers(sentence) - own]
        invented += len(wrong)
        seen += len(numbers(read(memo)) - own)
        assert memo.reviewer == "claude"
        assert memo.dropped_claims >= len(wrong)
    assert invented > MEMOS
    assert seen == 0
