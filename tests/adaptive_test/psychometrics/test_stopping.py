"""Every stop rule, one by one and for many at once."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.kit.errors import InvalidInput
from holdfast.programs.adaptive_test.psychometrics.stopping import (
    REASONS,
    Classification,
    Standing,
    Standings,
    Stopping,
    StopReason,
    judge,
    judge_all,
)

ALL = Stopping(
    minimum=5,
    maximum=20,
    standard_error=0.3,
    ability_change=0.02,
    classification=Classification((0.0,), 0.9),
    time_limit_s=600.0,
)
GOING = Standing(scored=10, elapsed_s=60.0, owing=False, se=0.5, change=0.1, class_probability=0.6)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, None),
        ({"se": 0.3}, StopReason.STANDARD_ERROR),
        ({"se": 0.3, "scored": 4}, None),
        ({"se": 0.3, "owing": True}, None),
        ({"change": 0.02}, StopReason.ABILITY_CHANGE),
        ({"class_probability": 0.9}, StopReason.CLASSIFICATION),
        ({"scored": 20}, StopReason.MAXIMUM),
        ({"scored": 20, "owing": True}, StopReason.MAXIMUM),
        ({"elapsed_s": 600.0, "scored": 1}, StopReason.TIME_LIMIT),
        ({"se": 0.2, "change": 0.0, "class_probability": 1.0}, StopReason.STANDARD_ERROR),
    ],
)
def test_which_rule_stops(change, reason):
    stop = judge(ALL, GOING._replace(**change))
    assert (stop.reason if stop else None) == reason


def test_rules_that_are_not_set_do_not_stop():
    at_the_end_of_everything = Standing(19, 1e9, owing=False, se=0.0, change=0.0, class_probability=1.0)
    assert judge(Stopping(), at_the_end_of_everything) is None
    stop = judge(Stopping.fixed_length(20), GOING._replace(scored=20))
    assert stop.to_json() == {"reason": "fixed_length", "scored": 20}


standings = st.builds(
    Standing,
    scored=st.integers(0, 25),
    elapsed_s=st.sampled_from([0.0, 599.9, 600.0]),
    owing=st.booleans(),
    se=st.sampled_from([0.1, 0.3, 0.31]),
    change=st.sampled_from([0.0, 0.02, 0.5, float("inf")]),
    class_probability=st.sampled_from([0.5, 0.9, 0.95]),
)


@given(st.lists(standings, min_size=1, max_size=20), st.sampled_from([ALL, Stopping(), Stopping(5, 20, 0.3)]))
def test_many_at_once_are_judged_as_one_by_one(many, rules):
    found = judge_all(rules, Standings(*(np.array(column) for column in zip(*many, strict=True))))
    alone = [judge(rules, one) for one in many]
    assert [REASONS[k] if k >= 0 else None for k in found] == [s.reason if s else None for s in alone]


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: Stopping(minimum=0), "stopping.minimum"),
        (lambda: Stopping(minimum=6, maximum=5), "stopping.maximum"),
        (lambda: Stopping(maximum=10_000), "stopping.maximum"),
        (lambda: Stopping(standard_error=0.0), "stopping.standard_error"),
        (lambda: Stopping(standard_error=float("nan")), "stopping.standard_error"),
        (lambda: Stopping(time_limit_s=-1.0), "stopping.time_limit_s"),
        (lambda: Classification(()), "stopping.classification.cuts"),
        (lambda: Classification((1.0, 0.0)), "stopping.classification.cuts"),
        (lambda: Classification((7.0,)), "stopping.classification.cuts"),
        (lambda: Classification((0.0,), 0.5), "stopping.classification.probability"),
    ],
)
def test_rules_that_make_no_sense_are_named(make, field):
    with pytest.raises(InvalidInput) as refused:
        make()
    assert refused.value.field == field
