"""Invariant j through a live Worker: it reaches the verdict of every contract vector."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import pytest

from contract.vectors import Vector, load_vectors
from tests.scenarios.conftest import Mint
from tests.support.served import Served, speaking_to

pytestmark = pytest.mark.live
VECTORS = load_vectors()
THREADS = 4
PER_BROKER = 500
Verdict = tuple[int, set[str]]


@pytest.fixture(scope="module")
def verdicts(platform: Served, mint: Mint) -> Mapping[str, Verdict]:
    """What the Worker said to each vector, sent over kept connections by brokers within their quota."""
    tokens = [mint() for _ in range(0, len(VECTORS), PER_BROKER)]
    with (
        speaking_to(platform.worker) as client,
        ThreadPoolExecutor(THREADS) as pool,
    ):

        def ask(number: int) -> tuple[str, Verdict]:
            vector = VECTORS[number]
            headers = {**vector.headers(), "authorization": f"Bearer {tokens[number // PER_BROKER]}"}
            answer = client.post("/validate", content=vector.payload(), headers=headers)
            errors = answer.json().get("errors", [])
            return vector.name, (answer.status_code, {error["pointer"] for error in errors})

        return dict(pool.map(ask, range(len(VECTORS))))


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.name)
def test_invariant_j_the_live_worker_reaches_the_verdict(
    vector: Vector, verdicts: Mapping[str, Verdict]
) -> None:
    """Status and pointers are the vector's, as at the origin's parser and in the Worker's own tests."""
    assert verdicts[vector.name] == (vector.status, set(vector.pointers)), vector.why
