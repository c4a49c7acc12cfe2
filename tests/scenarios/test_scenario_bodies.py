"""Invariant j for every body but applications, through a live Worker: what goes on, and what does not."""

from __future__ import annotations

import re
from collections.abc import Iterator

import httpx
import pytest

from contract.operations import OPERATIONS, Operation
from contract.vectors import Vector, load_body_vectors
from tests.support.gated import Gated, gated
from tests.support.served import data_directory, speaking_to

pytestmark = pytest.mark.live
ID = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"
VECTORS = load_body_vectors()
TAKING = [
    (operation, vector)
    for operation in OPERATIONS
    for shape, vector in VECTORS
    if operation.body and operation.body.shape == shape
]


@pytest.fixture(scope="module")
def gate() -> Iterator[Gated]:
    """The Worker before an origin that takes everything."""
    with data_directory() as directory, gated(directory) as running:
        yield running


@pytest.fixture(scope="module")
def broker(gate: Gated) -> Iterator[httpx.Client]:
    """Somebody with every scope."""
    with speaking_to(gate.url, gate.token()) as client:
        yield client


@pytest.mark.parametrize(
    ("operation", "vector"), TAKING, ids=lambda one: one.id if isinstance(one, Operation) else one.name
)
def test_invariant_j_the_live_worker_reaches_the_verdict(
    operation: Operation, vector: Vector, gate: Gated, broker: httpx.Client
) -> None:
    """An accepted body goes on byte for byte; of a refused one the origin hears nothing."""
    gate.recorder.heard.clear()
    path = re.sub(r"\{[a-z_]+\}", ID, operation.path)
    headers = {**vector.headers(), "if-match": '"1"'}
    answer = broker.post(path, content=vector.payload(), headers=headers)
    assert answer.status_code == vector.status, vector.why
    if vector.verdict == "accept":
        assert [heard.body for heard in gate.recorder.heard] == [vector.payload()]
    else:
        assert gate.recorder.heard == []
        assert {error["pointer"] for error in answer.json()["errors"]} == set(vector.pointers)
