from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit

from holdfast.kit.errors import InvalidInput
from holdfast.programs.adaptive_test.psychometrics.gain import (
    EstimateKind,
    SessionEstimate,
    expected_score_gain,
    learning_gain,
    relative_efficiency,
    seed_learning_gain,
)
from holdfast.programs.adaptive_test.psychometrics.models import ItemParameters, information, probability

BEFORE = SessionEstimate(0.2, 0.3, "maths 1", EstimateKind.WLE)
AFTER = SessionEstimate(1.2, 0.4, "maths 1", EstimateKind.WLE)


def test_gain_has_an_error_and_an_index():
    found = learning_gain(BEFORE, AFTER)
    assert (found.gain, found.se, found.z) == pytest.approx((1.0, 0.5, 2.0))
    assert found.reliable and found.p == pytest.approx(0.0455, abs=1e-4) and found.basis == "likelihoods"
    back = learning_gain(AFTER, BEFORE)
    assert back.gain == -found.gain and back.reliable
    assert not learning_gain(BEFORE, replace(AFTER, theta=1.1)).reliable


def test_the_same_prior_is_allowed_and_named():
    first, second = (replace(x, kind=EstimateKind.EAP, prior_mean=0.0, prior_sd=1.0) for x in (BEFORE, AFTER))
    assert learning_gain(first, second).basis == "normal prior (0, 1)"


@pytest.mark.parametrize(
    ("first", "second", "field"),
    [
        ({}, {"scale": "maths 2"}, "scale"),
        ({"kind": EstimateKind.EAP, "prior_mean": 0.0, "prior_sd": 1.0}, {}, "kind"),
        (
            {"kind": EstimateKind.EAP, "prior_mean": 0.0, "prior_sd": 1.0},
            {"kind": EstimateKind.EAP, "prior_mean": 0.2, "prior_sd": 0.3},
            "prior",
        ),
        ({"kind": EstimateKind.MAP}, {"kind": EstimateKind.MAP}, "first"),
        ({}, {"at_bound": True}, "second"),
        ({"se": np.inf}, {}, "first"),
        ({}, {"theta": np.nan}, "second"),
        ({"se": 0.0}, {}, "first"),
    ],
)
def test_what_is_no_gain_is_refused(first, second, field):
    with pytest.raises(InvalidInput) as caught:
        learning_gain(replace(BEFORE, **first), replace(AFTER, **second))
    assert caught.value.field == field


def test_the_index_is_reliable_as_often_as_it_says():
    """Nobody learns; likelihood estimates with known errors."""
    rng = np.random.default_rng(1)
    errors = rng.uniform(0.2, 0.5, (4000, 2))
    theta = rng.normal(size=(4000, 1)) + errors * rng.standard_normal((4000, 2))
    reliable = [
        learning_gain(replace(BEFORE, theta=t[0], se=s[0]), replace(AFTER, theta=t[1], se=s[1])).reliable
        for t, s in zip(theta, errors, strict=True)
    ]
    assert np.mean(reliable) == pytest.approx(0.05, abs=0.015)


def test_gain_in_expected_score():
    form = ItemParameters.logistic(b=np.linspace(-2, 2, 30), a=1.2, c=0.2)
    found = expected_score_gain(BEFORE, AFTER, form)
    low, high = probability(form, np.array([0.2, 1.2])).mean(axis=1)
    assert found.gain == pytest.approx(high - low)
    rng = np.random.default_rng(2)
    drawn = [x.theta + x.se * rng.standard_normal(4000) for x in (BEFORE, AFTER)]
    scores = [probability(form, theta).mean(axis=1) for theta in drawn]
    assert found.se == pytest.approx(np.std(scores[1] - scores[0]), rel=0.1)


def test_efficiency_is_a_ratio_of_information():
    rng = np.random.default_rng(3)
    form = ItemParameters.logistic(b=rng.normal(size=40), a=1.0)
    near = ItemParameters.logistic(b=np.full(20, 0.7), a=1.0)
    found = relative_efficiency(near, form, form_name="spring form", theta=0.7)
    assert found.ratio == pytest.approx(20 * 0.25 / information(form, 0.7).sum())
    assert found.per_item_ratio == pytest.approx(2 * found.ratio) and found.per_item_ratio > 1
    assert relative_efficiency(form, form, form_name="itself", theta=-1.0).ratio == pytest.approx(1)
    for wrong in (form[[]], ItemParameters.logistic(b=[np.nan])):
        with pytest.raises(InvalidInput):
            relative_efficiency(wrong, form, form_name="x", theta=0.0)


def adaptive_test(rng, *, persons, bank_size, length):
    """Maximum information with EAP from 0, nobody learning; plain arrays."""
    a, b = rng.lognormal(0, 0.3, bank_size), rng.normal(size=bank_size)
    grid = np.linspace(-6, 6, 61)
    right = expit(a * (grid[:, None] - b))
    theta = rng.standard_normal(persons)
    log_posterior = np.tile(-0.5 * grid**2, (persons, 1))
    used = np.zeros((persons, bank_size), dtype=bool)
    estimate = np.zeros(persons)
    for _ in range(length):
        p = expit(a * (estimate[:, None] - b))
        item = np.argmax(np.where(used, -1, a**2 * p * (1 - p)), axis=1)
        used[np.arange(persons), item] = True
        correct = rng.random(persons) < expit(a[item] * (theta - b[item]))
        log_posterior += np.where(correct[:, None], np.log(right[:, item]).T, np.log1p(-right[:, item]).T)
        posterior = np.exp(log_posterior - log_posterior.max(axis=1, keepdims=True))
        estimate = posterior @ grid / posterior.sum(axis=1)
    return theta, estimate


def test_the_seeds_learning_gain_is_convergence():
    """0.74 with nobody learning: bank of 100, 20 items, 2PL, a lognormal(0, 0.3), b and ability N(0, 1)."""
    rng = np.random.default_rng(4)
    runs = [adaptive_test(rng, persons=1000, bank_size=100, length=20) for _ in range(5)]
    gains = [seed_learning_gain(np.zeros(1000), estimate) for _, estimate in runs]
    assert np.mean(gains) == pytest.approx(0.74, abs=0.02)
    correlation = np.mean([np.corrcoef(theta, estimate)[0, 1] for theta, estimate in runs])
    assert np.mean(gains) == pytest.approx(np.sqrt(2 / np.pi) * correlation, abs=0.02)


def test_the_seeds_learning_gain_counts_losses_as_gains():
    assert seed_learning_gain([0.5, 0.5], [0.1, 0.9]) == pytest.approx(0.4)
    with pytest.raises(InvalidInput):
        seed_learning_gain([0.5], [0.1, 0.2])
