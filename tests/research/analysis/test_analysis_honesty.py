"""What the older script got wrong, turned round: drop-outs, odd arms, refusals, looks, deviations."""

import math
from datetime import UTC, datetime

import pytest

from fixtures.studies import SNAPSHOT, lean_plan, of_scores, plan_for, study
from holdfast.kit.errors import InvalidInput
from holdfast.research.analysis.analysing import analyse, carried_out
from holdfast.research.analysis.results import Results, Role
from holdfast.research.plan.document import write_plan
from holdfast.research.plan.model import Looks, RecordedLook, Registration

A = [72.0, 80.0, 65.0, 91.0, 77.0, 84.0, 69.0, 88.0]
B = [75.0, 83.0, 70.0, 92.0, 79.0, 88.0, 74.0, 91.0]


def _welch(results):
    return results.primary.population().statistic("welch")


def _registration(plan, **more):
    given = {
        "cohort": "Study",
        "sha256": plan.sha256,
        "toml": write_plan(plan),
        "registered_at": datetime(2026, 9, 1, tzinfo=UTC),
        "registered_by": "researcher:r",
        "first_outcome_at": datetime(2026, 10, 1, tzinfo=UTC),
        "after_first_outcome": False,
    }
    return Registration(**given | more)


def test_drop_outs_do_not_turn_the_difference_round():
    plan = lean_plan()
    complete, lost = of_scores(A, B), of_scores(A, [*B, None, None, None])
    before, after = _welch(analyse(complete, plan)), _welch(analyse(lost, plan))
    assert before.estimate < 0
    assert (after.estimate, after.p) == (before.estimate, before.p)
    as_zero = sum(A) / 8 - sum(B) / 11
    assert as_zero > 0, "with 0 for the missing ones, as the older script has it, the sign flips"


def test_what_drop_outs_could_hide_is_said():
    results = analyse(of_scores(A, [*B, None, None, None]), lean_plan())
    bounds = results.primary.population().statistic("manski").extra
    worst = sum(A) / 8 - (sum(B) + 300) / 11
    best = sum(A) / 8 - sum(B) / 11
    assert (bounds["bound_low"], bounds["bound_high"]) == pytest.approx((worst, best))
    assert results.primary.missing == (("B", "did not complete the session", 3),)
    control, treated = results.flow.arms
    assert (control.allocated, control.analysed, treated.analysed) == (11, 8, 8)
    assert any("0 of 8" in line and "3 of 11" in line for line in results.limitations)
    attrition = next(check for check in results.checks if check.name == "attrition")
    assert attrition.statistic.estimate == pytest.approx(0 - 3 / 11)


@pytest.mark.parametrize(
    ("treated", "control", "words"),
    [
        ([80.0] * 8, B, "the same"),
        ([80.0] * 8, [70.0] * 8, "the same"),
        ([], B, "only one arm has values: Group B"),
        (A, [None] * 6, "only one arm has values: Group A"),
        (A, B[:4], "an arm has 4 values; fewer than 5 are described, not tested"),
        ([80.0], [70.0], "an arm has 1 values"),
        ([None] * 5, [None] * 5, "no student of these arms has a value"),
        ([None], [], "no student of these arms has a value"),
    ],
)
def test_a_number_that_would_mean_nothing_is_refused_with_its_reason(treated, control, words):
    results = analyse(of_scores(treated, control), lean_plan(covariates=("pretest",), cluster="cluster"))
    welch = _welch(results)
    assert words in welch.refusal
    assert (welch.estimate, welch.p, welch.low) == (None, None, None)
    assert any(words in line for line in results.refusals)
    (member,) = results.family.members
    assert member.p is None and words in member.refusal and member.rejected is None
    assert "NaN" not in results.to_json() and "Infinity" not in results.to_json()


def test_few_students_are_still_described():
    control, treated = analyse(of_scores(A[:3], B[:2]), lean_plan()).primary.population().arms
    assert (treated.observed, control.observed) == (3, 2)
    assert treated.mean == pytest.approx(sum(A[:3]) / 3) and control.sd is not None


