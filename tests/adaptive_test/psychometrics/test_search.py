"""The search for the best item is exact; the criteria are those of the formulas; draws are uniform."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adaptive_test.psychometrics import slow
from adaptive_test.psychometrics.banks import parameters, tuples
from holdfast.programs.adaptive_test.psychometrics import models
from holdfast.programs.adaptive_test.psychometrics.ability.estimate import Prior
from holdfast.programs.adaptive_test.psychometrics.ability.posterior import log_prior, weights
from holdfast.programs.adaptive_test.psychometrics.models import ItemParameters
from holdfast.programs.adaptive_test.psychometrics.selection import draws
from holdfast.programs.adaptive_test.psychometrics.selection.criteria import Curves, chance
from holdfast.programs.adaptive_test.psychometrics.selection.search import InformationIndex


@given(
    st.integers(0, 10_000),
    st.integers(1, 4),
    st.integers(1, 600),
    st.floats(-6, 6),
    st.integers(1, 6),
    st.floats(0, 1),
)
@settings(max_examples=100, deadline=None)
def test_search_finds_what_a_look_at_all_items_finds(seed, model, n, theta, among, share):
    items = parameters(n, seed, model)
    chosen = np.random.default_rng(seed)
    active, eligible = chosen.random(n) < 0.9, chosen.random(n) < share
    active[0] = True
    eligible &= active
    values = models.information(items, theta)
    expected = sorted(np.flatnonzero(eligible), key=lambda k: -values[k])[:among]
    index = InformationIndex(items, active)
    found = index.best(theta, eligible, among)
    assert found.items.tolist() == expected
    assert found.values == pytest.approx(values[expected], rel=1e-9)
    everyone = index.best_of_all(np.array([theta, 0.0]), np.stack([eligible, active]), among)
    padded = expected + [-1] * (among - len(expected))
    assert everyone.items[0].tolist() == padded
    assert everyone.items[1].tolist()[: int(active.sum())] == index.best(0.0, active, among).items.tolist()


def test_of_equal_items_the_first_of_the_bank_wins():
    items = ItemParameters.logistic([0.5, -0.5, 0.5, -0.5])
    index = InformationIndex(items, np.ones(4, dtype=bool))
    for theta in (0.0, 1e-16, -1e-16):
        assert index.best(theta, np.ones(4, dtype=bool), 1).items.tolist() == [0]
        assert index.best(theta, np.ones(4, dtype=bool), 3).items.tolist() == [0, 1, 2]
        everyone = index.best_of_all(np.array([theta]), np.ones((1, 4), dtype=bool), 3)
        assert everyone.items.tolist() == [[0, 1, 2]]
        assert index.best(theta, np.array([False, True, True, True]), 1).items.tolist() == [1]


@pytest.mark.parametrize("model", [2, 4])
def test_criteria_over_the_posterior(model):
    items, answered = parameters(25, 3, model), parameters(4, 4, model)
    right = [True, True, False, True]
    mass = slow.posterior(tuples(answered), right)
    log_right, log_wrong = models.log_probabilities(answered, np.linspace(-6, 6, 61))
    log_posterior = log_prior(Prior()) + np.where(right, log_right, log_wrong).sum(axis=1)
    weight = weights(log_posterior)[np.newaxis]
    assert weight[0] == pytest.approx(mass, abs=1e-12)
    curves, plain = Curves(items), tuples(items)
    theta, error = slow.eap(tuples(answered), right)
    found = curves.kullback_leibler(np.array([theta]), weight)[0]
    assert found == pytest.approx([slow.kullback_leibler(i, theta, mass) for i in plain], rel=1e-8)
    reduction = curves.variance_reduction(weight)[0]
    expected = [error**2 - slow.expected_variance(i, mass) for i in plain]
    assert reduction == pytest.approx(expected, rel=1e-6, abs=1e-10)


def test_draws_are_the_same_one_by_one_and_uniform():
    many = np.random.default_rng(0).integers(0, 2**63 - 1, size=50, dtype=np.int64)
    table = draws.uniforms(many[:, np.newaxis], np.arange(40))
    assert table.tolist() == [[draws.uniform(int(d), k) for k in range(40)] for d in many]
    numbers = draws.uniforms(7, np.arange(100_000))
    counts = np.bincount((numbers * 20).astype(int), minlength=20)
    # Chi-square with 19 degrees of freedom: 43.8 is its 0.999 quantile.
    assert ((counts - 5000) ** 2 / 5000).sum() < 43.8
    assert abs(np.corrcoef(numbers[:-1], numbers[1:])[0, 1]) < 0.015
    assert chance(many, 3).shape == (50, 3)
