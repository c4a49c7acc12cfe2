"""Start-up: certain mistakes stop it with the setting to mend; the rest are warnings."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from lendgate.claude.errors import ModelConfigurationError, ModelUnavailableError
from lendgate.claude.port import ModelCard
from lendgate.claude.prices import load_prices, packaged_prices
from lendgate.claude.standin.in_process import in_process
from lendgate.claude.standin.virtual_time import run
from lendgate.claude.startup import Describe, check_models

TODAY = date(2026, 11, 22)
SETTING = "LENDGATE_MODEL_REVIEW"
OLD_PRICES = """
as_of: 2026-11-22
batch_factor: "0.5"
geo_factors: {}
models:
  claude-sonnet-4-5: &p
    - {since: 2025-01-01, input: 1, output: 2, cache_read: "0.1", cache_write_5m: "1.25", cache_write_1h: 2}
  claude-sonnet-4-0: *p
  claude-made-up: *p
"""


def against_the_stand_in(model: str) -> tuple[str, ...]:
    """Check one model with a real client against the stand-in's catalogue."""

    async def scene() -> tuple[str, ...]:
        connection = in_process()
        try:
            describe = connection.model.describe
            prices = packaged_prices() if "5-5" in model else load_prices(OLD_PRICES)
            return await check_models({SETTING: model}, prices=prices, on=TODAY, describe=describe)
        finally:
            await connection.model.close()

    return run(scene())


def answering(card: ModelCard | Exception) -> Describe:
    """A server that says this."""

    async def describe(_model: str) -> ModelCard:
        if isinstance(card, Exception):
            raise card
        return card

    return describe


def test_current_model_passes() -> None:
    """Nothing to say."""
    assert against_the_stand_in("claude-opus-5-5") == ()


def test_deprecated_model_is_a_warning_with_its_last_day() -> None:
    """It still works."""
    (warning,) = against_the_stand_in("claude-sonnet-4-5")
    assert warning == (
        "LENDGATE_MODEL_REVIEW: claude-sonnet-4-5 is deprecated and works until 2026-11-30; "
        "move to a newer model"
    )


@pytest.mark.parametrize(
    ("model", "told"),
    [
        ("claude-made-up", "names 'claude-made-up', which this key can't use"),
        ("claude-sonnet-4-0", "names claude-sonnet-4-0, which is retired"),
        ("claude-opus-9-5-5", "no price is known"),
    ],
)
def test_model_that_can_t_work_stops_the_start(model: str, told: str) -> None:
    """With the setting's name in front."""
    with pytest.raises(ModelConfigurationError, match=f"^{SETTING}.*{told}"):
        against_the_stand_in(model)


def test_model_without_structured_output_stops_the_start() -> None:
    """Every use of it needs a shape."""
    card = ModelCard("claude-opus-5-5", "active", None, 1000, structured_output=False)
    with pytest.raises(ModelConfigurationError, match="no structured output"):
        run(check_models({SETTING: card.id}, prices=packaged_prices(), on=TODAY, describe=answering(card)))


def test_server_that_says_little_is_believed() -> None:
    """Unknown is not no."""
    card = ModelCard(
        "claude-opus-5-5", "active", datetime(2027, 1, 1, tzinfo=UTC), None, structured_output=None
    )
    work = check_models({SETTING: card.id}, prices=packaged_prices(), on=TODAY, describe=answering(card))
    assert run(work) == ()


def test_server_that_can_t_be_reached_is_a_warning() -> None:
    """It may be back when the first review comes."""
    away = answering(ModelUnavailableError("the model's server could not be reached"))
    (warning,) = run(
        check_models({SETTING: "claude-opus-5-5"}, prices=packaged_prices(), on=TODAY, describe=away)
    )
    assert "could not be checked now" in warning


def test_server_without_a_catalogue_is_not_asked() -> None:
    """Prices are checked all the same."""
    assert (
        run(check_models({SETTING: "claude-opus-5-5"}, prices=packaged_prices(), on=TODAY, describe=None))
        == ()
    )
