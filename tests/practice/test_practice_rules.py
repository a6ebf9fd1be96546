"""The pure rules: phrases, spacing, milestones, positions."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.kit.errors import InvalidInput
from holdfast.programs.practice import following
from holdfast.programs.practice.milestones import Standing, after_session, newly_reached, reached
from holdfast.programs.practice.phrases import by_key, key_of, phrases, spelling
from holdfast.programs.practice.results import checked_metadata
from holdfast.programs.practice.spacing import Rating, reviewed

NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)
ratings = st.sampled_from(Rating)
text = st.text(max_size=30)


@given(text)
def test_spelling_is_settled_after_once_and_keys_do_not_depend_on_it(phrase):
    try:
        spelled = spelling(phrase)
    except ValueError:
        return
    assert spelling(spelled) == spelled
    assert key_of(spelled.upper()).casefold() == key_of(spelled.upper())
    assert key_of(spelling(f"  {phrase}\t")) == key_of(spelled)


@pytest.mark.parametrize("phrase", ["", "  ", "\t\n", "a\x00", "\ud800", "x\x7f", "\x85\u2003"])
def test_what_is_no_phrase(phrase):
    with pytest.raises(ValueError, match="must not"):
        spelling(phrase)


@given(st.lists(st.sampled_from(["Haus", "haus", "HAUS", "Hund", "straße", "STRASSE"])))
def test_each_phrase_is_counted_once_at_its_first_place(given_):
    found = phrases(given_)
    assert len(found.keys) == len(found.spelled) == len({key_of(p) for p in given_})
    assert [key_of(s) for s in found.spelled] == list(found.keys)
    assert list(found.spelled) == sorted(found.spelled, key=given_.index)


@given(st.lists(st.tuples(st.sampled_from(["a", "A", "b"]), st.integers(1, 4))))
def test_the_lowest_rating_of_a_word_counts(pairs):
    for key, rating in by_key(pairs).items():
        assert rating == min(r for word, r in pairs if key_of(word) == key)


@given(st.lists(st.tuples(ratings, st.integers(0, 400)), min_size=1, max_size=15))
def test_a_card_is_always_due_a_day_later_or_more_and_the_same_reviews_give_the_same(history):
    def play():
        card, now = None, NOW
        for rating, days in history:
            now += timedelta(days=days)
            card = reviewed(card, rating, now=now)
            assert card.due_at - now >= timedelta(days=1)
            assert 1 <= card.difficulty <= 10 and card.stability > 0
        return card

    assert play() == play()


@given(st.lists(st.integers(1, 60), min_size=1, max_size=8))
def test_a_better_rating_is_never_due_earlier(days):
    def play(last):
        card, now = reviewed(None, Rating.GOOD, now=NOW), NOW
        for gap in days:
            now += timedelta(days=gap)
            before, card = card, reviewed(card, Rating.GOOD, now=now)
        return reviewed(before, last, now=now).due_at

    due = [play(rating) for rating in Rating]
    assert due == sorted(due)


def test_a_clock_that_steps_back_does_not_move_a_review_before_the_last():
    card = reviewed(None, Rating.GOOD, now=NOW)
    assert reviewed(card, Rating.GOOD, now=NOW - timedelta(days=5)).reviewed_at == NOW


days = st.lists(st.integers(0, 3), min_size=1, max_size=40)


@given(days)
def test_a_streak_counts_the_days_in_a_row_up_to_the_last(gaps):
    standing, day, practised = Standing(), date(2027, 1, 1), []
    for gap in gaps:
        day += timedelta(days=gap)
        practised.append(day)
        before, standing = standing, after_session(standing, seconds=10, words_spoken=1, new_words=1, day=day)
        assert set(newly_reached(before, standing)) == set(reached(standing)) - set(reached(before))
    streak = 1
    while practised[-1] - timedelta(days=streak) in practised:
        streak += 1
    assert standing == Standing(len(gaps), 10 * len(gaps), len(gaps), len(gaps), streak, day)


def test_a_clock_that_steps_back_a_day_keeps_the_streak():
    standing = after_session(Standing(), seconds=0, words_spoken=0, new_words=0, day=date(2027, 1, 2))
    again = after_session(standing, seconds=0, words_spoken=0, new_words=0, day=date(2027, 1, 1))
    assert (again.streak_days, again.last_day, again.sessions) == (1, date(2027, 1, 2), 2)


def test_milestones_have_stable_names():
    standing = Standing(10, 3600, 9, 50, 3, date(2027, 1, 1))
    assert reached(standing) == ["sessions_1", "sessions_10", "hours_1", "words_50", "days_in_a_row_3"]
    assert reached(Standing()) == []


moments = st.integers(0, 7 * 10**15).map(
    lambda n: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=n)
)


@given(moments, st.uuids())
def test_a_position_comes_back_as_it_was(moment, result_id):
    assert following.read(following.written((moment, result_id))) == (moment, result_id)


@pytest.mark.parametrize("cursor", ["", "x", "1", "1.x", f"-1.{UUID(int=1)}", f"{10**20}.{UUID(int=1)}"])
def test_a_position_that_was_never_given_out_is_refused(cursor):
    with pytest.raises(InvalidInput):
        following.read(cursor)


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=30,
)


@given(st.dictionaries(st.text(max_size=5), json, max_size=4))
def test_metadata_that_passes_can_be_written_and_read_back(metadata):
    try:
        kept = checked_metadata(metadata)
    except ValueError:
        return
    assert orjson.loads(orjson.dumps(kept)) == metadata
    assert "\\u0000" not in orjson.dumps(kept).decode()
