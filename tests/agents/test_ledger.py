"""What speech costs."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.agents.choose import DEFAULT_MODELS
from holdfast.agents.ledger import PRICES, Price, UsageRow, cost, price_of, prices_from, usage_row
from holdfast.agents.speech import Usage
from holdfast.kit.errors import Misconfigured


def usage(model: str, read: int, cached: int, written: int) -> Usage:
    return Usage("anthropic", model, read, written, cached, 1.5, 2)


def test_tokens_are_priced_by_the_million():
    prices = {"m": Price(input=Decimal(2), output=Decimal(10), cached_input=Decimal("0.2"))}

    assert cost(usage("m", 1_000_000, 250_000, 100_000), prices) == Decimal("2.550000")
    assert cost(usage("m", 1, 0, 0), prices) == Decimal("0.000002")


def test_without_a_price_for_cached_tokens_they_cost_as_others():
    prices = {"m": Price(input=Decimal(2), output=Decimal(10))}

    assert cost(usage("m", 1000, 400, 0), prices) == cost(usage("m", 1000, 0, 0), prices)


def test_an_unknown_model_has_no_cost():
    assert cost(usage("house-model", 1000, 0, 1000)) is None
    assert usage_row("Librarian", usage("house-model", 1, 0, 1), "model").cost_usd is None


@pytest.mark.parametrize(
    "name", ["claude-sonnet-5-5", "claude-sonnet-5-5-20270131", "claude-sonnet-5-5-2027-01-31"]
)
def test_a_dated_name_is_the_same_model(name: str):
    assert price_of(name) == PRICES["claude-sonnet-5-5"]


def test_the_default_models_have_prices():
    assert all(price_of(model) for model in DEFAULT_MODELS.values())


@given(st.integers(0, 10**7), st.integers(0, 10**7), st.integers(0, 10**7))
def test_no_cost_is_negative_and_more_costs_no_less(read: int, cached: int, written: int):
    less = cost(usage("claude-sonnet-5-5", read, min(cached, read), written))
    more = cost(usage("claude-sonnet-5-5", read + 1000, min(cached, read), written + 1000))

    assert less is not None
    assert more is not None
    assert 0 <= less < more


def test_a_deployments_own_prices_come_over_the_built_in():
    prices = prices_from(
        '{"house-model": {"input": 0.5, "output": 1}, "gpt-6.1-terra": {"input": 9, "output": 9}}'
    )

    assert prices["house-model"] == Price(input=Decimal("0.5"), output=Decimal(1))
    assert prices["gpt-6.1-terra"].input == 9
    assert prices["claude-sonnet-5-5"] == PRICES["claude-sonnet-5-5"]
    assert prices_from(None) == prices_from("") == PRICES


@pytest.mark.parametrize("text", ["{", "[]", '{"m": {"input": -1, "output": 1}}', '{"m": {"input": 1}}'])
def test_prices_that_are_none_are_refused(text: str):
    with pytest.raises(Misconfigured, match="AGENT_PRICES") as failure:
        prices_from(text)

    assert failure.value.field == "AGENT_PRICES"


def test_the_row_has_all_of_the_usage():
    row = usage_row("Librarian", usage("claude-sonnet-5-5", 1000, 100, 50), "forbidden")

    assert row == UsageRow(
        "Librarian", "anthropic", "claude-sonnet-5-5", 1000, 50, 100, 1.5, 2, "forbidden", Decimal("0.002310")
    )
