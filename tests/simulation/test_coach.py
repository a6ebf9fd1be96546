"""The cognitive coach: drawing, phases, skipping, feedback, and its state through JSON."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.kit.errors import InvalidInput, WrongStep
from holdfast.programs.simulation.coach import (
    CoachQuestions,
    CoachState,
    Phase,
    begin,
    draw,
    load,
    render,
    reply,
)
from holdfast.programs.simulation.listening import Reasoning, judge_reasoning, wants_to_skip

TEXTS = """
texts:
  introduction: ["Welcome. Are you ready?", "Hello. Shall we begin?"]
  transition: That was the last question.
  mental_organisation: What will you do in the first minute?
  closing: Now to your patient.
  skipped: We leave the questions.
  good: Well reasoned.
  partial: Part of it.
  flawed: Careful with that.
"""
QUESTION = """
  - id: {id}
    category: Time Pressure Decision
    setup: "{id}: the monitor shows a falling saturation."
    expected_good_reasoning:
      - Check the airway and position of the mask before anything else
      - Say the worry aloud to the team
    common_flawed_reasoning:
      - Trust the monitor and increase sedation
    coach_follow_up: "Look at {id} before the monitor. What do you see?"
"""
POOL = load(TEXTS + "questions:" + "".join(QUESTION.format(id=f"CC00{n}") for n in range(1, 7)))
GOOD = "First I check the airway and the mask position, and I say my worry aloud to the team."
FLAWED = "I would increase the sedation."


def answer_all(state: CoachState, pool: CoachQuestions = POOL) -> CoachState:
    state, _ = reply(state, "I am ready", pool)
    while state.phase is Phase.QUESTIONS:
        state, _ = reply(state, GOOD, pool)
    return state


def test_the_reply_to_the_introduction_consumes_no_question() -> None:
    state, turn = begin(POOL, seed=1)
    assert (state.phase, turn.recorded, len(state.questions)) == (Phase.INTRODUCTION, None, 3)
    state, turn = reply(state, "Yes, I am ready.", POOL)
    assert (state.phase, state.index, turn.recorded) == (Phase.QUESTIONS, 0, None)
    assert state.current_question == state.questions[0]
    assert render(turn, POOL) == f"{state.questions[0]}: the monitor shows a falling saturation."


def test_a_whole_warm_up() -> None:
    state, _ = begin(POOL, seed=1)
    state, _ = reply(state, "ready", POOL)
    recorded = []
    for remaining in (2, 1, 0):
        state, turn = reply(state, GOOD, POOL)
        recorded.append(turn.recorded)
        assert (state.remaining, turn.completed) == (remaining, False)
    assert tuple(recorded) == state.questions
    assert [response.question for response in state.responses] == recorded
    assert state.phase is Phase.MENTAL_ORGANISATION
    assert render(turn, POOL).split("\n\n") == [
        "Well reasoned.",
        "That was the last question.",
        "What will you do in the first minute?",
    ]
    state, turn = reply(state, "Look at the scene first.", POOL)
    assert (state.complete, turn.completed, turn.recorded) == (True, True, None)
    assert render(turn, POOL) == "Now to your patient."


def test_after_the_end_the_next_step_is_named() -> None:
    state = answer_all(begin(POOL, seed=1)[0])
    state, _ = reply(state, "ok", POOL)
    with pytest.raises(WrongStep) as caught:
        reply(state, "and now?", POOL)
    assert caught.value.details["expected"] == "begin-scenario"


@pytest.mark.parametrize("answers", [0, 1, 2])
def test_skip_leads_to_mental_organisation(answers: int) -> None:
    state, _ = begin(POOL, seed=1)
    for _ in range(answers):
        state, _ = reply(state, "I am ready", POOL)
    state, turn = reply(state, "Can we skip this, please?", POOL)
    assert (state.phase, state.skipped, turn.recorded) == (Phase.MENTAL_ORGANISATION, True, None)
    assert render(turn, POOL).startswith("We leave the questions.")
    assert state.remaining == 0
    state, turn = reply(state, "skip", POOL)
    assert turn.completed


@pytest.mark.parametrize(
    "text",
    [
        "skip",
        "Skip this, please.",
        "I'd like to skip the questions",
        "let's start",
        "Let’s start!",
        "OK, let's go to the patient now",
        "go to the patient",
        "take me straight to the scenario",
        "No more questions please",
        "I have done this before. Can we skip to the patient?",
        "move on",
    ],
)
def test_explicit_requests_to_skip(text: str) -> None:
    assert wants_to_skip(text)


@pytest.mark.parametrize(
    "text",
    [
        "I would not skip the allergies.",
        "Skip the blood pressure and give oxygen",
        "First I assess the scene, then go to the patient",
        "I would move on to circulation",
        "I'd skip it if he is unconscious",
        "I am ready",
    ],
)
def test_answers_are_no_requests_to_skip(text: str) -> None:
    assert not wants_to_skip(text)


def test_lets_start_answers_the_introduction() -> None:
    state, _ = begin(POOL, seed=1)
    started, _ = reply(state, "I'm ready, let's start", POOL)
    assert started.phase is Phase.QUESTIONS
    skipped, _ = reply(started, "let's start", POOL)
    assert skipped.phase is Phase.MENTAL_ORGANISATION


def test_feedback_follows_the_reasoning() -> None:
    state, _ = begin(POOL, seed=1)
    state, _ = reply(state, "ready", POOL)
    first, second, third = state.questions
    state, turn = reply(state, GOOD, POOL)
    assert (turn.reasoning, render(turn, POOL).split("\n\n")[0]) == (Reasoning.GOOD, "Well reasoned.")
    state, turn = reply(state, FLAWED, POOL)
    assert turn.reasoning is Reasoning.FLAWED
    assert render(turn, POOL).split("\n\n")[0] == f"Careful with that. Look at {second} before the monitor."
    state, turn = reply(state, "I don't know.", POOL)
    assert turn.reasoning is Reasoning.PARTIAL
    assert [response.question for response in state.responses] == [first, second, third]


def test_words_of_the_question_show_no_reasoning() -> None:
    expected = ["Check whether the saturation is real"]
    assert judge_reasoning("The saturation is falling", expected, [], "A falling saturation") == "partial"
    assert judge_reasoning("I check if it is real", expected, [], "A falling saturation") == "good"


@pytest.mark.parametrize(("asked", "got"), [(0, 2), (2, 2), (3, 3), (5, 5), (9, 5)])
def test_the_count_is_clamped(asked: int, got: int) -> None:
    assert len(draw(POOL.ids, seed=1, count=asked)) == got


@given(st.integers(), st.integers(), st.permutations(POOL.ids))
def test_the_draw_is_repeatable_and_without_repetition(seed: int, count: int, ids: list[str]) -> None:
    drawn = draw(ids, seed=seed, count=count)
    assert drawn == draw(POOL.ids, seed=seed, count=count)
    assert len(set(drawn)) == len(drawn)
    assert set(drawn) <= set(POOL.ids)


def test_every_question_can_be_drawn() -> None:
    assert {name for seed in range(60) for name in draw(POOL.ids, seed=seed)} == set(POOL.ids)


def test_a_question_that_left_the_pool_strands_nobody() -> None:
    state, _ = begin(POOL, seed=1)
    gone = state.questions[:2]
    smaller = POOL.model_copy(update={"questions": tuple(q for q in POOL.questions if q.id not in gone)})
    opened, turn = reply(state, "ready", smaller)
    assert opened.current_question == state.questions[2]
    assert turn.says[-1].question == state.questions[2]
    on_first, _ = reply(state, "ready", POOL)
    moved, turn = reply(on_first, GOOD, smaller)
    assert (turn.recorded, turn.reasoning) == (gone[0], Reasoning.PARTIAL)
    assert moved.current_question == state.questions[2]


@given(
    st.integers(0, 1000), st.lists(st.sampled_from([GOOD, FLAWED, "skip", "ok", "let's start"]), max_size=9)
)
def test_any_conversation_survives_storing_after_every_turn(seed: int, texts: list[str]) -> None:
    live, _ = begin(POOL, seed=seed)
    stored = CoachState.from_json(json.loads(json.dumps(live.to_json())))
    turns = 0
    for text in texts:
        if live.complete:
            break
        live, said = reply(live, text, POOL)
        again, repeated = reply(stored, text, POOL)
        assert (again, repeated) == (live, said)
        assert render(said, POOL)
        stored = CoachState.from_json(json.loads(json.dumps(again.to_json())))
        turns += 1
    assert turns <= len(live.questions) + 2
    assert len(live.responses) <= len(live.questions)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("texts: [", "not YAML"),
        ("questions: []", "texts"),
        (TEXTS + "questions:" + QUESTION.format(id="CC001") * 2, "CC001"),
        (TEXTS + "colour: red\nquestions:" + QUESTION.format(id="a") + QUESTION.format(id="b"), "colour"),
    ],
)
def test_a_wrong_file_is_refused(text: str, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        load(text)
