"""Quotas, enemies, earlier items and exposure control together: refused at the start, or met in the test."""

import numpy as np
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from adaptive_test.psychometrics.banks import bank
from holdfast.kit.errors import InvalidInput
from holdfast.programs.adaptive_test.psychometrics.engine import Engine
from holdfast.programs.adaptive_test.psychometrics.rules import Rules
from holdfast.programs.adaptive_test.psychometrics.selection.content import InfeasibleQuota, Quota
from holdfast.programs.adaptive_test.psychometrics.selection.exposure import ExposureCounts, MaximumRate
from holdfast.programs.adaptive_test.psychometrics.steps import Answer, Choice
from holdfast.programs.adaptive_test.psychometrics.stopping import Stopping, StopReason


def engine(areas, quotas, length=10, **more):
    columns = {"enemies": more.pop("enemies", ())}
    rules = Rules(stopping=Stopping.fixed_length(length), quotas=quotas, **more)
    return Engine(bank(len(areas), areas=tuple(areas), **columns), rules)


def test_too_few_items_are_named():
    with pytest.raises(InfeasibleQuota, match="'algebra' asks for 3 items, 2 can be given") as refused:
        engine(["algebra"] * 2 + ["other"] * 20, (Quota("algebra", 3),))
    assert refused.value.field == "quotas"
    assert refused.value.details == {"area": "algebra", "needed": 3, "available": 2}


def test_enemies_count_once():
    areas = ["algebra"] * 3 + ["other"] * 20
    engine(areas, (Quota("algebra", 3),))
    with pytest.raises(InfeasibleQuota, match="'algebra'"):
        engine(areas, (Quota("algebra", 3),), enemies=[{"q0", "q1"}])


def test_minima_longer_than_the_test():
    with pytest.raises(
        InfeasibleQuota, match="at least 12 items .algebra: 6, other: 6., the test has at most 10"
    ):
        engine(["algebra", "other"] * 20, (Quota("algebra", 6), Quota("other", 6)))


def test_maxima_shorter_than_the_test():
    with pytest.raises(InfeasibleQuota, match="leave 7 items, the test has at least 10"):
        engine(["algebra", "other"] * 20, (Quota("algebra", 0, 3), Quota("other", 0, 4)))


def test_a_quota_that_the_exposure_rate_cannot_serve():
    with pytest.raises(InfeasibleQuota, match="'algebra' asks for 3 items in each test; .* allow 2.50"):
        engine(["algebra"] * 10 + ["other"] * 90, (Quota("algebra", 3),), exposure=MaximumRate(0.25))
    with pytest.raises(InfeasibleQuota, match="allows 9.00 items in each test") as refused:
        engine(["algebra"] * 36, (), exposure=MaximumRate(0.25))
    assert refused.value.field == "exposure.rate"


def test_what_a_student_has_seen_may_make_it_infeasible():
    made = engine(["algebra"] * 3 + ["other"] * 20, (Quota("algebra", 3),))
    made.open(1)
    made.open(1, seen=["q5"])
    with pytest.raises(InfeasibleQuota, match="'algebra'"):
        made.open(1, seen=["q2"])


@pytest.mark.parametrize(
    "quotas", [[Quota("a", 1), Quota("a", 2)], ["negative"], ["crossed"], ["nameless"]], ids=str
)
def test_quotas_that_make_no_sense(quotas):
    made = {
        "negative": lambda: Quota("a", -1),
        "crossed": lambda: Quota("a", 3, 2),
        "nameless": lambda: Quota("", 1),
    }
    with pytest.raises(InvalidInput) as refused:
        engine(["a"] * 20, [made[q]() if isinstance(q, str) else q for q in quotas])
    assert refused.value.field == "quotas"


@st.composite
def settings_of_a_test(draw):
    """A bank with areas and enemies, quotas, and what a student has seen."""
    n = draw(st.integers(8, 40))
    areas = draw(st.lists(st.sampled_from("abcd"), min_size=n, max_size=n))
    ids = [f"q{k}" for k in range(n)]
    enemies = draw(st.lists(st.sets(st.sampled_from(ids), min_size=2, max_size=4), max_size=6))
    quotas = []
    for area in "abc":
        low = draw(st.integers(0, 4))
        high = draw(st.none() | st.integers(low, 6))
        quotas.append(Quota(area, low, high))
    minimum = draw(st.integers(1, 8))
    rules = Rules(
        stopping=Stopping(minimum=minimum, maximum=draw(st.integers(minimum, 12))),
        quotas=tuple(quotas),
        among=draw(st.integers(1, 5)),
        exposure=draw(st.none() | st.just(MaximumRate(0.5))),
    )
    return (
        bank(n, areas=tuple(areas), enemies=enemies),
        rules,
        draw(st.lists(st.sampled_from(ids), max_size=4)),
    )


@given(settings_of_a_test(), st.integers(0, 2**63 - 1), st.data())
@settings(max_examples=100, deadline=None)
def test_whatever_is_accepted_is_met_without_a_dead_end(test, draw, data):
    pool, rules, seen = test
    try:
        made = Engine(pool, rules)
        counts = ExposureCounts(np.full(len(pool), 400), np.arange(len(pool)) * 7)
        opening = made.open(draw, seen=seen, counts=counts)
    except InfeasibleQuota:
        reject()
    state, chance = made.begin(opening), np.random.default_rng(draw)
    while isinstance(choice := made.decide(state, int(chance.integers(2**62))), Choice):
        assert choice.item not in seen
        state = made.answer(state, Answer(choice.item, bool(chance.random() < 0.5)))
    for quota, count in zip(rules.quotas, state.counts, strict=False):
        assert quota.minimum <= count <= (len(pool) if quota.maximum is None else quota.maximum)
    assert rules.stopping.minimum <= len(state.items) <= rules.stopping.maximum
    groups = [g for g in pool.group[list(state.items)].tolist() if g >= 0]
    assert len(groups) == len(set(groups))
    assert len(set(state.items)) == len(state.items)
    if choice.reason is StopReason.POOL_EXHAUSTED:
        assert len(state.items) < rules.stopping.maximum
