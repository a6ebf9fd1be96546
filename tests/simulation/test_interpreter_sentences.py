"""What students write and what it comes to: the table in interpreter_sentences.txt."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from holdfast.programs.simulation.engine.facts import Action
from holdfast.programs.simulation.interpreter import Vocabulary, interpret
from holdfast.programs.simulation.scenario.model import Scenario

HERE = Path(__file__).parent


def sentences() -> list[tuple[str, str]]:
    lines = (HERE / "interpreter_sentences.txt").read_text("utf-8").splitlines()
    pairs = (
        line.split("=> ", 1) if "=> " in line else (line.removesuffix("=>"), "") for line in lines if line
    )
    return [(text.strip().replace("\\n", "\n"), acts.strip()) for text, acts in pairs if text[0] != "#"]


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    document = yaml.safe_load((HERE / "interpreter_ward.yaml").read_text("utf-8"))
    return Vocabulary.of(Scenario.model_validate(document))


def written(action: Action) -> str:
    if action.kind == "assessment":
        return f"={action.target}"
    dose = None if action.dose is None else f"{action.dose:g}"
    parts = [action.target if action.known else f"?{action.target}", dose, action.unit, action.route]
    return " ".join(part for part in parts if part)


TABLE = sentences()


def test_the_table_is_read():
    assert len(TABLE) >= 250
    assert sum(not expected for _, expected in TABLE) >= 60


@pytest.mark.parametrize(("text", "expected"), TABLE, ids=[text for text, _ in TABLE])
def test_text_becomes_these_actions(vocabulary: Vocabulary, text: str, expected: str):
    _, *acts = interpret(vocabulary, text)
    assert ", ".join(written(act) for act in acts) == expected


def test_wording_is_the_students_own(vocabulary: Vocabulary):
    text = "I check the Pulse, then GIVE Aspirin 300 mg and sit him up."
    assert [act.text for act in interpret(vocabulary, text)] == [
        text,
        "check the Pulse",
        "GIVE Aspirin 300 mg",
        "sit him up",
    ]