def test_nobody_at_all_is_an_error():
    empty = of_scores([None], [])
    empty.tables = {name: table.clear() for name, table in empty.tables.items()}
    with pytest.raises(InvalidInput, match="no students"):
        analyse(empty, lean_plan())


def test_arms_that_the_plan_does_not_know_are_counted():
    data = study(40, seed=1)
    arms = data.tables["students_overview"]["ab_group"].to_list()
    odd = data.having("students_overview", ab_group=["a", None, "C", *arms[3:]])
    results = analyse(odd, plan_for())
    assert sum(count.count for count in results.flow.other_arms) == 3
    assert {one.what for one in results.deviations if one.kind == "unknown_arm"} == {"a", "C", "no arm"}
    allocated = sum(arm.allocated for arm in results.flow.arms)
    assert results.flow.randomised == allocated + 3 == 40
    assert sum(arm.students for arm in results.primary.population().arms) == allocated


def test_who_had_challenge_points_is_checked_against_the_arm():
    data = study(40, seed=1)
    arms = data.tables["students_overview"]["ab_group"].to_list()
    enabled = [arm == "A" for arm in arms]
    first = arms.index("A")
    enabled[first] = False
    results = analyse(data.having("students_overview", challenge_points_enabled=enabled), lean_plan())
    check = next(check for check in results.checks if check.name == "contamination")
    assert check.passed is False
    assert [(count.arm, count.count) for count in check.counts] == [("A", 1)]
    assert any("crossed" in line for line in results.limitations)
    clean = analyse(data, lean_plan())
    assert next(check for check in clean.checks if check.name == "contamination").passed is True


def test_sizes_are_checked_against_the_designed_ratio():
    lopsided = of_scores([70.0 + i % 9 for i in range(95)], [71.0 + i % 7 for i in range(30)])
    even = analyse(lopsided, lean_plan()).checks[0]
    assert even.name == "sample_ratio" and even.passed is False
    plan = lean_plan()
    arms = tuple(arm.model_copy(update={"ratio": 3.0 if arm.code == "A" else 1.0}) for arm in plan.arms)
    designed = analyse(lopsided, plan.model_copy(update={"arms": arms})).checks[0]
    assert designed.passed is True


def test_the_same_input_gives_the_same_text_and_it_reads_back():
    data, plan = study(48, seed=2), plan_for(covariates=("pretest",), cluster="cluster", seed_figures=True)
    results = analyse(data, plan)
    assert analyse(data, plan).to_json() == results.to_json()
    assert Results.from_json(results.to_json()) == results
    assert Results.from_json(results.to_json()).to_json() == results.to_json()
    other = analyse(data, plan, seed=99)
    assert other.primary.population().statistic("bca") != results.primary.population().statistic("bca")
    assert _welch(other) == _welch(results)
    assert [one for one in other.deviations if one.what == "analysis.seed"]


def test_results_of_another_kind_are_refused():
    text = analyse(of_scores(A, B), lean_plan()).to_json()
    for wrong in (
        "[]",
        "{}",
        "x",
        text.replace('"format": 1', '"format": 2'),
        text.replace('"flow"', '"flaw"'),
    ):
        with pytest.raises(InvalidInput):
            Results.from_json(wrong)


def test_every_statistic_says_what_it_was_computed_from():
    results = analyse(study(40), plan_for(covariates=("pretest",), cluster="cluster"))
    for outcome in results.outcomes:
        for population in outcome.populations:
            for one in population.statistics:
                assert one.origin.table and one.origin.column and one.origin.arms == ("B", "A"), one.name
                assert one.origin.population == population.population
                assert one.origin.filters[0].value == "B\tA"
    lin = results.primary.population().statistic("lin")
    assert lin.origin.covariates == ("pretest",)
    assert results.primary.population().statistic("permutation").origin.blocks == "allocation_block"
    assert results.outcome("medication_errors").population().statistic("welch").origin.per_student == "rate"


