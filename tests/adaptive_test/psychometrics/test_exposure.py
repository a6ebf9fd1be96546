"""The maximum rate live and by Sympson and Hetter; what comes back when quotas need it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adaptive_test.psychometrics.banks import bank
from holdfast.kit.errors import InvalidInput
from holdfast.programs.adaptive_test.psychometrics.engine import Engine
from holdfast.programs.adaptive_test.psychometrics.rules import Rules
from holdfast.programs.adaptive_test.psychometrics.selection.content import Quota
from holdfast.programs.adaptive_test.psychometrics.selection.exposure import (
    ExposureCounts,
    MaximumRate,
    eligibility,
    sympson_hetter,
)
from holdfast.programs.adaptive_test.psychometrics.simulation.sympson_hetter import calibrate
from holdfast.programs.adaptive_test.psychometrics.stopping import Stopping


def test_eligibility_follows_what_is_left():
    counts = ExposureCounts(np.array([0, 1000, 1000, 1000, 1000]), np.array([0, 250, 240, 275, 0]))
    assert eligibility(MaximumRate(0.25, 100), counts) == pytest.approx([0.25, 0.25, 0.35, 0.0, 1.0])


@given(st.floats(0.05, 1.0), st.integers(1, 60), st.lists(st.floats(0, 1), min_size=400, max_size=400))
def test_an_item_that_everybody_would_get_keeps_to_the_rate(rate, span, luck):
    control = MaximumRate(rate, span)
    given_to = 0
    for session, number in enumerate(luck):
        chance = eligibility(control, ExposureCounts(np.array([session]), np.array([given_to])))[0]
        given_to += number < chance
        assert given_to <= rate * (session + 1 + span) + 1


def test_the_experiment_holds_back_as_often_as_it_says():
    made = Engine(bank(400), Rules(exposure=MaximumRate(0.25)))
    shares = np.mean([made.open(draw).eligible for draw in range(400)], axis=0)
    # Each share is binomial with p = 0.25 and n = 400: SE 0.0217; the mean over 400 items 0.0011.
    assert abs(shares.mean() - 0.25) < 4 * 0.0011
    assert np.abs(shares - 0.25).max() < 5 * 0.0217


def test_the_least_exposed_come_back_for_a_quota():
    rules = Rules(stopping=Stopping.fixed_length(4), quotas=(Quota("algebra", 2),), exposure=MaximumRate(0.5))
    made = Engine(bank(24, areas=("algebra",) * 4 + ("other",) * 20), rules)
    used_up = np.array([300, 100, 100, 90] + [0] * 20)
    opening = made.open(3, counts=ExposureCounts(np.full(24, 0), used_up))
    assert np.flatnonzero(opening.eligible[:4]).size == 2
    assert opening.readmitted == 2
    assert not opening.eligible[0]


def test_sympson_and_hetters_adjustment():
    found = sympson_hetter(np.array([1.0, 1.0, 0.5]), np.array([0.8, 0.1, 0.2]), 0.2)
    assert found == pytest.approx([0.25, 1.0, 0.5])


def test_sympson_and_hetter_in_simulation():
    chance = np.random.default_rng(1)
    rules = Rules(stopping=Stopping.fixed_length(10), exposure=MaximumRate(0.9))
    found = calibrate(bank(200), rules, 0.25, chance.normal(size=1500), chance, rounds=8)
    assert found.highest[0] == 1.0
    # The highest of many rates near 0.25 lies some three standard errors (0.011) above it.
    assert min(found.highest) < 0.25 + 4 * 0.0112
    assert found.rules.exposure is None
    assert min(found.rules.admission.values()) < 0.5
    with pytest.raises(InvalidInput, match="allows 5.00 items"):
        calibrate(bank(20), rules, 0.25, chance.normal(size=10), chance)


@pytest.mark.parametrize(("rate", "span"), [(0.0, 100), (1.5, 100), (float("nan"), 100), (0.2, 0)])
def test_rates_out_of_range(rate, span):
    with pytest.raises(InvalidInput):
        MaximumRate(rate, span)
