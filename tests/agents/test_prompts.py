"""How a conversation is written for a model."""

from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from librarian import Actor

from holdfast.agents.prompts import (
    CONTINUE,
    FRAME,
    NEVER_SPOKEN,
    OPENING,
    conversation,
    cue,
    student_words,
    system_prompt,
)
from holdfast.agents.sieve import Sieve
from holdfast.agents.speech import Line

LINES = st.lists(st.builds(Line, st.sampled_from(["student", "agent"]), st.text(max_size=20)), max_size=8)


@given(st.text())
def test_no_text_ends_its_tag(text: str):
    words = student_words(text)

    inside = words.removeprefix("<student>").removesuffix("</student>")
    assert words == f"<student>{inside}</student>"
    assert not re.search("[<>]", inside)


@given(LINES)
def test_turns_alternate_and_both_ends_are_the_users(lines: list[Line]):
    turns = conversation(lines)

    assert turns[0].role == turns[-1].role == "user"
    assert all(turn.text.strip() for turn in turns)
    assert all(one.role != other.role for one, other in itertools.pairwise(turns))
    said = "".join(turn.text for turn in turns)
    assert said.count("<student>") == sum(bool(line.text.strip()) for line in lines if line.role == "student")


@pytest.mark.parametrize(
    ("lines", "last"),
    [
        ([], cue(OPENING)),
        ([Line("agent", "Hello.")], cue(CONTINUE)),
        ([Line("agent", "Hello."), Line("student", "1 < 2")], "<student>1 &lt; 2</student>"),
    ],
)
def test_who_speaks_last(lines: list[Line], last: str):
    assert conversation(lines)[-1].text == last


def test_the_system_prompt_holds_the_frame_and_the_role(actor: Actor):
    prompt = system_prompt(actor)

    assert prompt.startswith(FRAME)
    assert "<role>\nYou are Librarian.\n\nYou keep a small library" in prompt


def test_reciting_the_frame_is_caught():
    for line in NEVER_SPOKEN:
        sieve = Sieve([line])
        sieve.push(FRAME)
        sieve.close()
        assert sieve.found, line
