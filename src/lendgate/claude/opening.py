"""Opening the door: a deployment and a ledger become the one port that the rest of Lendgate is given.

Law: the order of the wrappers is the safety argument of this room (see the package); it is written here
and nowhere else. This is also the only lazy import in the tree: the SDK costs 0.75 s and 50 MB, which
``lendgate validate``, migrations and a service on the rules reviewer must not pay.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from lendgate.claude.budget import BudgetedModel, CeilingsOf
from lendgate.claude.deployment import Deployment
from lendgate.claude.errors import ModelConfigurationError
from lendgate.claude.ledger import Ledger
from lendgate.claude.port import ModelPort
from lendgate.claude.prices import Prices, packaged_prices
from lendgate.claude.repair import RepairingModel
from lendgate.claude.retry import Clock, RetryingModel, Schedule
from lendgate.claude.telemetry import TracedModel

if TYPE_CHECKING:
    from lendgate.claude.anthropic_batches import AnthropicBatches
    from lendgate.claude.anthropic_client import AnthropicModel


def connect(deployment: Deployment) -> AnthropicModel:
    """A bare connection to a deployment: for ``describe``, and to be made safe by ``open_model``.

    Raises:
        ModelConfigurationError: the environment would change what is sent.
    """
    from lendgate.claude.anthropic_client import AnthropicModel  # noqa: PLC0415 - see the law of this file

    return AnthropicModel(deployment)


def connect_batches(deployment: Deployment) -> AnthropicBatches:
    """A connection to a deployment for batches; close it.

    Raises:
        ModelConfigurationError: the server takes none, or the environment would change what is sent.
    """
    from lendgate.claude.anthropic_batches import AnthropicBatches  # noqa: PLC0415 - see the law of this file

    if not deployment.capabilities.batches:
        raise ModelConfigurationError(
            f"{deployment.server} takes no batches, unless LENDGATE_MODEL_CAPABILITIES says +batches"
        )
    return AnthropicBatches(deployment)


def open_model(
    endpoint: ModelPort,
    *,
    ledger: Ledger,
    ceilings: CeilingsOf,
    prices: Prices | None = None,
    schedule: Schedule | None = None,
    clock: Clock = time.monotonic,
) -> ModelPort:
    """The port to use: traced, paid for, retried and repaired within one deadline."""
    paid = BudgetedModel(TracedModel(endpoint), ledger, prices or packaged_prices(), ceilings)
    return RepairingModel(RetryingModel(paid, schedule or Schedule(), clock=clock), clock)
