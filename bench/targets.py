"""What is asked of whom: one target a row of the table.

Law: tokens are real ES256 tokens. The gate remembers a token whose signature it verified, so ``ES256``
rows send more tokens in turn than it remembers, and every one is verified anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import httpx

from bench.applications import REFUSED, SMALL, WHOLE
from bench.jobs import Load, get, post
from lendgate.cli.token import BROKER, BROKER_SCOPES, TENANT
from lendgate.cloudflare.local_keys import load_or_create, mint_token

BASE: Final = "raw"
"""The key of the target that every ratio is to."""
_TOO_MANY_TO_REMEMBER: Final = 1_024  # edge/src/authenticate.ts remembers 512


@dataclass(frozen=True, slots=True)
class Target:
    """One row: a load, the status it is answered with, and who takes part.

    ``raw``: the raw Worker is asked, not the gate. ``reviews``: the service and PostgreSQL work, too.
    """

    key: str
    name: str
    load: Load
    status: int
    raw: bool = False
    reviews: bool = False


def targets(data_dir: Path) -> list[Target]:
    """The rows, raw Worker first; ``data_dir`` holds the keys of the platform they will ask."""
    tokens = _tokens(data_dir, _TOO_MANY_TO_REMEMBER)
    known = tokens[:1]
    return [
        Target(BASE, "raw workerd: hello world", get("/"), 200, raw=True),
        Target("raw-same", "raw workerd: the bytes of /validate", post("/", WHOLE, tokens), 200, raw=True),
        Target("refused-401", "gate 401: forged token", post("/validate", WHOLE, [_forged(known[0])]), 401),
        Target("refused-422", "gate 422: a value that cannot be", post("/validate", REFUSED, tokens), 422),
        Target("validate", "gate 200: /validate, ES256", post("/validate", WHOLE, tokens), 200),
        Target("validate-known", "gate 200: /validate, known token", post("/validate", WHOLE, known), 200),
        Target("review", "review: personal loan", post(_REVIEW, SMALL, known), 200, reviews=True),
        Target("review-mortgage", "review: whole mortgage", post(_REVIEW, WHOLE, known), 200, reviews=True),
    ]


_REVIEW: Final = "/lending-review"


def require_answer(target: Target, port: int) -> None:
    """Ask once, and see that the answer is the one the row is about.

    Raises:
        RuntimeError: it is another one.
    """
    head, _, body = (target.load.before + target.load.tokens[0].encode() + target.load.after).partition(
        b"\r\n\r\n"
    )
    request, *lines = head.decode("ascii").split("\r\n")
    method, path, _ = request.split(" ")
    headers = dict(line.split(": ", 1) for line in lines)
    answer = httpx.request(method, f"http://127.0.0.1:{port}{path}", headers=headers, content=body)
    if answer.status_code != target.status:
        raise RuntimeError(f"{target.name}: answered {answer.status_code}: {answer.text}")


def _tokens(data_dir: Path, count: int) -> list[str]:
    keys = load_or_create(data_dir)
    now = datetime.now(UTC)
    return [
        mint_token(
            keys,
            tenant=TENANT,
            broker_id=BROKER,
            subject="bench",
            scopes=BROKER_SCOPES,
            lifetime=timedelta(hours=1),
            now=now,
        )
        for _ in range(count)
    ]


def _forged(token: str) -> str:
    """The token with another signature of the same form, so that only verifying it tells."""
    signed, _, signature = token.rpartition(".")
    return f"{signed}.{signature[:10]}{'B' if signature[10] == 'A' else 'A'}{signature[11:]}"
