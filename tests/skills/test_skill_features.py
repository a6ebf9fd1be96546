"""Features: each within its documented range, none by default, none from another's words."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from holdfast.programs.skills.features.behavioural import behavioural_features
from holdfast.programs.skills.features.linguistic import linguistic_features, text_features
from holdfast.programs.skills.features.table import BY_NAME, Extraction, Kind, markdown, names_of, pooled
from holdfast.programs.skills.features.wording import count, syllables
from holdfast.programs.skills.inputs import EventType, GameEvent, GameSession, Transcript, Turn

words = st.sampled_from(
    ["we", "feel", "sorry", "not", "because", "?", ".", "wait", "again", "naïve", "7", "!"]
)
turns = st.lists(
    st.builds(lambda who, said: Turn(who, " ".join(said)), st.sampled_from("AB"), st.lists(words))
)
events = st.lists(
    st.builds(
        GameEvent,
        st.sampled_from([*EventType, "other"]),
        st.floats(0, 5000),
        st.fixed_dictionaries({"task": st.sampled_from("xy"), "quality": st.floats(0, 1)}),
    )
)


def within_the_table(extraction: Extraction) -> None:
    assert set(extraction.values) == set(names_of(extraction.kind))
    for name, value in extraction.values.items():
        feature = BY_NAME[name]
        if value is not None:
            assert feature.low is None or value >= feature.low, name
            assert feature.high is None or value <= feature.high + 1e-9, name


@settings(deadline=None)
@given(turns)
def test_linguistic_features_keep_their_ranges(said):
    within_the_table(linguistic_features(Transcript("A", said)))


@settings(deadline=None)
@given(events, st.floats(0, 9000))
def test_behavioural_features_keep_their_ranges(done, ends_s):
    within_the_table(behavioural_features(GameSession("g", done, ends_s)))


@settings(deadline=None)
@given(turns, st.text(max_size=30))
def test_what_others_say_counts_only_for_the_share_of_talk(said, other):
    def own(turns):
        values = dict(linguistic_features(Transcript("A", turns)).values)
        values.pop("speaking_share")
        return values

    assert own(said) == own([*said, Turn("B", other)])


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("I feel sorry for them.", "empathy_markers", 2),
        ("I do not feel sorry.", "empathy_markers", 0),
        ("I don\u2019t feel anything. Sorry!", "empathy_markers", 1),
        ("FEELING it", "empathy_markers", 1),
        ("Don't worry", "empathy_markers", 1),
        ("never give up", "perseverance_indicators", 1),
        ("let's try again", "perseverance_indicators", 2),
        ("I don't care", "against_empathy", 1),
        ("a kind of thing", "empathy_markers", 0),
    ],
)
def test_lists_fold_stem_and_mind_negation(text, name, expected):
    assert count(text, name) == expected


def test_rates_do_not_grow_with_length():
    once, often = text_features("We feel sorry. "), text_features("We feel sorry. " * 50)
    assert once.known("empathy_markers") == pytest.approx(often.known("empathy_markers"))


@pytest.mark.parametrize(
    ("word", "number"),
    [("the", 1), ("table", 2), ("walked", 1), ("wanted", 2), ("beautiful", 3), ("faces", 2)],
)
def test_syllables(word, number):
    assert syllables(word) == number


def test_parts_of_speech_are_counted():
    values = text_features("The old robot quickly builds a track.").values
    assert [values[f"{part}_count"] for part in ("noun", "verb", "adjective", "adverb")] == [2, 1, 1, 1]


def event(kind: EventType, at_s: float, **data: object) -> GameEvent:
    return GameEvent(kind, at_s, data)


def test_the_old_systems_defects_are_mended():
    done = [event(EventType.TASK_STARTED, 0), event(EventType.TASK_COMPLETED, 40, expected_s=20)]
    values = behavioural_features(GameSession("g", done)).values
    assert values["task_completion_rate"] == 1
    assert values["time_efficiency"] == 0.5
    assert values["recovery_rate"] is None
    assert behavioural_features(GameSession("g")).values["distraction_resistance"] is None


def test_recovery_review_gain_and_focus():
    failed = [event(EventType.TASK_FAILED, at, quality=q) for at, q in ((10, 0.5), (40, 0.7), (200, 0.6))]
    log = [*failed, event(EventType.REVIEWED, 20)]
    values = behavioural_features(GameSession("g", log)).values
    assert values["recovery_rate"] == pytest.approx(1 / 3)
    assert values["review_share"] == pytest.approx(1 / 3)
    assert values["quality_gain"] == pytest.approx(0.1)
    assert (values["focus_duration"], values["distraction_resistance"]) == (30, pytest.approx(30 / 190))


def test_pooling_weighs_by_amount_and_leaves_the_unknown_out():
    few = Extraction(Kind.LINGUISTIC, {"word_count": 10.0, "hedging": 9.0, "unique_word_count": 5.0})
    many = Extraction(Kind.LINGUISTIC, {"word_count": 20.0, "hedging": 3.0, "unique_word_count": 8.0})
    silent = Extraction(Kind.LINGUISTIC, {"word_count": 0.0, "hedging": None})
    old = Extraction(Kind.LINGUISTIC, {"word_count": 99.0}, version=0)
    one = pooled([few, many, silent, old], Kind.LINGUISTIC)
    assert one is not None
    assert [one.known(n) for n in ("word_count", "hedging", "unique_word_count")] == [30, 5, 8]
    assert pooled([few], Kind.BEHAVIOURAL) is None


def test_the_manual_has_the_table():
    manual = Path(__file__).parents[2] / "docs" / "skills-models.md"
    assert markdown() in manual.read_text(encoding="utf-8")
