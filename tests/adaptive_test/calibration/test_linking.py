import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.kit.errors import InvalidInput
from holdfast.programs.adaptive_test.psychometrics.linking import haebara, mean_sigma, stocking_lord
from holdfast.programs.adaptive_test.psychometrics.models import ItemParameters, probability

METHODS = [mean_sigma, haebara, stocking_lord]


def bank(rng, items=12):
    return ItemParameters.logistic(b=rng.normal(size=items), a=rng.lognormal(0, 0.3, items), c=0.15)


def moved(items, slope, intercept):
    return ItemParameters.logistic(b=(items.b - intercept) / slope, a=items.a * slope, c=items.c)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 999), st.floats(0.5, 2), st.floats(-1.5, 1.5), st.sampled_from(METHODS))
def test_an_exact_change_of_scale_is_found(seed, slope, intercept, method):
    old = bank(np.random.default_rng(seed))
    new = moved(old, slope, intercept)
    link = method(new, old)
    assert (link.slope, link.intercept) == pytest.approx((slope, intercept), abs=1e-6)
    assert np.abs(link.displacement).max() < 1e-5
    back = link.items(new)
    assert np.allclose(back.a, old.a, rtol=1e-5) and np.allclose(back.b, old.b, atol=1e-5)
    theta = np.linspace(-2, 2, 5)
    assert np.allclose(probability(new, theta), probability(old, link.abilities(theta)), atol=1e-5)
    assert link.errors(0.3) == pytest.approx(0.3 * slope)


@pytest.mark.parametrize("method", METHODS)
def test_noisy_parameters_link_nearly(method):
    rng = np.random.default_rng(3)
    old = bank(rng, 40)
    new = moved(old, 1.2, 0.4)
    noisy = ItemParameters.logistic(
        b=new.b + rng.normal(0, 0.1, 40), a=new.a * rng.lognormal(0, 0.1, 40), c=new.c
    )
    link = method(noisy, old)
    assert (link.slope, link.intercept) == pytest.approx((1.2, 0.4), abs=0.1)


def test_an_anchor_that_changed_stands_out():
    old = bank(np.random.default_rng(4))
    b = moved(old, 1.0, 0.5).b.copy()
    b[5] += 1.0
    new = ItemParameters.logistic(b=b, a=old.a, c=old.c)
    link = haebara(new, old)
    assert np.argmax(np.abs(link.displacement)) == 5 and link.displacement[5] < -0.7


@pytest.mark.parametrize("method", METHODS)
def test_refusals(method):
    old = bank(np.random.default_rng(5))
    draft = ItemParameters.logistic(b=[0, np.nan])
    for new, against in ((old[:3], old), (old[:1], old[:1]), (draft, old[:2])):
        with pytest.raises(InvalidInput):
            method(new, against)


def test_mean_sigma_needs_spread():
    flat = ItemParameters.logistic(b=[1.0, 1.0])
    with pytest.raises(InvalidInput, match="spread"):
        mean_sigma(flat, flat)
