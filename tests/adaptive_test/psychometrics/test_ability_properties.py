"""Finite on every pattern; a wrong answer never raises an estimate."""

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from adaptive_test.psychometrics.banks import items_and_answers
from holdfast.programs.adaptive_test.psychometrics.ability import Method, estimate
from holdfast.programs.adaptive_test.psychometrics.models import ItemParameters

ROUNDING = 1e-9


@given(items_and_answers(), st.sampled_from(Method))
@settings(max_examples=100, deadline=None)
def test_every_pattern_has_a_finite_estimate(answered, method):
    found = estimate(*answered, method)
    assert -6.0 <= found.theta <= 6.0
    assert 0.0 <= found.se <= 12.0
    if abs(found.theta) == 6.0:
        assert found.at_bound


@given(items_and_answers(), st.sampled_from([Method.EAP, Method.MAP, Method.MLE]))
@settings(max_examples=200, deadline=None)
def test_one_more_wrong_answer_never_raises_the_estimate(answered, method):
    items, right = answered
    right[-1] = False
    before, after = estimate(items[:-1], right[:-1], method), estimate(items, right, method)
    # Without an answer, maximum likelihood has no estimate that could be raised.
    if len(items) > 1 or method is not Method.MLE:
        assert after.theta <= before.theta + ROUNDING


@given(items_and_answers(), st.sampled_from(Method), st.data())
@settings(max_examples=250, deadline=None)
def test_turning_an_answer_from_right_to_wrong_never_raises_the_estimate(answered, method, data):
    items, right = answered
    turned = data.draw(st.integers(0, len(right) - 1))
    as_right, as_wrong = right.copy(), right.copy()
    as_right[turned], as_wrong[turned] = True, False
    assert estimate(items, as_wrong, method).theta <= estimate(items, as_right, method).theta + ROUNDING


def test_an_all_hard_bank_does_not_reward_wrong_answers():
    # catsim#31: with b = 2, 2.3, 2.6, 3.1 three wrong answers gave 1.0, 1.5, 1.75.
    items = ItemParameters.logistic([2.0, 2.3, 2.6, 3.1])
    for method in Method:
        course = [estimate(items[:k], np.zeros(k, dtype=bool), method).theta for k in range(1, 5)]
        assert all(later <= earlier for earlier, later in pairwise(course))
        # Warm's estimate knows no prior: one wrong answer to a hard item says "below the item", no more.
        assert course[0] < (2.0 if method is Method.WLE else 0.0)
