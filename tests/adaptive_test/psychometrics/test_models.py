"""Probabilities and information against plain formulas; finite everywhere; both metrics."""

import math

import numpy as np
import pytest

from adaptive_test.psychometrics import slow
from adaptive_test.psychometrics.banks import parameters, tuples
from holdfast.kit.errors import InvalidInput
from holdfast.programs.adaptive_test.psychometrics import models
from holdfast.programs.adaptive_test.psychometrics.models import (
    ConceptItems,
    ItemParameters,
    Parameterisation,
)


@pytest.mark.parametrize("model", [1, 2, 3, 4])
def test_curves_are_those_of_the_formulas(model):
    items = parameters(30, seed=model, model=model)
    for theta in (-6.0, -1.3, 0.0, 0.7, 6.0):
        plain = tuples(items)
        assert models.probability(items, theta) == pytest.approx([slow.chance(i, theta) for i in plain])
        found = models.information(items, theta)
        assert found == pytest.approx([slow.information(i, theta) for i in plain], rel=1e-9)
        right, wrong = models.log_probabilities(items, theta)
        assert right == pytest.approx([math.log(slow.chance(i, theta)) for i in plain], rel=1e-9)
        # 1 - P has lost digits where P is near 1; the logarithm of the curve has not.
        assert wrong == pytest.approx([math.log(1 - slow.chance(i, theta)) for i in plain], rel=1e-6)


def test_everything_is_finite_far_out():
    items = ItemParameters.logistic([0.0, 0.0, 0.0], [1.0, 30.0, 2.0], [0.0, 0.2, 0.0], [1.0, 1.0, 0.9])
    found = models.terms(items, np.array([-1e3, -50.0, 50.0, 1e3]))
    for part in found:
        assert np.isfinite(part).all()
    assert (found.information >= 0).all()


def test_the_two_metrics_are_the_same_curves():
    seed = ItemParameters.logistic([0.3, -1.2], [1.2, 0.8], parameterisation=Parameterisation.INTERCEPT)
    assert models.logit(seed, 0.5) == pytest.approx([1.2 * 0.5 - 0.3, 0.8 * 0.5 + 1.2])
    usual = seed.in_difficulties()
    assert usual.b == pytest.approx([0.25, -1.5])
    assert models.probability(usual, 0.7) == pytest.approx(models.probability(seed, 0.7))


def test_the_seeds_check_values():
    scalar = ItemParameters.logistic([0.3, 0.6], [1.2, 1.5], parameterisation="a*theta-b")
    items = ConceptItems(scalar, np.array([[1, 0, 0, 0, 0], [1, 1, 0, 0, 0]]))
    theta = np.full(5, 0.5)
    assert items.probability(theta) == pytest.approx([0.5744, 0.7109], abs=5e-5)
    assert items.information(theta)[0] == pytest.approx(0.3520, abs=5e-5)
    assert items.slopes.tolist() == [[1.2, 0, 0, 0, 0], [1.5, 1.5, 0, 0, 0]]


def test_an_item_without_calibration_has_nothing():
    items = ItemParameters.logistic([0.0, np.nan], [1.0, 1.0])
    assert items.calibrated.tolist() == [True, False]
    assert np.isnan(models.probability(items, 0.0)).tolist() == [False, True]
    assert items[[1]].calibrated.tolist() == [False]
    assert items[0].rows() == [{"a": 1.0, "b": 0.0, "c": 0.0, "d": 1.0, "parameterisation": "a(theta-b)"}]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"b": [0.0], "a": [0.0]}, "a"),
        ({"b": [0.0], "a": [-1.0]}, "a"),
        ({"b": [np.inf]}, "b"),
        ({"b": [0.0], "c": [-0.1]}, "c"),
        ({"b": [0.0], "c": [0.9], "d": [0.8]}, "c"),
        ({"b": [0.0], "d": [1.2]}, "d"),
        ({"b": [0.0], "a": [np.nan]}, "a"),
    ],
)
def test_parameters_out_of_range_are_named(given, field):
    with pytest.raises(InvalidInput) as wrong:
        ItemParameters.logistic(**given)
    assert wrong.value.field == field


@pytest.mark.parametrize("weights", [[[1, 0]], [[0, 0], [1, 0]], [[-1, 1], [1, 0]], [[np.nan, 1], [1, 0]]])
def test_concept_weights_out_of_range_are_refused(weights):
    with pytest.raises(InvalidInput) as wrong:
        ConceptItems(ItemParameters.logistic([0.0, 1.0]), np.array(weights, dtype=float))
    assert wrong.value.field == "concepts"
