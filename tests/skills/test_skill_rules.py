"""The rubric, the evidence and the fusion: enough or nothing, own words only, weights that sum to 1."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.kit.errors import InvalidInput
from holdfast.programs.skills import rubric
from holdfast.programs.skills.assessment import Assessed, NotEnough
from holdfast.programs.skills.evidence import find_evidence, find_words, locate
from holdfast.programs.skills.features.linguistic import linguistic_features
from holdfast.programs.skills.features.measured import measure
from holdfast.programs.skills.features.table import BY_NAME
from holdfast.programs.skills.fusion import DEFAULT_WEIGHTS, Item, Source, fuse, weights_from
from holdfast.programs.skills.inputs import GameEvent, GameSession, Transcript, Turn
from holdfast.programs.skills.skill import Level, Skill, level_of, skill_named

SAID = [
    Turn("A", "I think we should try again, because the cost was too high.", 1.0, 4.0),
    Turn("B", "You are stupid and I don't care.", 4.0, 6.0),
    Turn("A", "Are you okay?  Don\u2019t worry, let's look at the other way instead.", 6.0, 9.0),
]
CHILD = Transcript("A", SAID * 4)
share = st.floats(0, 1)


def assess(skill, transcripts, sessions):
    return rubric.assess(skill, transcripts, sessions, measure(transcripts, sessions))


def test_every_criterion_is_a_feature_and_every_skill_has_its_rules():
    for skill in Skill:
        assert all(one.feature in BY_NAME and one.low != one.high for one in rubric.CRITERIA[skill])
        assert skill in rubric.RECOMMENDATIONS


@pytest.mark.parametrize("skill", Skill)
def test_enough_talk_is_judged_with_evidence_of_own_words(skill):
    judged = assess(skill, [CHILD], [])
    if skill is Skill.SELF_REGULATION:
        judged = assess(skill, [CHILD], [GameSession("g", [GameEvent("action", at) for at in range(20)])])
    assert isinstance(judged, Assessed)
    assert 0 <= judged.score <= 1
    assert 0.05 <= judged.confidence <= 0.95
    assert level_of(judged.score) in judged.reasoning
    quotes = [piece.content for piece in judged.evidence if piece.source == "transcript"]
    assert quotes
    assert all(locate(quote, CHILD) for quote in quotes)
    assert not any("stupid" in quote for quote in quotes)


def test_too_little_is_not_a_made_up_half():
    for material in ([], [Transcript("A", SAID[:1])], [Transcript("C", SAID * 9)]):
        assert isinstance(assess(Skill.EMPATHY, material, []), NotEnough)


def test_more_of_what_a_skill_is_judged_by_scores_higher():
    cold = Transcript("A", [Turn("A", "The cost is seven and the track goes there now.")] * 9)
    warm = Transcript("A", [*cold.turns, *[Turn("A", "I feel so sorry for you, are you okay?")] * 4])
    unkind = Transcript("A", [*cold.turns, *[Turn("A", "Shut up, I don't care at all.")] * 4])
    scores = {}
    for name, one in (("cold", cold), ("warm", warm), ("unkind", unkind)):
        judged = rubric.judge(Skill.EMPATHY, linguistic_features(one), None)
        assert isinstance(judged, Assessed)
        scores[name] = judged.score
    assert scores["unkind"] < scores["cold"] < scores["warm"]
    against = [one for one in find_evidence(Skill.EMPATHY, [unkind], []) if not one.supports]
    assert [one.piece.content for one in against] == ["Shut up, I don't care at all."]


@pytest.mark.parametrize(
    ("quote", "words"),
    [
        ("\u201cDON'T  worry\u201d", "Don\u2019t worry"),
        ("are you okay? don't", "Are you okay?  Don\u2019t"),
        ("we should try again", "we should try again"),
        ("You are stupid", None),
        ("hink we should", None),
        ("we should really try again", None),
        ("too high. Are you okay", None),
        ("...", None),
        ("", None),
    ],
)
def test_a_quote_is_found_by_its_words_in_own_turns_only(quote, words):
    assert find_words(quote, [CHILD]) == words


@settings(deadline=None)
@given(st.lists(st.text(max_size=40), max_size=4), st.text(max_size=10), st.data())
def test_whatever_was_said_is_found_where_it_stands(texts, other, data):
    transcript = Transcript("A", [Turn("B", other), *(Turn("A", text) for text in texts)])
    for place, turn in transcript.own():
        found = locate(turn.text, transcript)
        if found:
            assert transcript.turns[found.turn].speaker == "A"
            assert transcript.turns[found.turn].text[found.begins : found.ends] == found.words
            assert found.turn <= place


def test_acts_are_told_with_count_time_and_the_logs_own_words():
    log = [GameEvent("task_retried", at, {"detail": "adds Basel-Zurich"}) for at in (12.4, 30.0)]
    found = find_evidence(Skill.RESILIENCE, [], [GameSession("tracks", log)])
    expected = 'In tracks, tried a task again after a failure 2 times, first at 12 s: "adds Basel-Zurich".'
    assert [one.piece.content for one in found] == [expected]


@settings(deadline=None)
@given(st.lists(st.builds(Item, st.sampled_from(Source), share, share, share), max_size=6))
def test_fused_scores_stay_between_their_items(items):
    weights = weights_from({})
    for skill in Skill:
        assert sum(weights[skill].values()) == pytest.approx(1)
        fused = fuse(skill, items, weights)
        if fused is None:
            assert all(item.confidence * item.relevance < 1e-150 for item in items)
        else:
            scores = [item.score for item in items]
            assert min(scores) - 1e-9 <= fused.score <= max(scores) + 1e-9
            assert sum(fused.shares.values()) == pytest.approx(1)


def test_stated_weights_replace_and_are_normalised_and_checked():
    weights = weights_from({"empathy": {"model": 0.0, "linguistic": 3.0, "behavioural": 1.0}})
    assert weights[Skill.EMPATHY] == {"model": 0.0, "linguistic": 0.75, "behavioural": 0.25}
    assert DEFAULT_WEIGHTS[Skill.EMPATHY][Source.MODEL] == 0.5
    nothing = dict.fromkeys(Source, 0.0)
    for bad in ({"joy": {}}, {"empathy": {"peer": 1.0}}, {"empathy": {"model": -1.0}}, {"empathy": nothing}):
        with pytest.raises(InvalidInput, match="weights"):
            weights_from(bad)
    with pytest.raises(InvalidInput):
        weights_from({"empathy": {"model": float("nan")}})


def test_levels_and_names():
    assert [level_of(score) for score in (0.39, 0.4, 0.69, 0.7)] == [
        Level.LOW,
        Level.MEDIUM,
        Level.MEDIUM,
        Level.HIGH,
    ]
    assert skill_named("EMPATHY") is Skill.EMPATHY
    with pytest.raises(InvalidInput):
        skill_named("joy")
