"""Coach and facilitator as personas: what they may say in a turn, and what they are not told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.agents.speech import Line, Proposal
from holdfast.kit.errors import InvalidInput
from holdfast.programs.simulation import coach, engine, review
from holdfast.programs.simulation.engine.facts import Action
from holdfast.programs.simulation.personas import coach_persona, review_persona
from holdfast.programs.simulation.questions import pool
from holdfast.programs.simulation.review.patterns import analyse
from holdfast.programs.simulation.scenario import library

ANSWERS = (
    "Ready.",
    "I would wake her, support her breathing and measure the saturation, because the drug depresses it.",
    "No idea.",
    "She is comfortable, so I let her sleep.",
    "ready",
)


def warm_up(seed, answers=ANSWERS):
    """(student's text, turn) for a whole warm-up."""
    state, _ = coach.begin(pool(), seed=seed)
    for text in answers:
        if state.complete:
            return
        state, turn = coach.reply(state, text, pool())
        yield text, turn


def reviewed(answers):
    """(student's text, what is said) for a review of one run in which a sedative was given."""
    scenario = library.shipped()["asthma_acute_severe"]
    state = engine.begin(scenario, seed=1, challenges=False)
    state, occurred = engine.act(scenario, state, [Action("treatment", "diazepam", dose=5, unit="mg")], 100)
    state, ended = engine.finish(scenario, state, 200)
    run = review.snapshot_of(
        scenario,
        [],
        (*occurred, *ended),
        index=0,
        duration_s=200,
        final_state="deteriorating",
        outcome="time",
    )
    review_state, _ = review.begin([run], analyse([run]))
    for text in answers:
        review_state, say = review.reply(review_state, text)
        yield text, say


# --- coach ---


@given(st.integers(0, 10_000))
def test_the_coach_is_told_this_turns_texts_and_no_expected_thought_or_other_question(seed):
    for text, turn in warm_up(seed):
        persona = coach_persona(pool(), turn, said=text, history=())
        conveyed = {remark.question for remark in turn.says} | {turn.recorded}
        for question in pool().questions:
            thoughts = (*question.expected_good_reasoning, *question.common_flawed_reasoning)
            assert not any(thought in persona.instructions for thought in thoughts)
            assert (question.setup in persona.instructions) == (question.id in conveyed)
        assert text not in persona.instructions


def test_the_coachs_question_is_to_be_asked_word_for_word_and_feedback_is_her_own():
    turns = list(warm_up(3))
    asked = coach_persona(pool(), turns[0][1], said="Ready.", history=()).instructions
    first = pool().find(turns[0][1].says[0].question)
    assert f"Ask, word for word: {first.setup}" in asked
    answered = coach_persona(pool(), turns[1][1], said=turns[1][0], history=()).instructions
    assert f"The student has answered this: {first.setup}" in answered
    assert "Give feedback. The answer was heard as" in answered


def test_the_coachs_script_is_the_rendered_turn():
    for text, turn in warm_up(5):
        persona = coach_persona(pool(), turn, said=text, history=())
        assert persona.script() == coach.render(turn, pool()) != ""


def test_a_turn_whose_question_left_the_pool_still_has_words():
    turn = coach.CoachTurn(says=(coach.Remark(key="question", question="gone"),))
    assert coach_persona(pool(), turn, said="x", history=()).script() == "Thank you. Let us go on."


# --- review ---


def test_before_the_students_own_view_the_facilitator_has_no_feedback_to_give():
    (_, first), (_, second) = reviewed(("fine", "I was slow and gave something to calm her."))
    before = review_persona(first, said="fine", history=()).instructions
    after = review_persona(second, said="I was slow.", history=()).instructions
    assert "Improve:" not in before
    assert "Diazepam" not in before
    assert "Improve: Diazepam at 1:40 min" in after
    assert "self-critical" in after


def test_the_facilitator_is_told_the_score_only_where_it_is_said():
    told = [
        (say.overall, review_persona(say, said=text, history=()).instructions)
        for text, say in reviewed(
            ("fine", "I gave it too early.", "ok", "ok then", "my plan", "yes", "bye now")
        )
    ]
    assert {overall is None for overall, _ in told} == {True, False}
    for overall, instructions in told:
        assert ("Overall score" in instructions) == (overall is not None)


def test_the_facilitators_script_is_the_rendered_turn_and_every_phase_has_instructions():
    for text, say in reviewed(("fine", "I was slow.", "ok", "ok then", "my plan", "yes", "bye now")):
        persona = review_persona(say, said=text, history=())
        assert persona.script() == review.render(say) != ""
        assert review.render(say) in persona.instructions
        assert text not in persona.instructions.replace(persona.script(), "")


def test_to_end_early_is_met_without_reproach():
    [(_, say)] = reviewed(("Let's end the review.",))
    assert "without reproach" in review_persona(say, said="", history=()).instructions


# --- both ---


def test_neither_has_tools_and_both_keep_the_conversation():
    before = (Line("agent", "Hello."),)
    [(_, say)] = reviewed(("fine",))
    _, turn = next(iter(warm_up(1)))
    for persona in (
        coach_persona(pool(), turn, said="fine", history=before),
        review_persona(say, said="fine", history=before),
    ):
        assert list(persona.history) == [*before, Line("student", "fine")]
        assert persona.tools == ()
        with pytest.raises(InvalidInput):
            persona.answer_tool(Proposal("anything", {}))
