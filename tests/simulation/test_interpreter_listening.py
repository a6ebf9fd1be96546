"""What is heard of the phrases that a scenario listens for."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from holdfast.programs.simulation.interpreter import Listener, Vocabulary, interpret
from holdfast.programs.simulation.scenario.model import Scenario

LISTENER = Listener.of(
    ["chest pain", "pain", "Non-rebreather", "can't breathe", "SpO2 < 90", "kyslík", "94-98"]
)


@pytest.mark.parametrize(
    ("text", "heard"),
    [
        ("He has CHEST PAIN.", ("chest pain", "pain")),
        ("chest \t\n pain", ("chest pain", "pain")),
        ("painful", ()),
        ("chest, pain", ("pain",)),
        ("a non rebreather mask", ("Non-rebreather",)),
        ("I can\u2019t breathe", ("can't breathe",)),
        ("SpO\u2082 <90", ("SpO2 < 90",)),
        ("KYSLIK", ("kyslík",)),
        ("kysli\u0301k", ("kyslík",)),
        ("there is no pain", ("pain",)),
        ("target 94\u201398 %", ("94-98",)),
        ("pain, then chest pain", ("pain", "chest pain")),
        ("", ()),
    ],
)
def test_phrases_are_whole_words_in_any_spelling(text: str, heard: tuple[str, ...]):
    assert LISTENER.heard(text) == heard


def test_a_phrase_without_words_is_never_heard():
    assert Listener.of(["", "_", " "]).heard("_ anything") == ()


def test_phrases_written_differently_are_all_heard():
    assert Listener.of(["beta-blocker", "beta blocker"]).heard("a beta blocker") == (
        "beta-blocker",
        "beta blocker",
    )


def test_the_statement_carries_the_phrases_of_conditions_and_challenges():
    path = Path(__file__).parent / "interpreter_ward.yaml"
    vocabulary = Vocabulary.of(Scenario.model_validate(yaml.safe_load(path.read_text("utf-8"))))
    statement = interpret(
        vocabulary, "By protocol no STEROIDS: this is no anaphylaxis, he can\u2019t breathe"
    )[0]
    assert statement.kind == "statement"
    assert set(statement.phrases) == {"protocol", "steroids", "anaphylaxis", "can't breathe"}
