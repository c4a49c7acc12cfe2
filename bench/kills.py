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
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final
from uuid import UUID

import httpx

from bench.fleet import Fleet, Member, fleet, wait_until
from bench.referee import Findings, ended, held_reviews, judge, unfinished
from lendgate.web.signature import Signer
from lendgate.web.signature_base import decode_base64url
from lendgate.web.signature_keys import HmacKey
from tests.support.edge_hand import EdgeHand, as_http, principal

_TENANTS: Final = 4
_BUSY: Final = (409, 429, 503)
_REST_SECONDS: Final = 120


@dataclass(slots=True)
class Plan:
    """What is to be done."""

    reviews: int = 500
    kills: int = 200
    postgres_kills: int = 20
    model_ms: float = 50
    workers: int = 1
    seed: int = 0


@dataclass(slots=True)
class Story:
    """What happened: each caller's key with the id it was told, and the seconds each recovery took."""

    answered: dict[str, UUID] = field(default_factory=dict)
    contradicted: int = 0
    kills: int = 0
    postgres_kills: int = 0
    recoveries: list[float] = field(default_factory=list)


class Callers:
    """Brokers who keep so many reviews under way until they are told to stop."""

    def __init__(self, ships: Fleet, plan: Plan, story: Story) -> None:
        self._ships, self._plan, self._story = ships, plan, story
        self.port = 0
        self.stopped = False
        key = ships.keys.origin
        signer = Signer(key.key_id, HmacKey(decode_base64url(key.secret)))
        self._hands = [EdgeHand(signer, principal(f"tenant-{n}", "broker-1")) for n in range(_TENANTS)]
        self._under_way = asyncio.Semaphore(plan.reviews)

    async def call(self) -> None:
        """Keep calling; returns when stopped and every call is answered."""
        limits = httpx.Limits(max_connections=64)
        async with (
            httpx.AsyncClient(timeout=30, limits=limits, verify=False) as http,
            asyncio.TaskGroup() as calls,
        ):
            while not self.stopped:
                await self._under_way.acquire()
                calls.create_task(self._one(http))

    async def _one(self, http: httpx.AsyncClient) -> None:
        """One application: sent until it is answered, then watched until its review has ended."""
        key, hand = str(uuid.uuid4()), random.choice(self._hands)
        wait = random.choice(("wait=0", "wait=0", "wait=5"))
        body = json.dumps({"applicant_id": f"K-{key[:8]}", "income": 90000, "debt_to_income": 0.2}).encode()
        try:
            # Polling is what these callers do: nobody rings a bell for them.
            while (review_id := await self._send(http, hand, body, key, wait)) is None:  # noqa: ASYNC110
                await asyncio.sleep(random.uniform(0.05, 0.3))
            if self._story.answered.setdefault(key, review_id) != review_id:
                self._story.contradicted += 1
            while not await self._ended(http, hand, review_id) and not self.stopped:  # noqa: ASYNC110
                await asyncio.sleep(random.uniform(0.3, 0.6))
        finally:
            self._under_way.release()

    async def _send(
        self, http: httpx.AsyncClient, hand: EdgeHand, body: bytes, key: str, wait: str
    ) -> UUID | None:
        request = hand.post(body, idempotency_key=key, prefer=wait)
        with suppress(httpx.TransportError):
            answer = await http.send(as_http(request, f"http://127.0.0.1:{self.port}"))
            if answer.is_success:
                return UUID(answer.json()["review_id"])
            if answer.status_code not in _BUSY:
                raise RuntimeError(f"answered {answer.status_code}: {answer.text}")
        return None

    async def _ended(self, http: httpx.AsyncClient, hand: EdgeHand, review_id: UUID) -> bool:
        with suppress(httpx.TransportError):
            request = hand.get(f"/lending-review/{review_id}")
            answer = await http.send(as_http(request, f"http://127.0.0.1:{self.port}"))
            return answer.status_code == httpx.codes.OK
        return False


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
        "slowest_recovery_seconds": round(max(story.recoveries, default=0), 1),
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
    with fleet(directory, model_ms=plan.model_ms, hands=16, model_calls=1) as ships:
        service = ships.start("service")
        for _ in range(plan.workers):
            ships.start("worker")
        callers = Callers(ships, plan, story)
        callers.port = service.port
        calling = threading.Thread(target=lambda: asyncio.run(callers.call()))
        calling.start()
        try:
            time.sleep(1)
            _kill_all_in_turn(plan, chance, ships, callers, story)
            _recover(ships, callers, story)
        finally:
            callers.stopped = True
            calling.join(_REST_SECONDS)
        with ships.records() as records:
            wait_until(lambda: unfinished(records) == 0, _REST_SECONDS)
            wait_until(lambda: not held_reviews(records), _REST_SECONDS)
        ships.stop()
        return story, judge(ships, story.answered)


def _kill_all_in_turn(
    plan: Plan, chance: random.Random, ships: Fleet, callers: Callers, story: Story
) -> None:
    """Kill one after the other, each at a random moment after the last one has come back."""
    due = ["process"] * plan.kills + ["postgres"] * plan.postgres_kills
    chance.shuffle(due)
    for number, kind in enumerate(due, 1):
        time.sleep(chance.uniform(0, 1.5))
        if kind == "postgres":
            ships.kill_postgres()
            story.postgres_kills += 1
            ships.postgres.revive()
        else:
            _replace(ships, chance.choice(ships.members), callers)
            story.kills += 1
        if number % 10 == 0:
            sys.stderr.write(f"{number} of {len(due)} kills, {len(story.answered)} reviews accepted\n")


def _replace(ships: Fleet, victim: Member, callers: Callers) -> None:
    ships.kill(victim)
    fresh = ships.start(victim.role)
    if fresh.role == "service":
        callers.port = fresh.port


def _recover(ships: Fleet, callers: Callers, story: Story) -> None:
    """Kill everything at once; how long after the restart is all done that was in somebody's hands?"""
    with ships.records() as records:
        wait_until(lambda: len(held_reviews(records)) >= 2, 30)
        roles = [member.role for member in ships.members]
        for member in list(ships.members):
            ships.kill(member)
        story.kills += len(roles)
        held = held_reviews(records)
        begun = time.monotonic()
        for fresh in [ships.begin(role) for role in roles]:
            if ships.ready(fresh).role == "service":
                callers.port = fresh.port
        wait_until(lambda: ended(records, held), 60)
        story.recoveries.append(time.monotonic() - begun)


if __name__ == "__main__":
    sys.exit(main())
