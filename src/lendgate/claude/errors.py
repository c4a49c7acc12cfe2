"""What can go wrong at the door: a closed family, each saying whether trying again makes sense.

Law: a message names the status, the API's own code and what to do; never a key, a header or a prompt.
``because`` is the clause a reader may see in a memo ("reviewer: rules, because: …").
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import ClassVar, Literal

from lendgate.claude.port import ModelReply, Usage
from lendgate.errors import LendgateError

Billed = Literal["no", "unknown", "known"]
"""Whether the attempt costs money: ``known`` means that ``usage`` is exactly what it used."""


class ModelError(LendgateError):
    """A call that ended without a usable reply.

    ``later``: the same call may succeed at another time. ``again``: this very attempt may be sent again
    at once. ``retry_after``: seconds the server asked to wait. ``cost``: US dollars the budget settled for
    it and for the attempts before it.
    """

    because: ClassVar[str] = "the model did not answer"
    later: ClassVar[bool] = False

    def __init__(
        self,
        message: str,
        *,
        request_id: str | None = None,
        billed: Billed = "no",
        usage: Usage | None = None,
        again: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.request_id = request_id
        self.billed = billed
        self.usage = usage
        self.again = again
        self.retry_after = retry_after
        self.cost = Decimal(0)

    def carry(self, earlier: Iterable[ModelError]) -> None:
        """Count the attempts before this one in."""
        for error in earlier:
            self.cost += error.cost
            self.usage = _sum(self.usage, error.usage)


def with_earlier(reply: ModelReply, earlier: Iterable[ModelError]) -> ModelReply:
    """The reply with what the failed attempts before it used and cost counted in."""
    for error in earlier:
        reply = replace(reply, cost=reply.cost + error.cost, usage=reply.usage + (error.usage or Usage()))
    return reply


def _sum(one: Usage | None, other: Usage | None) -> Usage | None:
    return one + other if one and other else one or other


class ModelConfigurationError(ModelError):
    """The key, model name, base URL or capability flags can't be right; someone must mend a setting."""

    because = "the model is not configured correctly"


class ModelRequestError(ModelError):
    """The API refused the request itself: it would refuse it again."""

    because = "the model's server refused the request"


class ModelOverloadedError(ModelError):
    """Rate limited or overloaded (429, 529, 503)."""

    because = "the model was overloaded"
    later = True


class ModelUnavailableError(ModelError):
    """No answer or a broken one: connection lost, stream cut, 5xx."""

    because = "the model could not be reached"
    later = True


class ModelTimeoutError(ModelError):
    """The deadline passed first."""

    because = "the model did not answer in time"
    later = True


class SpendLimitError(ModelError):
    """The provider's own spend limit or billing stopped the call: only a person can lift it."""

    because = "the provider's spend limit was reached"


class BudgetError(ModelError):
    """Lendgate's own ceiling would be passed, or the ledger can't be reached: nothing was sent."""

    because = "the spending ceiling was reached"


class ModelRefusedError(ModelError):
    """The model declined to answer."""

    because = "the model declined to answer"


class MalformedReplyError(ModelError):
    """The reply is empty or is not in the shape that was asked for.

    ``text`` is what came; ``problems`` names the places, without their values.
    """

    because = "the model's reply was not in the agreed form"
    later = True

    def __init__(
        self,
        problems: tuple[str, ...],
        *,
        text: str,
        request_id: str | None = None,
        billed: Billed = "unknown",
        usage: Usage | None = None,
    ) -> None:
        super().__init__("; ".join(problems), request_id=request_id, billed=billed, usage=usage)
        self.problems = problems
        self.text = text


class TruncatedReplyError(MalformedReplyError):
    """The reply ran into ``max_tokens`` or the context window: raise the limit or shorten the prompt."""

    because = "the model's reply was cut off"
    later = False
