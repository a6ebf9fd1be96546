"""The after-action review, on runs that the engine really played."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.kit.errors import WrongStep
from holdfast.programs.simulation import engine, review
from holdfast.programs.simulation.engine.facts import Action, Occurrence
from holdfast.programs.simulation.review import Phase, ReviewState, RunSnapshot, Say, render
from holdfast.programs.simulation.review.brief import Topic, brief_of
from holdfast.programs.simulation.review.conversation import Reply, Step
from holdfast.programs.simulation.review.plan import items_for
from holdfast.programs.simulation.scenario.library import shipped
from holdfast.programs.simulation.scoring import score_session

REFLECTION = "I was rather slow with the oxygen and I should have measured the saturation first."


def give(name: str, **stated: object) -> Action:
    return Action("treatment", name, **stated)  # type: ignore[arg-type]


def look(name: str) -> Action:
    return Action("assessment", name)


Log = Sequence[tuple[float, list[Action]]]

TIMELY: Log = [
    (20, [look("scene_safety"), look("airway"), look("breathing_effort"), look("pulse_oximetry")]),
    (60, [give("oxygen", dose=15.0, unit="l_per_min", route="mask")]),
    (90, [look("pulse"), give("salbutamol", dose=5.0, unit="mg", route="nebulised")]),
    (200, [look("pulse_oximetry"), Action("statement", text="My name is Ana, you are safe.")]),
]
HARMFUL: Log = [(300, [look("pulse")]), (400, [give("metoprolol", dose=5.0, unit="mg", route="intravenous")])]


@lru_cache(maxsize=8)
def played(name: str, skill: str, index: int = 0, end_s: float = 900) -> RunSnapshot:
    scenario = shipped()[name]
    state = engine.begin(scenario, seed=2, challenges=False)
    seen: list[Occurrence] = []
    done: list[tuple[float, Action]] = []
    for at_s, actions in {"timely": TIMELY, "harmful": HARMFUL, "idle": ()}[skill]:
        state, new = engine.act(scenario, state, actions, at_s)
        seen += new
        done += [(state.elapsed_s, action) for action in actions]
    state, new = engine.advance(scenario, state, end_s)
    seen += new
    if state.outcome is None:
        state, new = engine.finish(scenario, state, end_s)
        seen += new
    return review.snapshot_of(
        scenario,
        done,
        seen,
        index=index,
        duration_s=state.elapsed_s,
        final_state=state.patient_state,
        outcome=state.outcome,
        state=state,
    )


def asthma(skill: str, index: int = 0) -> RunSnapshot:
    return played("asthma_acute_severe", skill, index)


def opened(*runs: RunSnapshot) -> tuple[ReviewState, Say]:
    return review.begin(runs, review.analyse(runs))


def talk(state: ReviewState, text: str = REFLECTION) -> list[Say]:
    said = []
    while not state.complete:
        state, say = review.reply(state, text)
        said.append(say)
    return said


def test_a_snapshot_is_ordered_and_knows_the_scenario() -> None:
    run = asthma("timely")
    assert [fact.at_s for fact in run.occurrences] == sorted(fact.at_s for fact in run.occurrences)
    assert [(s.at_s, s.text) for s in run.statements] == [(200, "My name is Ana, you are safe.")]
    assert run.blueprint.critical_states == {"critical", "arrest"}
    assert run.blueprint.category_of("oxygen_first") == "oxygen and airway"
    assert run.blueprint.category_of("safety.metoprolol") == "medication"
    assert run.blueprint.category_of("unheard_of") == "clinical judgement"
    assert {timing.treatment: timing.label for timing in run.score.timing}["oxygen"] == "optimal"


def test_only_the_lessons_that_apply_are_raised() -> None:
    late = "Salbutamol came late."
    assert not any(lesson.startswith(late) for lesson in asthma("timely").blueprint.teaching_points)
    assert any(lesson.startswith(late) for lesson in asthma("idle").blueprint.teaching_points)


def test_lessons_chosen_by_the_caller_stand() -> None:
    scenario = shipped()["asthma_acute_severe"]
    run = review.snapshot_of(
        scenario,
        (),
        (),
        index=0,
        duration_s=60,
        final_state="initial",
        outcome=None,
        teaching_points=["Look."],
    )
    assert run.blueprint.teaching_points == ("Look.",)


def test_the_order_of_a_whole_review() -> None:
    state, first = opened(asthma("timely"), asthma("harmful", 1), asthma("idle", 2))
    said = [first, *talk(state)]
    assert [(say.phase, say.step, say.position) for say in said] == [
        (Phase.OPENING, Step.REFLECTION, 0),
        *[(Phase.SCENARIO_REVIEW, step, number) for number in (1, 2, 3) for step in Step],
        (Phase.PATTERN_ANALYSIS, Step.REFLECTION, 0),
        (Phase.PATTERN_ANALYSIS, Step.FEEDBACK, 0),
        (Phase.ACTION_PLAN, Step.REFLECTION, 0),
        (Phase.ACTION_PLAN, Step.FEEDBACK, 0),
        (Phase.CLOSING, Step.REFLECTION, 0),
        (Phase.COMPLETE, Step.REFLECTION, 0),
    ]
    assert all("?" in render(say) for say in said[:-1]), "every turn but the last asks something"
    assert [say.completed for say in said] == [False] * 12 + [True]


def test_reflection_comes_before_any_feedback() -> None:
    state, _ = opened(asthma("harmful"))
    state, say = review.reply(state, "Tired but well, thank you for asking.")
    assert say.step is Step.REFLECTION
    assert say.brief is not None
    assert (say.brief.sustain, say.brief.improve, say.brief.score) == ((), (), None)
    assert "Metoprolol" not in render(say)
    _, say = review.reply(state, REFLECTION)
    text = render(say)
    assert text.index("Sustain") < text.index("Improve") < text.index("Apply")
    assert "Metoprolol at 6:40 min" in text


def test_what_the_student_saw_alone_is_acknowledged() -> None:
    state, _ = opened(asthma("harmful"))
    state, _ = review.reply(state, "ok")
    _, say = review.reply(state, "Giving metoprolol was the wrong thing to do for her.")
    assert (say.acknowledge, say.noticed) == (Reply.SELF_CRITICAL, ("Metoprolol",))
    assert 'You brought up "Metoprolol" yourself' in render(say)


def test_a_question_is_answered_from_what_was_told() -> None:
    state, _ = opened(asthma("harmful"))
    state, early = review.reply(state, "Was metoprolol wrong?")
    assert early.answers == (), "feedback has not been given yet"
    state, _ = review.reply(state, REFLECTION)
    _, say = review.reply(state, "But why was the metoprolol a problem?")
    assert say.answers
    assert render(say).count("To your question:") == 1


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("ok then", Reply.BRIEF),
        ("I think I made a mistake there", Reply.SELF_CRITICAL),
        ("I am happy with how it went", Reply.CONTENT),
        ("The pulse was around one hundred and twenty", Reply.NEUTRAL),
    ],
)
def test_how_a_text_is_taken_up(text: str, reply: Reply) -> None:
    state, _ = opened(asthma("timely"))
    assert review.reply(state, text)[1].acknowledge is reply


def test_a_brief_takes_each_thing_once_and_the_gravest_first() -> None:
    brief = brief_of(asthma("harmful"))
    abouts = [point.about for point in (*brief.improve, *brief.sustain)]
    assert len(abouts) == len(set(abouts))
    assert brief.improve[0].topic is Topic.MEDICATION_ERROR
    assert brief.improve[0].why
    assert len(brief.improve) <= 3
    assert len(brief.apply) <= 2
    timely = brief_of(asthma("timely"))
    assert timely.sustain
    assert all(point.topic is Topic.GOOD for point in timely.sustain)


@pytest.mark.parametrize("turns", range(12))
def test_a_request_to_end_leads_to_the_closing_from_anywhere(turns: int) -> None:
    state, _ = opened(asthma("timely"), asthma("harmful", 1), asthma("idle", 2))
    for _ in range(turns):
        state, _ = review.reply(state, REFLECTION)
    state, say = review.reply(state, "Can we end the review here, please?")
    if turns == 11:
        assert say.completed, "in the closing it is the last word"
        return
    assert (say.phase, say.ended_early) == (Phase.CLOSING, True)
    assert "we end here" in render(say)
    state, say = review.reply(state, "Look at the patient first.")
    assert state.complete
    assert say.completed


@pytest.mark.parametrize(
    "text", ["I would stop the infusion and look again", "The end of it was hard", "I'd stop, think and ask"]
)
def test_talk_about_stopping_is_no_request(text: str) -> None:
    state, _ = opened(asthma("timely"))
    assert review.reply(state, text)[0].phase is Phase.SCENARIO_REVIEW


def test_nothing_follows_the_end() -> None:
    state, _ = opened(asthma("timely"))
    while not state.complete:
        state, _ = review.reply(state, REFLECTION)
    with pytest.raises(WrongStep):
        review.reply(state, "One more thing")


@pytest.mark.parametrize(
    ("overall", "items"),
    [(100, 2), (80, 2), (79.9, 3), (60, 3), (59.9, 4), (40, 4), (39.9, 5), (0, 5)],
)
def test_how_many_action_items(overall: float, items: int) -> None:
    assert items_for(overall) == items
    for skill in ("timely", "harmful", "idle"):
        run = asthma(skill)
        state, _ = review.begin([run], review.analyse([run]), overall)
        assert len(state.items) == len({item.do for item in state.items}) == items


def test_the_overall_score_is_pooled_from_the_runs() -> None:
    runs = (asthma("timely"), asthma("harmful", 1))
    pooled = score_session([run.score for run in runs]).overall.score
    assert pooled is not None
    assert opened(*runs)[0].overall == pooled
    unscored = RunSnapshot("x", "Nothing scored", 0, 60.0, "initial", None)
    assert opened(unscored)[0].overall is None
    assert len(opened(unscored)[0].items) == items_for(None) == 3


def test_the_gravest_thing_is_the_first_action_item() -> None:
    state, _ = opened(asthma("timely"), asthma("harmful", 1))
    assert "Metoprolol" in state.items[0].do
    assert state.items[0].because


def test_two_to_four_patterns_are_discussed() -> None:
    state, _ = opened(asthma("timely"), asthma("harmful", 1), asthma("idle", 2))
    assert 2 <= len(state.patterns) <= 4
    shown = [say for say in talk(state) if say.patterns]
    assert len(shown) == 1
    assert all(pattern.talking_point in render(shown[0]) for pattern in state.patterns)


def test_a_review_without_scenarios_still_ends() -> None:
    state, first = opened()
    phases = [say.phase for say in talk(state)]
    assert phases == [Phase.ACTION_PLAN, Phase.ACTION_PLAN, Phase.CLOSING, Phase.COMPLETE]
    assert render(first)


def test_a_run_that_was_broken_off_at_once() -> None:
    run = RunSnapshot("x", "Nothing done", 0, 0.0, "initial", None)
    state, first = review.begin([run], review.analyse([run]), None)
    assert all(render(say) for say in (first, *talk(state, "fine")))


TEXTS = st.sampled_from(
    [REFLECTION, "ok", "It went well, I was calm throughout", "Why was the metoprolol wrong?", "end", "", "?"]
)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 3), st.lists(TEXTS, max_size=14))
def test_storing_after_every_turn_changes_nothing(scenarios: int, texts: list[str]) -> None:
    runs = [asthma(skill, n) for n, skill in enumerate(["timely", "harmful", "idle"][:scenarios])]
    live, first = opened(*runs)
    assert render(first)
    stored = ReviewState.from_json(json.loads(json.dumps(live.to_json())))
    for text in texts:
        if live.complete:
            break
        live, say = review.reply(live, text)
        again, same = review.reply(stored, text)
        assert (again, same) == (live, say)
        assert render(say) == render(Say.from_json(json.loads(json.dumps(same.to_json()))))
        stored = ReviewState.from_json(json.loads(json.dumps(again.to_json())))
    assert live.turns <= 2 * scenarios + 7


@pytest.mark.parametrize("name", sorted(shipped()))
def test_every_shipped_scenario_can_be_reviewed(name: str) -> None:
    run = played(name, "idle", end_s=1200)
    state, first = opened(run)
    text = "\n".join(render(say) for say in (first, *talk(state)))
    assert run.title in text
    assert state.briefs[0].improve, "an idle student has something to improve"
    assert run.score.timing
    assert all(len(point.text) < 600 for point in state.briefs[0].improve)
