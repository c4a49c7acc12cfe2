"""``python -m bench.tamper``: change an exported audit trail at random, 10,000 times, and verify each.

Reviews of two tenants are carried out on a database of their own, their trails exported as an auditor would,
and one export is changed in one of the ways below. A change that verifies is a fault.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from lendgate.audit import AuditKey, CheckpointKey, Verifier, parse_checkpoint
from lendgate.store.audit_log import export_trail
from lendgate.store.database import Database
from lendgate.store.embedded import EmbeddedPostgres
from lendgate.store.keyring import MasterKeys
from lendgate.store.migrate import migrate
from lendgate.workflow.accept import accept_application
from lendgate.workflow.desk import Desk
from lendgate.workflow.review import carry_out
from tests.support.edge_hand import metadata_of, principal
from tests.support.service import desk_on

Lines = list[bytes]
TENANT: Final = "acme"
KEY: Final = AuditKey("k1", b"k" * 32)
SIGNER: Final = CheckpointKey("c1", Ed25519PrivateKey.from_private_bytes(b"s" * 32))


@dataclass(frozen=True, slots=True)
class Trails:
    """Two tenants' exports, header first, and an earlier export of the first one."""

    ours: Lines
    theirs: Lines
    earlier: Lines


def changed_byte(trails: Trails, chance: random.Random) -> Lines:
    """One byte is another, anywhere but a line's end."""
    lines = list(trails.ours)
    number = chance.randrange(len(lines))
    line = bytearray(lines[number])
    line[chance.randrange(len(line) - 1)] ^= chance.randrange(1, 256)
    lines[number] = bytes(line)
    return lines


def edited_word(trails: Trails, chance: random.Random) -> Lines:
    """A row says something else and is still good JSON in the same spelling."""
    lines = list(trails.ours)
    number = chance.randrange(1, len(lines))
    row = json.loads(lines[number])
    event = row["event"]
    name = chance.choice(sorted(event))
    event[name] = f"{event[name]}x" if isinstance(event[name], str) else {"other": "x"}
    lines[number] = json.dumps(row, sort_keys=True, separators=(",", ":")).encode() + b"\n"
    return lines


def removed_rows(trails: Trails, chance: random.Random) -> Lines:
    """Some rows in a row are missing."""
    first = chance.randrange(1, len(trails.ours))
    return trails.ours[:first] + trails.ours[first + chance.randint(1, 5) :]


def cut_off(trails: Trails, chance: random.Random) -> Lines:
    """The end is missing."""
    return trails.ours[: chance.randrange(len(trails.ours))]


def cut_off_with_an_earlier_header(trails: Trails, _chance: random.Random) -> Lines:
    """An older, whole export: only a checkpoint that was kept elsewhere can tell."""
    return list(trails.earlier)


def inserted_row(trails: Trails, chance: random.Random) -> Lines:
    """A row is there twice, somewhere."""
    lines = list(trails.ours)
    lines.insert(chance.randrange(1, len(lines) + 1), chance.choice(trails.ours[1:]))
    return lines


def row_of_another_tenant(trails: Trails, chance: random.Random) -> Lines:
    """A row is another tenant's of the same number."""
    lines = list(trails.ours)
    number = chance.randrange(1, min(len(lines), len(trails.theirs)))
    lines[number] = trails.theirs[number]
    return lines


def trail_of_another_tenant(trails: Trails, chance: random.Random) -> Lines:
    """All of it is another tenant's; sometimes under our header."""
    return [chance.choice((trails.ours, trails.theirs))[0], *trails.theirs[1:]]


def shuffled_rows(trails: Trails, chance: random.Random) -> Lines:
    """Two rows have changed places."""
    lines = list(trails.ours)
    one, other = chance.sample(range(1, len(lines)), 2)
    lines[one], lines[other] = lines[other], lines[one]
    return lines


WAYS: Final[Sequence[Callable[[Trails, random.Random], Lines]]] = (
    changed_byte,
    edited_word,
    removed_rows,
    cut_off,
    cut_off_with_an_earlier_header,
    inserted_row,
    row_of_another_tenant,
    trail_of_another_tenant,
    shuffled_rows,
)


def tamper(trails: Trails, number: int, seed: int) -> Mapping[str, Counter[str]]:
    """Change the trail so often; for each way how many were found, and how many verified."""
    chance = random.Random(seed)
    found: dict[str, Counter[str]] = {way.__name__: Counter() for way in WAYS}
    for _ in range(number):
        way = chance.choice(WAYS)
        lines = way(trails, chance)
        found[way.__name__]["verified" if lines == trails.ours or verifies(trails, lines) else "found"] += 1
    return found


def verifies(trails: Trails, lines: Lines) -> bool:
    """Whether a verifier that holds the latest checkpoint has nothing to say."""
    authorities = {SIGNER.id: SIGNER.private.public_key()}
    kept = [parse_checkpoint(trails.ours[0])]
    verifier = Verifier(TENANT, keys=[KEY], authorities=authorities, checkpoints=kept)
    for line in lines:
        verifier.feed(line)
    return verifier.finish().ok


async def exported(postgres: EmbeddedPostgres, reviews: int) -> Trails:
    """Carry reviews out for two tenants and export their trails."""
    masters = MasterKeys({"m1": b"m" * 32})
    async with Database(postgres.service_url, size=4, masters=masters) as database:
        desk = desk_on(database)
        earlier: Lines = []
        for number in range(reviews):
            for tenant in (TENANT, "rival"):
                await _review(desk, tenant, number)
            if number == reviews // 2:
                earlier = await _export(desk, TENANT)
        return Trails(await _export(desk, TENANT), await _export(desk, "rival"), earlier)


async def _review(desk: Desk, tenant: str, number: int) -> None:
    caller = principal(tenant, "broker-1")
    body = json.dumps({"applicant_id": f"T-{number}", "income": 90000, "debt_to_income": 0.2}).encode()
    await carry_out(
        desk, await accept_application(desk, body, caller, metadata_of(caller, datetime.now(UTC)))
    )


async def _export(desk: Desk, tenant: str) -> Lines:
    async with desk.database.tenant(tenant) as tx:
        return [line async for line in export_trail(tx, SIGNER, desk.now())]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run it; 0 when every change was found."""
    parser = argparse.ArgumentParser(prog="python -m bench.tamper", description=__doc__)
    parser.add_argument("--tamperings", type=int, default=10_000, help="how many changes (10000)")
    parser.add_argument("--reviews", type=int, default=40, help="reviews of each tenant (40)")
    parser.add_argument("--seed", type=int, default=0, help="of the chance (0)")
    given = parser.parse_args(arguments)
    Path(".lendgate").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="tamper-", dir=".lendgate") as name:
        Path(name).chmod(0o755)  # PostgreSQL's account has to enter it
        with EmbeddedPostgres(Path(name).resolve() / "postgres") as postgres:
            migrate(postgres.owner_url)
            trails = asyncio.run(exported(postgres, given.reviews))
    if not verifies(trails, trails.ours):
        raise RuntimeError("the trail does not verify as it is")
    found = tamper(trails, given.tamperings, given.seed)
    print(json.dumps({"rows": len(trails.ours) - 1, "seed": given.seed, "ways": found}))
    return 1 if any(way["verified"] for way in found.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
