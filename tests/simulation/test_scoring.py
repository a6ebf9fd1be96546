"""Scores: the seed's sample, the bands' limits, and what is never counted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.programs.simulation.engine.facts import (
    ChallengeAnswered,
    ChallengeOpened,
    ChecklistDone,
    DecisionRated,
    MedicationEvent,
    TreatmentGiven,
)
from holdfast.programs.simulation.scenario.judgement import ChecklistItem
from holdfast.programs.simulation.scenario.vocabulary import Rating
from holdfast.programs.simulation.scoring import (
    Band,
    ChecklistLevel,
    TimingLabel,
    band_of,
    challenge_score,
    checklist_score,
    decisions_of,
    overall_score,
    safety_of,
    safety_score,
    score_run,
    score_session,
    timing_label,
    treatment_timings,
)

COUNTED = ["optimal", "acceptable", "suboptimal", "dangerous"]


def item(name: str, points: float = 10, *, target_s: float | None = 120, **fields: object) -> ChecklistItem:
    document = {
        "id": name,
        "action": name.title(),
        "category": "treatment",
        "importance": "critical",
        "points": points,
        "target_s": target_s,
        "done_when": {"given": name},
    }
    return ChecklistItem.model_validate(document | fields)


def done(name: str, at_s: float, points: float, *, on_time: bool = True) -> ChecklistDone:
    return ChecklistDone(at_s, name, name.title(), "treatment", "critical", points, on_time)


def rated(decision: str, rating: str, at_s: float = 60) -> DecisionRated:
    return DecisionRated(at_s, decision, decision, rating, "because")


def event(kind: str, severity: str = "error", at_s: float = 90, treatment: str = "propranolol"):
    return MedicationEvent(at_s, severity, kind, treatment, treatment.title(), "it harms")  # type: ignore[arg-type]


def given_at(treatment: str, at_s: float, *, safe: bool = True) -> TreatmentGiven:
    return TreatmentGiven(at_s, treatment, treatment.title(), None, None, None, "critical", safe)


def answered(quality: str) -> ChallengeAnswered:
    return ChallengeAnswered(100, "c", "text", quality == "skipped", quality, (), (), 30, "says")  # type: ignore[arg-type]


def test_overall_score_of_the_sample_counts() -> None:
    ratings = ["optimal"] * 15 + ["acceptable"] * 5 + ["suboptimal"] * 2
    score = overall_score(ratings)
    assert score.score == 89.8  # (1500 + 375 + 100) / 22
    assert score.total == 22
    assert score.interpretation == "Good performance"


def test_overall_score_keeps_one_decimal() -> None:
    assert overall_score(["optimal", "acceptable"]).score == 87.5
    assert overall_score(["optimal"] * 19 + ["suboptimal"]).score == 97.5
    assert overall_score(["dangerous"] * 19 + ["acceptable"]).score == 3.8  # 3.75 goes up


def test_not_performed_is_in_neither_numerator_nor_denominator() -> None:
    score = overall_score(["optimal", "not_performed", "not_performed"])
    assert score.score == 100
    assert score.total == 1
    assert score.to_json()["breakdown"]["notPerformed"] == 2


@pytest.mark.parametrize("ratings", [[], ["not_performed"]])
def test_nothing_scored_is_none_not_zero(ratings: list[str]) -> None:
    score = overall_score(ratings)
    assert score.score is None
    assert score.band is Band.NOTHING_EVALUATED
    assert score.to_json()["interpretation"] == "Nothing evaluated"
    assert set(score.percentages.values()) == {None}


def test_an_unknown_rating_is_refused() -> None:
    with pytest.raises(ValueError, match="splendid"):
        overall_score(["splendid"])


@pytest.mark.parametrize(
    ("score", "band"),
    [
        (100, Band.EXCELLENT),
        (90, Band.EXCELLENT),
        (89.9, Band.GOOD),
        (75, Band.GOOD),
        (74.9, Band.ACCEPTABLE),
        (60, Band.ACCEPTABLE),
        (59.9, Band.NEEDS_IMPROVEMENT),
        (40, Band.NEEDS_IMPROVEMENT),
        (39.9, Band.UNSAFE),
        (0, Band.UNSAFE),
        (None, Band.NOTHING_EVALUATED),
    ],
)
def test_bands(score: float | None, band: Band) -> None:
    assert band_of(score) is band


@given(st.lists(st.sampled_from([*COUNTED, "not_performed"])))
def test_overall_score_ignores_order_and_stays_in_range(ratings: list[str]) -> None:
    score = overall_score(ratings)
    assert score == overall_score(sorted(ratings))
    assert (score.score is None) == (score.total == 0)
    if score.score is not None:
        assert 0 <= score.score <= 100
        assert sum(share or 0 for share in score.percentages.values()) == pytest.approx(100, abs=0.3)


def test_decisions_come_in_time_order() -> None:
    run = [rated("late", "optimal", at_s=300), event("harmful"), rated("safety.x", "dangerous", at_s=90)]
    assert [fact.decision for fact in decisions_of(run)] == ["safety.x", "late"]


def test_an_instructors_judgement_stands_over_the_engines() -> None:
    run = [rated("recognition", "not_performed"), rated("recognition", "acceptable", at_s=600)]
    assert [fact.rating for fact in decisions_of(run)] == ["acceptable"]


def test_safety_score_of_the_sample() -> None:
    assert safety_score(0, 1) == 95.0
    assert safety_score(0, 0) == 100.0
    assert safety_score(2, 1) == 65.0
    assert safety_score(2, 1, error_penalty=20) == 55.0


def test_safety_score_has_a_floor_and_refuses_nonsense() -> None:
    assert safety_score(7, 1) == 0.0
    with pytest.raises(ValueError, match="negative"):
        safety_score(-1, 0)


@given(st.integers(0, 30), st.integers(0, 30))
def test_safety_never_rises_with_more_errors(errors: int, warnings: int) -> None:
    assert 0 <= safety_score(errors + 1, warnings) <= safety_score(errors, warnings) <= 100


def test_safety_counts_each_event_once() -> None:
    score = safety_of([event("harmful"), event("caution", "warning")])
    assert (score.errors, score.warnings, score.score) == (1, 1, 80.0)


def test_checklist_points_and_lateness() -> None:
    checklist = [item("oxygen", 15), item("salbutamol", 25), item("steroid", 10)]
    score = checklist_score(checklist, [done("oxygen", 60, 15), done("salbutamol", 400, 12.5, on_time=False)])
    assert (score.points, score.maximum, score.percentage) == (27.5, 50, 55.0)
    assert [entry.on_time for entry in score.completed] == [True, False]
    assert [entry.item.id for entry in score.missed] == ["steroid"]
    assert score.level is ChecklistLevel.INSUFFICIENT
    assert score.to_json()["completed"][1] == {
        "id": "salbutamol",
        "action": "Salbutamol",
        "category": "treatment",
        "importance": "critical",
        "maxPoints": 25,
        "targetS": 120,
        "atS": 400,
        "points": 12.5,
        "onTime": False,
    }


def test_checklist_leaves_out_what_was_not_called_for() -> None:
    if_needed = item("intubation", importance="critical_if_needed")
    unjudged = item("teamwork", done_when=None)
    score = checklist_score([item("oxygen"), if_needed, unjudged], [done("oxygen", 60, 10)])
    assert (score.points, score.maximum, score.missed) == (10, 10, ())
    with_it = checklist_score([if_needed], [done("intubation", 60, 10)])
    assert (with_it.points, with_it.maximum) == (10, 10)


@pytest.mark.parametrize(
    ("points", "level"),
    [
        (90, ChecklistLevel.EXCELLENT),
        (89, ChecklistLevel.GOOD),
        (80, ChecklistLevel.GOOD),
        (70, ChecklistLevel.SATISFACTORY),
        (60, ChecklistLevel.BORDERLINE),
        (59, ChecklistLevel.INSUFFICIENT),
    ],
)
def test_checklist_levels(points: float, level: ChecklistLevel) -> None:
    assert checklist_score([item("oxygen", 100)], [done("oxygen", 1, points)]).level is level


def test_an_empty_checklist_has_no_percentage() -> None:
    score = checklist_score([item("transport", points=0)], [done("transport", 1, 0)])
    assert (score.percentage, score.level) == (None, None)
    assert checklist_score([], []).to_json()["percentage"] is None


@pytest.mark.parametrize(
    ("at_s", "label"),
    [
        (200, TimingLabel.OPTIMAL),
        (300, TimingLabel.ACCEPTABLE),
        (400, TimingLabel.DELAYED),
        (400.5, TimingLabel.CRITICALLY_DELAYED),
        (None, TimingLabel.NOT_GIVEN),
    ],
)
def test_timing_labels(at_s: float | None, label: TimingLabel) -> None:
    assert timing_label(at_s, 200) is label


def test_timing_uses_the_shortest_target_and_safe_administrations_only() -> None:
    checklist = [
        item("oxygen", target_s=600),
        item("early", target_s=120, done_when={"all": [{"given": "oxygen"}]}),
        item("aspirin", target_s=None),
        item("withheld", target_s=30, done_when={"not": {"given": "oxygen"}, "elapsed_at_least_s": 30}),
    ]
    facts = [given_at("oxygen", 20, safe=False), given_at("oxygen", 130), given_at("oxygen", 700)]
    oxygen, aspirin = treatment_timings(("oxygen", "aspirin"), checklist, facts)
    assert (oxygen.target_s, oxygen.given_at_s, oxygen.label) == (120, 130, TimingLabel.ACCEPTABLE)
    assert (aspirin.target_s, aspirin.label, aspirin.late) == (300, TimingLabel.NOT_GIVEN, True)


def test_timing_expects_only_what_this_patient_needed() -> None:
    either = item("benzodiazepine", done_when={"given_any": ["midazolam", "diazepam"]})
    shock = item("shock", importance="critical_if_needed", done_when={"given": "defibrillation"})
    critical = ("midazolam", "diazepam", "defibrillation", "compressions")
    taken = [given_at("diazepam", 100), done("benzodiazepine", 100, 10), given_at("compressions", 500)]
    assert [t.treatment for t in treatment_timings(critical, [either, shock], taken)] == ["diazepam"]
    untreated = treatment_timings(critical, [either, shock], [])
    assert [t.treatment for t in untreated] == ["midazolam"], "one of them stands for both"
    both = item("both", done_when={"given": ["midazolam", "diazepam"]})
    assert len(treatment_timings(critical, [both], [])) == 2
    branches = item("either", done_when={"any": [{"given": "midazolam"}, {"given": "diazepam"}]})
    assert len(treatment_timings(critical, [branches], [])) == 1


def test_challenge_score() -> None:
    opened = [ChallengeOpened(50, "c", "Why?", None)] * 3
    assert challenge_score([*opened, answered("excellent"), answered("skipped")]).score == 50.0
    assert challenge_score([*opened, answered("good"), answered("good"), answered("basic")]).score == 66.7
    assert challenge_score(opened).score is None
    assert challenge_score(opened).opened == 3


def test_session_pools_decisions_instead_of_averaging_runs() -> None:
    first = score_run([item("oxygen")], ("oxygen",), [rated("a", "dangerous"), done("oxygen", 60, 10)])
    second = score_run([item("oxygen")], ("oxygen",), [rated(name, "optimal") for name in "abc"])
    session = score_session([first, second])
    assert session.overall.score == 75.0
    assert (session.actions_completed, session.actions_missed) == (1, 1)
    assert session.checklist_percentage == 50.0


def test_performance_data_has_the_seeds_fields() -> None:
    run = score_run([], (), [rated("a", "optimal"), event("caution", "warning")])
    data = score_session([run]).to_performance_data(total_messages=12, total_duration_s=1800)
    assert data == {
        "totalMessages": 12,
        "totalDuration": 1800,
        "scenariosCompleted": 1,
        "overallScore": 100.0,
        "optimalTotal": 1,
        "acceptableTotal": 0,
        "suboptimalTotal": 0,
        "dangerousTotal": 0,
        "notPerformedTotal": 0,
        "criticalActionsCompleted": 0,
        "criticalActionsMissed": 0,
        "safetyScore": 95.0,
        "medicationErrorCount": 0,
        "medicationWarningCount": 1,
        "challengePointsCount": 0,
        "patternAnalysisResults": None,
    }


def test_a_session_without_runs_has_no_scores() -> None:
    session = score_session([])
    assert (session.overall.score, session.safety.score, session.checklist_percentage) == (None, None, None)


def test_penalties_reach_run_and_session() -> None:
    run = score_run([], (), [event("dose_too_high")], error_penalty=40)
    assert run.safety.score == 60.0
    assert score_session([run, run], error_penalty=40).safety.score == 20.0
    assert run.to_json()["safetyScore"] == 60.0


@given(st.lists(st.lists(st.sampled_from([r.value for r in Rating]), max_size=6), max_size=4))
def test_session_counts_are_the_sum_of_its_runs(ratings: list[list[str]]) -> None:
    runs = [score_run([], (), [rated(str(n), r) for n, r in enumerate(row)]) for row in ratings]
    pooled = score_session(runs).overall
    assert pooled == overall_score(rating for row in ratings for rating in row)
