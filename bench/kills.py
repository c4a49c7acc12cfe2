"""``python -m bench.kills``: kill service, workers and PostgreSQL at random instants, and count what is lost.

So many reviews are kept under way by callers who send each one again with its Idempotency-Key until they
are answered, as the SDK does. Whenever a process has come back, the next one is killed a random moment
later. At the end the referee compares what callers were told with what is there.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final
from uuid import UUID

import httpx
import psycopg

from bench.fleet import Fleet, Member, fleet, wait_until
from bench.referee import Findings, ended, held_reviews, judge, unfinished
from lendgate.web.signature import Signer
from lendgate.web.signature_base import decode_base64url
from lendgate.web.signature_keys import HmacKey
from tests.support.edge_hand import EdgeHand, as_http, principal

_TENANTS: Final = 4
_CONNECTIONS: Final = 64
_BUSY: Final = (409, 429, 503)
_EXPIRED: Final = "The signature has expired"  # a machine so busy that it took a minute to look at it
_REST_SECONDS: Final = 300
_STARTS: Final = 5


@dataclass(slots=True)
class Plan:
    """What is to be done."""

    reviews: int = 500
    kills: int = 200
    postgres_kills: int = 20
    model_ms: float = 200
    workers: int = 2
    rounds: int = 5
    seed: int = 0


@dataclass(slots=True)
class Story:
    """What happened: each caller's key with the id it was told, and how long each recovery took.

    ``starts`` are the seconds until all processes were ready again, ``recoveries`` those from then until all
    was done that had been in somebody's hands.
    """

    answered: dict[str, UUID] = field(default_factory=dict)
    contradicted: int = 0
    kills: int = 0
    postgres_kills: int = 0
    starts: list[float] = field(default_factory=list)
    recoveries: list[float] = field(default_factory=list)


class Callers:
    """Brokers who keep so many reviews under way until they are told to stop."""

    def __init__(self, ships: Fleet, plan: Plan, story: Story) -> None:
        self._ships, self._plan, self._story = ships, plan, story
        self._turns = asyncio.Semaphore(_CONNECTIONS)
        self.port = 0
        self.stopped = False
        key = ships.keys.origin
        signer = Signer(key.key_id, HmacKey(decode_base64url(key.secret)))
        self._hands = [EdgeHand(signer, principal(f"tenant-{n}", "broker-1")) for n in range(_TENANTS)]

    async def call(self) -> None:
        """Keep calling; returns when stopped and every call is answered."""
        # The turns keep them to so many, not the client's pool: that one does not survive this treatment.
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)
        async with httpx.AsyncClient(timeout=30, limits=limits, verify=False) as http:
            calls: set[asyncio.Task[None]] = set()
            while not self.stopped:
                room = self._plan.reviews - len(calls) - await asyncio.to_thread(self._under_way)
                calls |= {asyncio.create_task(self._one(http)) for _ in range(min(room, _CONNECTIONS))}
                await asyncio.wait({asyncio.create_task(asyncio.sleep(0.2)), *calls}, timeout=0.2)
                calls = {call for call in calls if not call.done()}
            await asyncio.gather(*calls)

    def _under_way(self) -> int:
        with suppress(psycopg.OperationalError), self._ships.records() as records:
            return unfinished(records)
        return self._plan.reviews  # nobody knows: call later

    async def _one(self, http: httpx.AsyncClient) -> None:
        """One application, sent until it is answered."""
        key, hand = str(uuid.uuid4()), random.choice(self._hands)
        wait = random.choice(("wait=0", "wait=0", "wait=5"))
        body = json.dumps({"applicant_id": f"K-{key[:8]}", "income": 90000, "debt_to_income": 0.2}).encode()
        # Polling is what a caller does: nobody rings a bell for it.
        while (review_id := await self._send(http, hand, body, key, wait)) is None:  # noqa: ASYNC110
            await asyncio.sleep(random.uniform(0.1, 0.5))
        # Answered already, it is asked once more: the answer has to be the same.
        again = await self._send(http, hand, body, key, wait)
        self._story.answered[key] = review_id
        self._story.contradicted += again not in (None, review_id)

    async def _send(
        self, http: httpx.AsyncClient, hand: EdgeHand, body: bytes, key: str, wait: str
    ) -> UUID | None:
        with suppress(httpx.TransportError):
            async with self._turns:
                request = hand.post(body, idempotency_key=key, prefer=wait)
                answer = await http.send(as_http(request, f"http://127.0.0.1:{self.port}"))
            if answer.is_success:
                return UUID(answer.json()["review_id"])
            if answer.status_code not in _BUSY and _EXPIRED not in answer.text:
                raise RuntimeError(f"answered {answer.status_code}: {answer.text}")
        return None


class Crew:
    """The fleet's members and who of them is ready; a killed one is replaced at once."""

    def __init__(self, ships: Fleet, callers: Callers) -> None:
        self._ships, self._callers = ships, callers
        self._nurses = ThreadPoolExecutor(8)
        self._coming: dict[int, Future[None]] = {}

    def begin(self, role: str, starts: int = 1) -> None:
        """Start a member, for the so-manieth time in a row."""
        member = self._ships.begin(role)
        self._coming[member.pid] = self._nurses.submit(self._nurse, member, starts)

    def ready(self) -> list[Member]:
        """Those that are at work."""
        return [each for each in self._ships.members if self._coming[each.pid].done()]

    def kill(self, member: Member) -> None:
        """Kill a member and start another in its place."""
        self._ships.kill(member)
        self.begin(member.role)

    def settle(self) -> None:
        """Wait until everybody is ready.

        Raises:
            RuntimeError: somebody did not start.
        """
        while coming := [each for each in self._ships.members if each not in self.ready()]:
            self._coming[coming[0].pid].result(_REST_SECONDS)
        for each in self._ships.members:
            self._coming[each.pid].result()

    def _nurse(self, member: Member, starts: int) -> None:
        """See a member through its start; who found no database is started again, as a supervisor does."""
        try:
            self._ships.ready(member)
        except RuntimeError:
            if starts >= _STARTS:
                raise
            self._ships.kill(member)
            self.begin(member.role, starts + 1)
            return
        if member.role == "service":
            self._callers.port = member.port


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it; 0 when nothing was lost, doubled or paid for too often."""
    parser = argparse.ArgumentParser(prog="python -m bench.kills", description=__doc__)
    for name, default in asdict(Plan()).items():
        option = f"--{name.replace('_', '-')}"
        parser.add_argument(option, type=type(default), default=default, help=f"({default})")
    plan = Plan(**vars(parser.parse_args(arguments)))
    Path(".lendgate").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="kills-", dir=".lendgate") as name:
        Path(name).chmod(0o755)  # PostgreSQL's account has to enter it
        story, found = run(plan, Path(name).resolve())
    faults = faults_of(plan, story, found)
    said = {"plan": asdict(plan), "found": asdict(found), "kills": story.kills} | {
        "postgres_kills": story.postgres_kills,
        "start_seconds": [round(seconds, 1) for seconds in story.starts],
        "recovery_seconds": [round(seconds, 1) for seconds in story.recoveries],
        "faults": faults,
    }
    print(json.dumps(said))
    return 1 if faults else 0


def faults_of(plan: Plan, story: Story, found: Findings) -> list[str]:
    """Everything that should not be: a process has at most one paid call under way when it is killed."""
    most_paid = found.reviews + story.kills + story.postgres_kills
    contradicted = [f"{story.contradicted} keys were told two ids"] if story.contradicted else []
    slow = [f"a recovery took {max(story.recoveries):.1f} s"] if max(story.recoveries, default=0) > 10 else []
    fewer = ["fewer kills than planned"] if story.kills < plan.kills else []
    return found.faults(most_paid) + contradicted + slow + fewer


def run(plan: Plan, directory: Path) -> tuple[Story, Findings]:
    """The whole story, and the referee's word on it."""
    chance = random.Random(plan.seed)
    story = Story()
    with fleet(directory, model_ms=plan.model_ms, model_calls=1) as ships:
        callers = Callers(ships, plan, story)
        crew = Crew(ships, callers)
        for role in ("service", *["worker"] * plan.workers):
            crew.begin(role)
        crew.settle()
        calling = threading.Thread(target=lambda: asyncio.run(callers.call()))
        calling.start()
        try:
            with ships.records() as records:
                wait_until(lambda: unfinished(records) >= plan.reviews // 2, _REST_SECONDS)
            for kills in _rounds(plan, chance):
                _kill_in_turn(kills, chance, ships, crew, story)
                _recover(ships, crew, story)
        finally:
            callers.stopped = True
            calling.join(_REST_SECONDS)
        with ships.records() as records:
            wait_until(lambda: unfinished(records) == 0 and not held_reviews(records), _REST_SECONDS)
        ships.stop()
        return story, judge(ships, story.answered)


def _rounds(plan: Plan, chance: random.Random) -> list[list[str]]:
    """Whom to kill, in random order, in rounds after each of which all is killed at once."""
    due = ["process"] * plan.kills + ["postgres"] * plan.postgres_kills
    chance.shuffle(due)
    return [due[first :: plan.rounds] for first in range(plan.rounds)]


def _kill_in_turn(kinds: list[str], chance: random.Random, ships: Fleet, crew: Crew, story: Story) -> None:
    """Kill one after the other at random moments, whoever is at work then."""
    for kind in kinds:
        time.sleep(chance.uniform(0, 1.5))
        if kind == "postgres":
            ships.kill_postgres()
            ships.postgres.revive()
            story.postgres_kills += 1
        else:
            wait_until(lambda: bool(crew.ready()), _REST_SECONDS)
            crew.kill(chance.choice(crew.ready()))
            story.kills += 1
    crew.settle()
    sys.stderr.write(f"{story.kills + story.postgres_kills} kills, {len(story.answered)} reviews accepted\n")


def _recover(ships: Fleet, crew: Crew, story: Story) -> None:
    """Kill everything at once; how long after the restart is all done that was in somebody's hands?"""
    with ships.records() as records:
        wait_until(lambda: len(held_reviews(records)) > 1, _REST_SECONDS)
        roles = [member.role for member in ships.members]
        for member in list(ships.members):
            ships.kill(member)
        story.kills += len(roles)
        held = held_reviews(records)
        begun = time.monotonic()
        for role in roles:
            crew.begin(role)
        crew.settle()
        story.starts.append(time.monotonic() - begun)
        story.recoveries.append(wait_until(lambda: ended(records, held), _REST_SECONDS))


if __name__ == "__main__":
    sys.exit(main())
