"""Checklist, decision points and challenge points."""

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import pytest

from holdfast.kit.errors import WrongStep
from holdfast.programs.simulation import engine
from holdfast.programs.simulation.engine import facts
from holdfast.programs.simulation.engine.challenges import LONG_REPLY_WORDS, is_skip, reads_as_reasoning
from holdfast.programs.simulation.engine.facts import Action
from holdfast.programs.simulation.scenario.loading import parse
from holdfast.programs.simulation.scenario.model import Scenario

SMALL = parse(Path(__file__).with_name("engine_small.yaml").read_bytes(), source="engine_small.yaml")
DOSE = Action("treatment", "salbutamol", dose=2.5, unit="mg")
LOW = Action("treatment", "salbutamol", dose=1, unit="mg")
OXYGEN = Action("treatment", "oxygen")
VEIN = Action("treatment", "iv_access")
MORPHINE = Action("treatment", "morphine", dose=5, unit="mg")
Message = tuple[float, list[Action]]
Kind = TypeVar("Kind")
POINTS = {challenge.id: challenge for challenge in SMALL.challenge_points}


def words(text: str = "", *phrases: str):
    return Action("statement", phrases=phrases, text=text)


def play(*log: Message, challenges: bool = False, to_s: float = 0.0):
    """All occurrences of a run."""
    state = engine.begin(SMALL, seed=2, challenges=challenges)
    occurrences = []
    for at_s, actions in log:
        state, more = engine.act(SMALL, state, actions, at_s)
        occurrences += more
    state, more = engine.advance(SMALL, state, to_s)
    return state, [*occurrences, *more]


def of(kind: type[Kind], occurrences: Sequence[facts.Occurrence]):
    return [o for o in occurrences if isinstance(o, kind)]


@pytest.mark.parametrize(("at_s", "points", "on_time"), [(120, 15, True), (120.001, 7.5, False)])
def test_a_checklist_item_earns_half_when_late(at_s: float, points: float, *, on_time: bool):
    _, occurrences = play((at_s, [OXYGEN]), (200, [OXYGEN]))
    (done,) = of(facts.ChecklistDone, occurrences)
    assert (done.item, done.at_s, done.points, done.on_time) == ("ca1", at_s, points, on_time)


def test_an_item_without_a_time_target_is_on_time_and_one_by_hand_is_never_done():
    breathing = Action("assessment", "breathing")
    state, occurrences = play((10, [breathing, DOSE]), (600, [breathing]))
    assert [(o.item, o.points, o.on_time) for o in of(facts.ChecklistDone, occurrences)] == [("ca2", 5, True)]
    assert state.done == {"ca2": 600}


def ratings(occurrences: Sequence[facts.Occurrence]):
    return {o.decision: (o.at_s, o.rating) for o in of(facts.DecisionRated, occurrences)}


@pytest.mark.parametrize(
    ("log", "expected"),
    [
        ([(100, [DOSE])], (100, "optimal")),
        ([(130, [DOSE])], (130, "suboptimal")),
        ([], (302, "not_performed")),
        ([(303, [DOSE])], (302, "not_performed")),
        ([(50, [MORPHINE])], (50, "dangerous")),
        ([(50, [MORPHINE, DOSE])], (50, "optimal")),
        ([(50, [LOW]), (60, [MORPHINE])], (60, "dangerous")),
        ([(50, [LOW]), (60, [DOSE])], (60, "optimal")),
    ],
)
def test_a_decision_is_rated_when_decided_at_its_deadline_or_by_harm(log: list[Message], expected: object):
    _, occurrences = play(*log, to_s=302)
    assert ratings(occurrences)["bronchodilator"] == expected
    assert len(of(facts.DecisionRated, occurrences)) == len(ratings(occurrences))


def test_a_dangerous_rule_is_asked_when_the_student_acts():
    rule = {"rating": "dangerous", "when": {"elapsed_at_least_s": 100}, "explanation": "too late"}
    decision = {"id": "timely", "title": "Timely", "deadline_s": 290, "ratings": [rule]}
    parts = SMALL.model_dump(by_alias=True, mode="json") | {"decision_points": [decision]}
    scenario = Scenario.model_validate(parts)
    start = engine.begin(scenario, seed=2, challenges=False)
    idle, occurrences = engine.advance(scenario, start, 200)
    assert ratings(occurrences) == {}
    _, occurrences = engine.act(scenario, idle, [words("hello")], 203)
    assert ratings(occurrences) == {"timely": (203, "dangerous")}
    assert ratings(engine.advance(scenario, idle, 300)[1]) == {"timely": (290, "dangerous")}


def test_the_end_of_the_run_is_the_last_deadline():
    state, _ = play((10, [words("handover", "handover")]))
    _, occurrences = engine.finish(SMALL, state, 30)
    assert ratings(occurrences) == {"bronchodilator": (30, "not_performed"), "handover": (30, "acceptable")}


