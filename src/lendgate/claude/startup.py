"""Start-up: are the configured models there, alive, priced, and able to do what they are asked?

Law: what is certainly wrong stops the start with the setting to mend; what will go wrong soon, or can't
be known now, is a warning. A server that can't be reached at this moment is not a wrong setting.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import date

from lendgate.claude.errors import ModelConfigurationError, ModelError
from lendgate.claude.port import ModelCard
from lendgate.claude.prices import Prices

Describe = Callable[[str], Awaitable[ModelCard]]


async def check_models(
    models: Mapping[str, str], *, prices: Prices, on: date, describe: Describe | None
) -> tuple[str, ...]:
    """Warnings about the models in use.

    Args:
        models: setting name to model id, for example ``{"LENDGATE_MODEL_REVIEW": "claude-opus-5-5"}``.
        prices: every model must have one on that day.
        on: today (UTC).
        describe: asks the server; None where it has no model catalogue.

    Raises:
        ModelConfigurationError: a model is unknown, retired, unpriced or lacks structured output.
    """
    warnings: list[str] = []
    for setting, model in models.items():
        try:
            prices.price(model, on)
        except ModelConfigurationError as cause:
            raise ModelConfigurationError(f"{setting}: {cause}") from cause
        if describe:
            warnings += await _asked(setting, model, describe)
    return tuple(warnings)


async def _asked(setting: str, model: str, describe: Describe) -> list[str]:
    try:
        card = await describe(model)
    except ModelConfigurationError as cause:
        raise ModelConfigurationError(
            f"{setting} names {model!r}, which this key can't use: {cause}"
        ) from cause
    except ModelError as error:
        return [f"{setting}: {model} could not be checked now ({error})"]
    return _judged(setting, card)


def _judged(setting: str, card: ModelCard) -> list[str]:
    if card.lifecycle == "retired":
        raise ModelConfigurationError(f"{setting} names {card.id}, which is retired: choose another model")
    if card.structured_output is False:
        raise ModelConfigurationError(
            f"{setting} names {card.id}, which has no structured output: choose another model"
        )
    if card.lifecycle == "deprecated":
        until = f"{card.retires_at:%Y-%m-%d}" if card.retires_at else "a day not yet announced"
        return [f"{setting}: {card.id} is deprecated and works until {until}; move to a newer model"]
    return []
