"""The SDK: typed calls to the gate, sync and async.

Law: carries no server code; speaks only ``lendgate.schema``. A refusal is a value of the gate
(``RefusedError`` with the problem document); a gate that cannot be reached, or answers outside the
contract, is a ``GateUnavailableError``: nothing was accepted, unless an Idempotency-Key says otherwise.
"""

from __future__ import annotations

from lendgate.client.calls import MAX_BODY_BYTES, Body, RefusedError, encode
from lendgate.client.gate import AsyncLendgateClient, LendgateClient

__all__ = [
    "MAX_BODY_BYTES",
    "AsyncLendgateClient",
    "Body",
    "LendgateClient",
    "RefusedError",
    "encode",
]