def opened(occurrences: Sequence[facts.Occurrence]):
    return [(o.at_s, o.challenge) for o in of(facts.ChallengeOpened, occurrences)]


def test_only_the_arm_that_has_them_is_asked():
    assert opened(play((10, [OXYGEN]))[1]) == []
    assert opened(play((10, [OXYGEN]), challenges=True)[1]) == [(10, "high")]


def test_priority_one_at_a_time_and_never_more_than_the_maximum():
    reply = Action("challenge_reply", "high", text="because she is hypoxic")
    state, occurrences = play((10, [DOSE, OXYGEN, VEIN]), (20, [VEIN]), (30, [reply]), challenges=True)
    assert opened(occurrences) == [(10, "high")]
    assert state.open_challenge is None
    state, occurrences = engine.act(SMALL, state, [words("go on")], 40)
    assert opened(occurrences) == [(40, "third")]
    state, _ = engine.act(SMALL, state, [Action("challenge_reply", "third", text="skip")], 50)
    state, occurrences = engine.act(SMALL, state, [words("go on")], 60)
    assert opened(occurrences) == []
    assert state.asked == ("high", "third")


def test_the_treatment_of_the_same_message_is_given():
    state, occurrences = play((10, [OXYGEN]), challenges=True)
    assert type(occurrences[0]) is facts.TreatmentGiven
    assert isinstance(occurrences[-1], facts.ChallengeOpened)
    assert state.effects


def test_skip_if_keeps_a_challenge_away():
    assert opened(play((10, [words("x", "non-rebreather"), OXYGEN]), challenges=True)[1]) == []


def answer(text: str, challenge: tuple[str, Action] = ("high", OXYGEN)):
    name, action = challenge
    reply = Action("challenge_reply", name, text=text)
    _, occurrences = play((10, [action]), (17.5, [reply]), challenges=True)
    (answered,) = of(facts.ChallengeAnswered, occurrences)
    return answered


@pytest.mark.parametrize(
    ("text", "quality", "found", "says"),
    [
        ("Hypoxic, so 94, reservoir mask, then reassess", "excellent", 4, "g"),
        ("low saturations; aim for 94; reassessing", "excellent", 3, "g"),
        ("Hypoxic. Target 94.", "good", 2, "g"),
        ("reservoir masks", "basic", 1, "p"),
        ("because it is the protocol", "poor", 0, "s"),
        ("194 metres", "poor", 0, "s"),
        ("I'm not sure", "skipped", 0, "s"),
    ],
)
def test_quality_by_the_share_of_expected_concepts(text: str, quality: str, found: int, says: str):
    answered = answer(text)
    assert (answered.quality, len(answered.found), answered.says) == (quality, found, says)
    assert len(answered.found) + len(answered.missing) == 4
    assert answered.skipped is (quality == "skipped")
    assert (answered.response, answered.response_s) == (text, 7.5)


def test_quality_without_expected_concepts():
    low = ("low", DOSE)
    assert answer("It opens the airways because of the receptors", low).quality == "good"
    assert answer("bronchodilator", low).quality == "basic"


@pytest.mark.parametrize(
    "text",
    ["skip", "Skip!", "skip this question please", "Not sure.", "I\u2019m not sure", "I don't know",
     "Sorry, I really have no idea", "pass", "next", "I'd rather not say"],
)  # fmt: skip
def test_a_reply_that_declines(text: str):
    assert is_skip(text)
    assert engine.is_challenge_reply(POINTS["low"], text)


@pytest.mark.parametrize(
    "text", ["give oxygen", "", "please", "I am not sure about the dose of oxygen", "pass me the mask"]
)
def test_what_is_not_a_reply(text: str):
    assert not is_skip(text)
    assert not engine.is_challenge_reply(POINTS["low"], text)


def test_what_is_a_reply():
    assert engine.is_challenge_reply(POINTS["high"], "her low saturation")
    assert not engine.is_challenge_reply(POINTS["low"], "her low saturation")
    assert engine.is_challenge_reply(POINTS["low"], "Because she wheezes")
    assert not reads_as_reasoning(" ".join(["word"] * (LONG_REPLY_WORDS - 1)))
    assert engine.is_challenge_reply(POINTS["low"], " ".join(["word"] * LONG_REPLY_WORDS))


def test_a_reply_to_a_challenge_that_is_not_open_changes_nothing():
    state = engine.begin(SMALL, seed=2, challenges=True)
    for target in ("high", ""):
        with pytest.raises(WrongStep):
            engine.act(SMALL, state, [Action("challenge_reply", target, text="because")], 10)


def test_the_end_of_the_run_skips_the_open_challenge():
    state, _ = play((10, [OXYGEN]), challenges=True)
    state, occurrences = engine.finish(SMALL, state, 25)
    assert (occurrences[0].challenge, occurrences[0].quality, occurrences[0].response) == (
        "high",
        "skipped",
        "",
    )
    assert (state.open_challenge, state.asked_s) == (None, None)
