"""Figures: drawn or left out with a reason, never empty, fixed axes, few points however many students."""

import re

import numpy as np
import pytest

from fixtures.made_study import made_dataset
from holdfast.research.analysis.results import ArmFlow, Count, Flow
from holdfast.research.figures import counting, course, outcome, scenarios
from holdfast.research.figures.files import save
from holdfast.research.figures.flow import flow
from holdfast.research.figures.material import Arms, by_arm, scores
from holdfast.research.figures.numbers import POINTS, chosen, mean_interval, share_interval
from holdfast.research.figures.piece import Drawn, LeftOut
from holdfast.research.figures.style import SCORE_LIMITS, drawing

ARMS = Arms(("B", "A"), ("Group B", "Group A"))
DIFFERENCE = outcome.Difference(6.5, -1.1, 14.1, 3.7, 21.0, 0.95)


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return made_dataset(tmp_path_factory.mktemp("figures"), 24)


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    return made_dataset(tmp_path_factory.mktemp("figures"), 1200)


def test_scores_stand_on_an_axis_that_never_moves(study):
    found = by_arm(scores(study, ARMS), ARMS)
    played = scenarios.scenario_scores(study, ARMS)
    with drawing():
        across = [outcome.raincloud(ARMS, found, "Overall score"), scenarios.difficulty(ARMS, played)]
        along = [
            outcome.estimation(ARMS, found, "Overall score", DIFFERENCE),
            scenarios.learning(ARMS, played),
        ]
    assert [one.figure.axes[0].get_xlim() for one in across] == [SCORE_LIMITS] * 2
    assert [one.figure.axes[0].get_ylim() for one in along] == [SCORE_LIMITS] * 2


def test_every_caption_states_n_and_what_the_intervals_are(study):
    found = by_arm(scores(study, ARMS), ARMS)
    played = scenarios.scenario_scores(study, ARMS)
    with drawing():
        pieces = [
            outcome.raincloud(ARMS, found, "Overall score"),
            outcome.estimation(ARMS, found, "Overall score", DIFFERENCE),
            outcome.distribution(ARMS, found, "Overall score"),
            scenarios.difficulty(ARMS, played),
            counting.actions(study, ARMS),
            counting.challenge_points(study, ARMS),
        ]
    for piece in pieces:
        assert isinstance(piece, Drawn)
        assert re.search(r"\bn\b|allocated", piece.caption), piece.name
        assert "interval" in piece.caption, piece.name
        assert len(piece.alt) > 30, piece.name


def test_many_students_are_drawn_as_some_points_and_the_caption_says_so(many):
    found = by_arm(scores(many, ARMS), ARMS)
    with drawing():
        piece = outcome.raincloud(ARMS, found, "Overall score")
    points = [
        len(one.get_offsets()) for one in piece.figure.axes[0].collections if len(one.get_offsets()) > 1
    ]
    assert points == [POINTS, POINTS]
    assert f"a random {POINTS} of each larger arm" in piece.caption


def test_what_is_missing_or_too_little_is_left_out_with_a_reason(tmp_path):
    alone = made_dataset(tmp_path / "one", 4, arms=("A",))
    nobody = {}
    with drawing():
        pieces = [
            outcome.raincloud(ARMS, nobody, "Overall score"),
            outcome.distribution(ARMS, {"A": np.array([50.0, 60.0])}, "Overall score"),
            outcome.estimation(ARMS, {"A": np.array([50.0, 60.0])}, "Overall score", None),
            scenarios.difficulty(ARMS, scenarios.scenario_scores(alone, ARMS).clear()),
            scenarios.learning(ARMS, scenarios.scenario_scores(alone, ARMS).clear()),
            course.vital_signs(made_dataset(tmp_path / "two", 2), ARMS),
            flow(Flow(0, (), 0, (), (), "overall_score"), "Overall score"),
        ]
    assert all(isinstance(piece, LeftOut) and piece.reason for piece in pieces), pieces


def test_a_constant_arm_and_marks_of_mathematics_are_drawn(tmp_path):
    arms = Arms(("B", "A"), ("$x_1$ \\frac{", "A_b^c & <i>"))
    found = {"B": np.full(6, 80.0), "A": np.array([70.0, 71, 72, 73, 74, 100])}
    with drawing():
        paths = save(outcome.raincloud(arms, found, "Overall score"), tmp_path)
    assert {kind: path.stat().st_size > 5000 for kind, path in paths.items()} == dict.fromkeys(paths, True)


def test_files_hold_fonts_and_no_dates(tmp_path):
    counts = Flow(5, (Count("consent withdrawn", 1),), 4, (), (_arm("B"), _arm("A")), "overall_score")
    with drawing():
        paths = save(flow(counts, "Overall score"), tmp_path)
    pdf, svg = paths["pdf"].read_bytes(), paths["svg"].read_text("utf-8")
    assert b"/FontFile2" in pdf and b"CreationDate" not in pdf
    assert "<dc:date>" not in svg and "<text" not in svg and "5 found, 1 excluded, 4 allocated" in svg
    assert b"pHYs" in paths["png"].read_bytes()


def _arm(code):
    lost = (Count("did not complete the session, " + "and this reason is long " * 4, 1),)
    return ArmFlow(code, f"Group {code}", 2, 2, (), 1, lost, 2, (), 1, lost)


def test_intervals_of_figures_are_the_known_ones():
    mean, low, high = mean_interval(np.array([1.0, 2, 3, 4, 5]))
    assert (mean, round(low, 4), round(high, 4)) == (3.0, 1.0368, 4.9632)
    assert mean_interval(np.array([1.0, 2.0])) is None
    assert [round(one, 2) for one in share_interval(0, 10)] == [0.0, 0.0, 27.75]


def test_the_choice_of_points_is_always_the_same():
    assert chosen(5) == [0, 1, 2, 3, 4]
    first = chosen(10_000, 300, "this")
    assert (
        first == chosen(10_000, 300, "this")
        and len(set(first)) == 300
        and first != chosen(10_000, 300, "that")
    )
