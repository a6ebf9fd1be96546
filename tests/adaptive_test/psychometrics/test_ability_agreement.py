"""Estimates and standard errors agree with plain loops on random banks, by every method in every model."""

import numpy as np
import pytest

from adaptive_test.psychometrics import slow
from adaptive_test.psychometrics.banks import parameters, tuples
from holdfast.kit.errors import InvalidInput
from holdfast.programs.adaptive_test.psychometrics import models
from holdfast.programs.adaptive_test.psychometrics.ability import Method, Prior, estimate, estimate_all
from holdfast.programs.adaptive_test.psychometrics.ability.posterior import class_shares, log_prior, weights
from holdfast.programs.adaptive_test.psychometrics.models import ItemParameters


def answered(seed, model, n=15):
    items = parameters(n, seed, model)
    theta = np.random.default_rng(seed + 1000).normal()
    right = np.random.default_rng(seed + 2000).random(n) < models.probability(items, theta)
    return items, right


@pytest.mark.parametrize("model", [1, 2, 3, 4])
@pytest.mark.parametrize("prior", [Prior(), Prior(-0.5, 1.7)])
def test_expected_a_posteriori(model, prior):
    for seed in range(5):
        items, right = answered(seed, model)
        found = estimate(items, right, Method.EAP, prior)
        theta, error = slow.eap(tuples(items), right, prior.mean, prior.sd)
        assert found.theta == pytest.approx(theta, abs=1e-9)
        assert found.se == pytest.approx(error, abs=1e-9)


@pytest.mark.parametrize("model", [1, 2, 3, 4])
@pytest.mark.parametrize("method", [Method.MAP, Method.MLE, Method.WLE])
def test_maxima(model, method):
    for seed in range(2):
        items, right = answered(seed, model)
        found = estimate(items, right, method)
        theta, error = slow.maximum(tuples(items), right, method.value, steps=600)
        # Golden section on values sees a maximum to the root of the rounding error only.
        assert found.theta == pytest.approx(theta, abs=2e-6)
        assert found.se == pytest.approx(error, rel=1e-5)


def test_many_persons_are_as_one_by_one():
    items = parameters(30, 5, 3)
    chance = np.random.default_rng(6)
    given = np.stack([chance.permutation(30)[:8] for _ in range(20)])
    given[3, 5:] = -1
    given[4] = -1
    right = chance.random(given.shape) < 0.6
    for method in Method:
        everyone = estimate_all(items, given, right, method)
        for person in range(20):
            own = given[person] >= 0
            alone = estimate(items[given[person][own]], right[person][own], method)
            assert everyone.one(person) == pytest.approx(alone, abs=1e-10)


def test_the_best_of_several_maxima_is_found():
    # Two hard items right and two easy ones wrong, with guessing: there are two maxima.
    items = ItemParameters.logistic([-3.0, -3.0, 3.0, 3.0], 3.0, 0.2)
    right = [False, False, True, True]
    found = estimate(items, right, Method.MAP, Prior(0.0, 3.0))
    theta, _ = slow.maximum(tuples(items), right, "map", 0.0, 3.0, steps=600)
    assert found.theta == pytest.approx(theta, abs=2e-6)
    assert found.theta < -2


def test_without_answers():
    none = parameters(3)[:0]
    assert estimate(none, [], Method.EAP) == pytest.approx((0.0, 1.0, False), abs=1e-6)
    assert estimate(none, [], Method.MAP, Prior(0.5, 2.0)) == pytest.approx((0.5, 2.0, False))
    for method in (Method.MLE, Method.WLE):
        assert estimate(none, [], method) == (0.0, 12.0, True)


def test_one_sided_patterns_are_flagged_at_the_bound():
    items = parameters(10)
    assert estimate(items, [True] * 10, Method.MLE)[::2] == (6.0, True)
    assert estimate(items, [False] * 10, Method.MLE)[::2] == (-6.0, True)
    for method in (Method.EAP, Method.MAP, Method.WLE):
        assert not estimate(items, [True] * 10, method).at_bound


def test_an_item_without_parameters_is_never_scored():
    with pytest.raises(InvalidInput) as wrong:
        estimate(ItemParameters.logistic([0.0, np.nan]), [True, True])
    assert wrong.value.field == "items"


def test_class_probabilities_share_a_node_between_the_classes_beside_it():
    shares = class_shares((-0.05, 1.0))
    assert shares.sum(axis=1) == pytest.approx(np.ones(61))
    assert shares[30] == pytest.approx([0.25, 0.75, 0.0])
    mass = weights(log_prior(Prior())) @ class_shares((0.0,))
    assert mass == pytest.approx([0.5, 0.5])
