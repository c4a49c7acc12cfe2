"""Prices: what a call costs, in exact US dollars, from a dated table.

Law: prices are data (``prices.yaml``), in force from a day; money is ``Decimal``; a model without a price
on that day is refused, because an unpriced call can't be held under a ceiling.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files
from typing import Annotated, Final

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lendgate.claude.errors import ModelConfigurationError
from lendgate.claude.port import Usage

_MILLION: Final = Decimal(1_000_000)
Rate = Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=6)]
Factor = Annotated[Decimal, Field(gt=0, le=10)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Rates(_Table):
    """US dollars per million tokens."""

    input: Rate
    output: Rate
    cache_read: Rate
    cache_write_5m: Rate
    cache_write_1h: Rate

    def cost(self, usage: Usage) -> Decimal:
        """Dollars for these tokens, exact."""
        parts = (
            self.input * usage.input_tokens,
            self.output * usage.output_tokens,
            self.cache_read * usage.cache_read_tokens,
            self.cache_write_5m * usage.cache_write_5m_tokens,
            self.cache_write_1h * usage.cache_write_1h_tokens,
        )
        return sum(parts, Decimal(0)) / _MILLION

    def worst_case(self, input_tokens: int, output_tokens: int) -> Decimal:
        """Dollars if every input token is billed at the dearest of the input rates."""
        dearest = max(self.input, self.cache_read, self.cache_write_5m, self.cache_write_1h)
        return (dearest * input_tokens + self.output * output_tokens) / _MILLION


class LongPrompt(Rates):
    """The rates of a request whose whole prompt is longer than ``above`` tokens."""

    above: Annotated[int, Field(gt=0)]


class Price(Rates):
    """The rates of one model from one day on."""

    since: date
    long_prompt: LongPrompt | None = None

    def rates(self, prompt_tokens: int) -> Rates:
        """The rates for a prompt of this many tokens."""
        long = self.long_prompt
        return long if long and prompt_tokens > long.above else self


class Prices(_Table):
    """The whole table."""

    as_of: date
    batch_factor: Factor
    geo_factors: Mapping[str, Factor]
    models: Mapping[str, Annotated[tuple[Price, ...], Field(min_length=1)]]

    def price(self, model: str, on: date) -> Price:
        """The price of a model on a day.

        Raises:
            ModelConfigurationError: the table knows no price for it on that day.
        """
        in_force = [price for price in self.models.get(model, ()) if price.since <= on]
        if not in_force:
            raise ModelConfigurationError(
                f"no price is known for model {model!r} on {on}: add it to a price table, or choose one of "
                f"{', '.join(sorted(self.models))}"
            )
        return max(in_force, key=lambda price: price.since)

    def cost(
        self, usage: Usage, *, model: str, on: date, geo: str | None = None, batch: bool = False
    ) -> Decimal:
        """What these tokens cost, in dollars. ``geo`` is where inference ran, as the reply says.

        Raises:
            ModelConfigurationError: the table knows no price for the model on that day.
        """
        rates = self.price(model, on).rates(usage.total_input)
        return rates.cost(usage) * self._factor(geo, batch=batch)

    def worst_case(
        self, input_tokens: int, output_tokens: int, *, model: str, on: date, batch: bool = False
    ) -> Decimal:
        """The most that a call of at most these tokens can cost, in dollars, wherever it runs.

        Raises:
            ModelConfigurationError: the table knows no price for the model on that day.
        """
        price = self.price(model, on)
        tiers: tuple[Rates, ...] = (price, price.rates(input_tokens))
        return max(tier.worst_case(input_tokens, output_tokens) for tier in tiers) * self._factor(
            None, batch=batch
        )

    def _factor(self, geo: str | None, *, batch: bool) -> Decimal:
        # Where it ran is not always told; the dearest place is then assumed.
        dearest = max(self.geo_factors.values(), default=Decimal(1))
        factor = self.geo_factors.get(geo, dearest) if geo else dearest
        return factor * self.batch_factor if batch else factor


def load_prices(text: str) -> Prices:
    """Read a price table.

    Raises:
        ModelConfigurationError: names the first place that can't be right.
    """
    try:
        return Prices.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as cause:
        raise ModelConfigurationError(f"the price table is not YAML: {cause}") from cause
    except ValidationError as cause:
        first = cause.errors(include_url=False)[0]
        place = "/".join(str(part) for part in first["loc"])
        raise ModelConfigurationError(
            f"the price table is wrong at {place or 'its top'}: {first['msg']}"
        ) from cause


@lru_cache(maxsize=1)
def packaged_prices() -> Prices:
    """The table that ships with Lendgate."""
    return load_prices(files("lendgate.claude").joinpath("prices.yaml").read_text(encoding="utf-8"))
