"""What speech costs: prices per model and the row that the ledger keeps for each speech.

The tokens are what the provider reported; the cost is an estimate at list prices, for budgets and methods
sections, not an invoice. Where the rows are stored is the program's business.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from holdfast.agents.speech import Usage
from holdfast.kit.errors import Misconfigured

_MILLION = Decimal(1_000_000)
_MICRO = Decimal("0.000001")
_DATE = re.compile(r"-\d{4}-?\d{2}-?\d{2}$")


class Price(BaseModel):
    """USD per million tokens.

    Attributes:
        input: for tokens read, where not cached.
        output: for tokens written.
        cached_input: for tokens read from the provider's cache; None means as `input`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    input: Decimal = Field(ge=0)
    output: Decimal = Field(ge=0)
    cached_input: Decimal | None = Field(default=None, ge=0)


PRICES: Mapping[str, Price] = {
    "claude-sonnet-5-5": Price(input=Decimal(2), output=Decimal(10), cached_input=Decimal("0.1")),
    "claude-opus-5-5": Price(input=Decimal(4), output=Decimal(20), cached_input=Decimal("0.2")),
    "claude-haiku-4-5": Price(input=Decimal(1), output=Decimal(5), cached_input=Decimal("0.1")),
    "claude-sonnet-4-6": Price(input=Decimal(3), output=Decimal(15), cached_input=Decimal("0.3")),
    "gpt-6.1-terra": Price(input=Decimal(1), output=Decimal(5), cached_input=Decimal("0.05")),
    "gpt-6.1-sol": Price(input=Decimal(2), output=Decimal(10), cached_input=Decimal("0.1")),
    "gpt-5.4-mini": Price(input=Decimal("0.75"), output=Decimal("4.5"), cached_input=Decimal("0.075")),
}
"""List prices without long-context or batch tiers, as the price data of genai-prices 0.2.3 gives them. They
change: `prices_from` lets a deployment set its own."""


def price_of(model: str, prices: Mapping[str, Price] = PRICES) -> Price | None:
    """The price of a model, also under its dated name (``name-20270131``); None where it is not known."""
    return prices.get(model) or prices.get(_DATE.sub("", model))


def cost(usage: Usage, prices: Mapping[str, Price] = PRICES) -> Decimal | None:
    """The estimated cost of one speech in USD, to the millionth; None where the price is not known."""
    price = price_of(usage.model, prices)
    if price is None:
        return None
    cached_price = price.input if price.cached_input is None else price.cached_input
    fresh = max(0, usage.input_tokens - usage.cached_tokens)
    total = fresh * price.input + usage.cached_tokens * cached_price + usage.output_tokens * price.output
    return (total / _MILLION).quantize(_MICRO)


def prices_from(setting: str | None) -> Mapping[str, Price]:
    """The built-in prices with a deployment's own over them.

    Args:
        setting: JSON, ``{"model": {"input": 2, "output": 10, "cached_input": 0.1}}``; None or empty for none.

    Raises:
        Misconfigured: the text is not of that form.
    """
    if not setting:
        return PRICES
    try:
        own = TypeAdapter(dict[str, Price]).validate_json(setting)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, fault["loc"])) or "the whole"
        raise Misconfigured(
            'AGENT_PRICES must be JSON like {"model": {"input": 2, "output": 10}}, '
            f"in USD per million tokens; {where}: {fault['msg']}",
            field="AGENT_PRICES",
        ) from None
    return {**PRICES, **own}


@dataclass(frozen=True, slots=True)
class UsageRow:
    """One speech in the ledger; the store adds whose session it was and when.

    Attributes:
        persona: who spoke.
        provider: ``anthropic`` or ``openai``.
        model: as configured.
        input_tokens: tokens read, cached ones included.
        output_tokens: tokens written.
        cached_tokens: tokens read from the provider's cache.
        latency_s: seconds that the student waited for the model.
        attempts: HTTP requests made.
        outcome: ``model`` where its words were used; ``forbidden``, ``empty`` or ``refused`` where the script
            spoke instead; ``silence`` where no answer came.
        cost_usd: estimated at list prices; None where the price is not known.
    """

    persona: str
    provider: str
    model: str
    input_tokens: int
    output_tokens: int
    cached_tokens: int
    latency_s: float
    attempts: int
    outcome: str
    cost_usd: Decimal | None

    def columns(self) -> dict[str, Any]:
        """By the columns of the ledger, of which ``agent`` is the persona."""
        return {("agent" if name == "persona" else name): value for name, value in asdict(self).items()}


def usage_row(persona: str, usage: Usage, outcome: str, prices: Mapping[str, Price] = PRICES) -> UsageRow:
    """The ledger's row for a `Speech.usage`, or for a `Silence.usage` with the outcome ``silence``."""
    return UsageRow(
        persona=persona,
        provider=usage.provider,
        model=usage.model,
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
        cached_tokens=usage.cached_tokens,
        latency_s=usage.latency_s,
        attempts=usage.attempts,
        outcome=outcome,
        cost_usd=cost(usage, prices),
    )
