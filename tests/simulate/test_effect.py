"""The effect that was set between the arms is the one that an analysis of the scores finds."""

from __future__ import annotations

from holdfast.operations.simulated_students.rehearsal import rehearse_session
from holdfast.operations.simulated_students.skill import student_of
from holdfast.operations.simulated_students.summary import difference
from holdfast.operations.simulated_students.wording import PhraseBook
from holdfast.programs.simulation.scenario.library import shipped

STUDENTS = 320
SCENARIOS = shipped()
BOOKS = {name: PhraseBook(scenario) for name, scenario in SCENARIOS.items()}


def found(effect: float) -> float:
    """Cohen's d of the overall score between two arms of `STUDENTS` / 2, each session of three scenarios."""
    scores: dict[str, list[float]] = {"A": [], "B": []}
    names = list(SCENARIOS)
    for number in range(1, STUDENTS + 1):
        arm = "AB"[number % 2]
        queue = [SCENARIOS[names[(number // 2 + place) % len(names)]] for place in range(3)]
        score = rehearse_session(student_of(2026, number).allocated(arm, effect), queue, BOOKS)
        scores[arm].append(score.overall.score or 0.0)
    result = difference(scores["A"], scores["B"])
    assert result is not None
    return result["d"]


def test_the_difference_found_is_the_one_that_was_set():
    """The same students with and without the effect, so that chance between the arms cancels out."""
    without = found(0.0)

    assert abs(without) < 0.25
    assert 0.38 < found(0.5) - without < 0.62
