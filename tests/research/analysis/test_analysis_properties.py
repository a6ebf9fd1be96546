"""What must hold for any study: names of arms and the order of rows change nothing."""

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fixtures.studies import Study, lean_plan, of_scores, plan_for
from holdfast.research.analysis.analysing import analyse
from holdfast.research.analysis.results import Results

SCORES = st.lists(st.one_of(st.none(), st.integers(0, 1000).map(lambda tenth: tenth / 10)), max_size=14)
SETTINGS = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
FLIPPED = ("welch", "average_variance_g", "hedges_g", "hodges_lehmann", "lin")


@SETTINGS
@given(SCORES, SCORES)
def test_turning_the_arms_round_turns_the_signs_round(treated, control):
    data = of_scores(treated, control)
    if not data.tables["students_overview"].height:
        return
    plan = lean_plan(covariates=("pretest",))
    turned = plan.model_copy(update={"arms": plan.arms[::-1]})
    ours, theirs = (analyse(data, one).primary.population() for one in (plan, turned))
    for name in FLIPPED:
        one, other = ours.statistic(name), theirs.statistic(name)
        assert one.there == other.there, name
        if one.there:
            assert one.estimate == pytest.approx(-other.estimate, rel=1e-5, abs=1e-5), name
            assert one.low == pytest.approx(-other.high, rel=1e-4, abs=1e-4), name
    ranks = ours.statistic("mann_whitney"), theirs.statistic("mann_whitney")
    if ranks[0].there:
        assert ranks[0].estimate == pytest.approx(1 - ranks[1].estimate)
    one, other = ours.statistic("welch"), theirs.statistic("welch")
    assert one.p == (None if other.p is None else pytest.approx(other.p, rel=1e-9))


@SETTINGS
@given(SCORES, SCORES, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(treated, control, chance):
    data = of_scores(treated, control)
    if not data.tables["students_overview"].height:
        return
    mixed = {}
    for name, table in data.tables.items():
        order = list(range(table.height))
        chance.shuffle(order)
        mixed[name] = table[order]
    plan = lean_plan(covariates=("pretest",), cluster="cluster")
    assert analyse(Study(mixed, data.intake), plan).to_json() == analyse(data, plan).to_json()


@SETTINGS
@given(SCORES, SCORES)
def test_whatever_the_scores_the_results_are_finite_and_read_back(treated, control):
    data = of_scores(treated, control)
    if not data.tables["students_overview"].height:
        return
    results = analyse(data, lean_plan(seed_figures=True))
    assert Results.from_json(results.to_json()) == results
    flow = results.flow
    assert flow.assessed == flow.randomised + sum(count.count for count in flow.excluded)
    for arm in flow.arms:
        assert arm.allocated == arm.analysed + sum(count.count for count in arm.not_analysed)
        assert arm.allocated == arm.received + sum(count.count for count in arm.not_received)
        assert arm.allocated == arm.per_protocol + sum(count.count for count in arm.not_per_protocol)


def test_other_names_of_the_arms_give_the_same_numbers():
    data = of_scores([60.0, 70.0, 80.0, 75.0, 66.0, 90.0], [55.0, 65.0, 71.0, 62.0, 80.0, 59.0])
    names = {"A": "with", "B": "without"}
    overview = data.tables["students_overview"].with_columns(pl.col("ab_group").replace_strict(names))
    plan = plan_for()
    arms = tuple(arm.model_copy(update={"code": names[arm.code]}) for arm in plan.arms)
    population = plan.population.model_copy(update={"challenge_points": "with"})
    renamed = plan.model_copy(update={"arms": arms, "population": population})
    ours = analyse(data, plan)
    theirs = analyse(Study({**data.tables, "students_overview": overview}, data.intake), renamed)
    for one, other in zip(
        ours.primary.population().statistics, theirs.primary.population().statistics, strict=True
    ):
        assert (one.estimate, one.low, one.high, one.p) == (other.estimate, other.low, other.high, other.p)
