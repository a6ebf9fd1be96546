"""Words and numbers for people."""

from datetime import UTC, datetime, timedelta

import pytest

from holdfast.console import wording
from holdfast.core.sessions import Status
from holdfast.programs.simulation.place import Agent, Phase

NOW = datetime(2030, 5, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "just now"),
        (4.9, "just now"),
        (5, "5 s ago"),
        (89, "89 s ago"),
        (90, "2 min ago"),
        (5399, "90 min ago"),
        (5400, "2 h ago"),
        (172_800, "2 days ago"),
        (-3, "just now"),
    ],
)
def test_how_long_ago(seconds, words):
    assert wording.since(NOW - timedelta(seconds=seconds), NOW) == words


@pytest.mark.parametrize(
    ("seconds", "shown"), [(None, "\u2013"), (0, "00:00"), (65.9, "01:05"), (6000, "100:00")]
)
def test_clinical_time(seconds, shown):
    assert wording.clinical(seconds) == shown


def test_nothing_scored_is_a_dash_and_not_a_zero():
    assert [wording.score(value) for value in (None, 0.0, 66.7, 100)] == ["\u2013", "0", "66.7", "100"]


def test_every_word_of_the_program_has_words_for_people():
    assert set(wording.PHASES) == set(Phase)
    assert set(wording.STATUSES) == set(Status)
    assert set(wording.SPEAKERS) == set(Agent)


def test_signs_stand_in_the_monitor_order_with_what_was_measured():
    rows = wording.signs(
        {"temperature": 36.94, "heart_rate": 111.6}, {"heart_rate": {"value": 120.0, "at_s": 61}}
    )
    assert [(r["name"], r["true"], r["measured"], r["at"]) for r in rows] == [
        ("Heart rate", "112", "120", "01:01"),
        ("Temperature", "36.9", "\u2013", ""),
    ]