def test_each_outcome_has_one_confirmatory_test():
    results = analyse(study(40), plan_for(cluster="cluster"))
    tests = {
        outcome.name: [
            one.name
            for population in outcome.populations
            for one in population.statistics
            if one.role is Role.CONFIRMATORY
        ]
        for outcome in results.outcomes
    }
    assert set(map(len, tests.values())) == {1}
    assert tests["overall_score"] == ["welch"]
    assert tests["medication_errors"] == ["rate_ratio"] and tests["completion"] == ["risk_difference"]
    clustered = analyse(study(40), plan_for(cluster="cluster", allocated_by_cluster=True))
    assert clustered.primary.confirmatory.name == "cr2"


def test_an_arm_without_any_error_is_said_plainly():
    data = study(40)
    arms = data.tables["students_overview"]["ab_group"].to_list()
    errors = [0 if arm == "B" else 1 for arm in arms]
    results = analyse(data.having("performance_metrics", medication_errors=errors), plan_for())
    ratio = results.outcome("medication_errors").population().statistic("rate_ratio")
    assert ratio.estimate is None and ratio.unbounded == "high" and ratio.note
    assert ratio.low > 1 and ratio.p < 0.001
    assert not math.isnan(ratio.p)


def test_no_margin_no_equivalence_test():
    plan = lean_plan()
    assert analyse(study(40), plan).primary.population().statistic("tost") is None
    outcomes = (plan.outcomes[0].model_copy(update={"margin": 5.0}), *plan.outcomes[1:])
    found = analyse(study(40), plan.model_copy(update={"outcomes": outcomes}))
    tost = found.primary.population().statistic("tost")
    assert tost.extra["margin"] == 5.0 and tost.level == pytest.approx(0.9)
    assert tost.p == max(tost.extra["p_lower"], tost.extra["p_upper"])


def test_figures_of_the_older_script_only_when_asked_for():
    plain = analyse(study(40), lean_plan()).primary.population()
    assert plain.statistic("student") is None
    shown = analyse(study(40), lean_plan(seed_figures=True)).primary.population()
    assert shown.statistic("student").role is Role.SEED


def test_a_registered_plan_and_every_deviation_from_it():
    plan = plan_for()
    kept = analyse(study(40), plan, _registration(plan))
    assert kept.plan.status == "registered" and kept.plan.before_first_outcome is True
    assert kept.deviations == ()
    changed = plan_for(alpha=0.1)
    other = analyse(study(40), changed, _registration(plan))
    assert other.plan.status == "differs"
    assert [(d.what, d.planned, d.done) for d in other.deviations] == [("analysis.alpha", "0.05", "0.1")]
    late = analyse(study(40), plan, _registration(plan, after_first_outcome=True))
    assert late.plan.before_first_outcome is False
    assert [d.kind for d in late.deviations] == ["registered_late"]
    none = analyse(study(40), plan)
    assert none.plan.status == "not_registered" and any("exploratory" in one for one in none.limitations)


def test_what_the_data_lack_is_a_deviation_and_no_failure():
    data = study(40).without("scenario_performance", "baseline_covariates")
    results = analyse(data, plan_for(covariates=("pretest",)))
    found = {(one.kind, one.what) for one in results.deviations}
    assert {("missing_outcome", "scenario_score"), ("missing_covariate", "pretest")} <= found
    refused = results.outcome("scenario_score").population().statistic("welch")
    assert "no table scenario_performance" in refused.refusal
    assert "covariates" in results.primary.population().statistic("lin").refusal
    text = study(40).having("performance_metrics", safety_score=["high"] * 40)
    assert (
        "not numbers"
        in analyse(text, plan_for()).outcome("safety_score").population().statistic("welch").refusal
    )


def test_a_student_in_two_cohorts_counts_once():
    data = study(40, seed=4)
    overview = data.tables["students_overview"]
    doubled = overview.vstack(overview.head(1).with_columns(cohort=overview["cohort"].head(1) + " again"))
    data.tables["students_overview"] = doubled
    results = analyse(data, lean_plan())
    assert results.flow.randomised == 40 and _welch(results) == _welch(
        analyse(study(40, seed=4), lean_plan())
    )
    assert [one.kind for one in results.deviations if one.kind == "twice"] == ["twice"]


