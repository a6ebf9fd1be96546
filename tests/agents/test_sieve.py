"""What the sieve lets through, and that it never lets out the beginning of what it must hold."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.agents.sieve import Sieve


def passed(sieve: Sieve, pieces: list[str]) -> str:
    return "".join([*(sieve.push(piece) for piece in pieces), sieve.close()])


@pytest.mark.parametrize(
    "text",
    [
        "It is asthma.",
        "ASTHMA",
        "my asthma's back",
        "an **asthma** attack",
        "as*th*ma it is",
        "Ásthmà!",
        "asth\u200bma, they said",
        "a s t h m a, I think",
        "A.S.T.H.M.A. I think",
        "a-s-t-h-m-a",
        "two heart attacks so far",
        "a heart\nattack",
        "HEART-ATTACK",
        "我有哮喘吗",
        "천식이 있어요",
        "दमा है",
    ],
)
def test_forbidden_in_any_dress(text: str):
    sieve = Sieve(["asthma", "heart attack", "哮喘", "천식", "दमा"])

    passed(sieve, [text])

    assert sieve.found


@pytest.mark.parametrize(
    "text",
    [
        "My heart. The attack of the wasps.",
        "the hearts attack",
        "asthm",
        "MI",
        "I a m here",
        "",
        "heart",
        "He had a mind of his own, a s you know.",
    ],
)
def test_other_words_pass_untouched(text: str):
    sieve = Sieve(["asthma", "heart attack", "mi stake"])

    assert passed(sieve, list(text)) == text
    assert not sieve.found


def test_words_are_whole():
    sieve = Sieve(["MI"])

    assert passed(sieve, ["Never mind, my mi", "nd is miles away"]) == "Never mind, my mind is miles away"
    assert not sieve.found


def test_no_phrases_hold_nothing_back():
    sieve = Sieve(["", " ... "])

    assert sieve.push("a") == "a"
    assert sieve.close() == ""


def test_text_is_released_as_soon_as_it_is_safe():
    sieve = Sieve(["heart attack"])

    assert sieve.push("My chest hurts, ") == "My chest hurts, "
    assert sieve.push("my heart ") == "my "
    assert sieve.push("races ") == "heart races "


WORDS = ["heart", "attack", "my", "a", "s", "t", "h", "m", "asthma", "hearts", "ache", "brass"]
TEXTS = st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join)
PHRASES = ["heart attack", "asthma", "my heart ache"]


def cut(text: str, places: list[int]) -> list[str]:
    edges = [0, *sorted(place % (len(text) + 1) for place in places), len(text)]
    return [text[start:end] for start, end in itertools.pairwise(edges)]


@given(TEXTS, st.lists(st.integers(0, 200), max_size=20))
def test_pieces_change_nothing(text: str, places: list[int]):
    whole, pieced = Sieve(PHRASES), Sieve(PHRASES)
    out_whole, out_pieced = passed(whole, [text]), passed(pieced, cut(text, places))

    assert whole.found == pieced.found
    if whole.found:
        assert text.startswith(out_pieced)
    else:
        assert out_whole == out_pieced == text


@given(TEXTS, st.sampled_from([*PHRASES, "a s t h m a"]), TEXTS, st.lists(st.integers(0, 200), max_size=20))
def test_nothing_of_the_phrase_goes_out(before: str, phrase: str, after: str, places: list[int]):
    sieve = Sieve(PHRASES)

    out = passed(sieve, cut(f"{before}. {phrase}. {after}", places))

    assert sieve.found
    assert len(out) <= len(f"{before}. ")