def _planned(students, fractions=(0.5, 1.0)):
    looks = Looks(kind="planned", fractions=fractions, students=students)
    return lean_plan().model_copy(update={"looks": looks})


def test_planned_looks_spend_alpha():
    data = study(40, seed=6)
    observed = sum(arm.observed for arm in analyse(data, lean_plan()).primary.population().arms)
    plan = _planned(2 * observed)
    half = analyse(data, plan)
    (look,) = half.looks.looks
    assert look.fraction == pytest.approx(0.5)
    assert look.threshold == pytest.approx(0.00305, abs=5e-5)  # O'Brien-Fleming at half: z = 2.963
    assert half.family.alpha == look.threshold
    assert look.crossed == (look.p <= look.threshold)
    assert not [one for one in half.deviations if one.kind == "look"]
    odd = analyse(data, _planned(4 * observed))
    assert [one.done for one in odd.deviations if one.kind == "look"] == ["0.250"]
    earlier = RecordedLook(datetime(2026, 10, 5, tzinfo=UTC), plan.sha256, observed // 2, 0.5)
    full = _planned(observed)
    end = analyse(data, full, _registration(full, looks=(earlier,)))
    assert [one.present for one in end.looks.looks] == [False, True]
    assert 0.04 < end.looks.looks[-1].threshold < 0.05
    assert end.looks.looks[-1].alpha_spent == pytest.approx(0.05)


def test_the_same_state_again_is_no_new_look_and_another_one_is_counted():
    data, plan = study(40, seed=6), lean_plan()
    observed = sum(arm.observed for arm in analyse(data, plan).primary.population().arms)
    same = RecordedLook(SNAPSHOT, plan.sha256, observed, None)
    again = analyse(data, plan, _registration(plan, looks=(same, same)))
    assert len(again.looks.looks) == 1 and "as planned" in again.looks.finding
    early = RecordedLook(SNAPSHOT, plan.sha256, 12, None)
    peeked = analyse(data, plan, _registration(plan, looks=(early, early, same)))
    assert len(peeked.looks.looks) == 2
    assert any("2 different states" in line for line in peeked.limitations)


def test_open_ended_looks_are_judged_by_the_sequence():
    plan = plan_for().model_copy(update={"looks": Looks(kind="open-ended")})
    results = analyse(study(60, seed=6), plan)
    sequence = results.primary.confirmatory
    assert sequence.name == "confidence_sequence" and sequence.note
    welch = _welch(results)
    assert welch.role is Role.SENSITIVITY and "single look" in welch.note
    assert sequence.low < welch.low and welch.high < sequence.high
    assert results.looks.sequence.p == sequence.p == results.family.members[0].p
    assert results.outcome("completion").confirmatory is None


def test_many_students_are_not_resampled(monkeypatch):
    monkeypatch.setattr("holdfast.research.analysis.comparison.LARGEST_RESAMPLED", 10)
    found = carried_out(study(40), lean_plan())
    assert "not drawn above 10" in found.results.primary.population().statistic("bca").refusal
    assert found.draws == {} and found.draws_table().height == 0


@pytest.mark.parametrize("classes", [["one"] * 16, ["left"] * 8 + ["right"] * 8, [None] * 16])
@pytest.mark.parametrize("errors", [[0] * 16, [3] + [0] * 15])
def test_odd_designs_give_refusals_and_no_failure(classes, errors):
    data = of_scores(A, B).having("students_overview", cluster=classes)
    data = data.having("performance_metrics", medication_errors=errors)
    data = data.having("baseline_covariates", value=[7.0] * 16)
    results = analyse(data, plan_for(covariates=("pretest",), cluster="cluster", allocated_by_cluster=True))
    population = results.primary.population()
    assert "covariate 1 is the same" in population.statistic("lin").refusal
    assert results.primary.confirmatory.name == "cr2" and results.primary.confirmatory.refusal
    assert population.statistic("welch").there
    assert Results.from_json(results.to_json()) == results
