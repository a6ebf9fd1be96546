"""Actions that arrive as fields."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from holdfast.kit.errors import InvalidInput
from holdfast.programs.simulation.interpreter import Vocabulary, structured
from holdfast.programs.simulation.scenario.model import Scenario


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    path = Path(__file__).parent / "interpreter_ward.yaml"
    return Scenario.model_validate(yaml.safe_load(path.read_text("utf-8")))


@pytest.fixture(scope="module")
def vocabulary(scenario: Scenario) -> Vocabulary:
    return Vocabulary.of(scenario)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"target": "oxygen"}, ("oxygen", True, None, None, None)),
        ({"target": "Ventolin"}, ("salbutamol", True, None, None, None)),
        ({"target": "epinephrine", "route": "neb"}, ("adrenaline_neb", True, None, None, "nebulised")),
        ({"target": "adrenaline_im", "route": "neb"}, ("adrenaline_im", True, None, None, "nebulised")),
        ({"target": "aspirin", "dose": 300, "unit": "milligrams"}, ("aspirin", True, 300, "mg", None)),
        ({"target": "aspirin", "dose": 300}, ("aspirin", True, 300, "mg", None)),
        ({"target": "oxygen", "dose": 15, "unit": "litres"}, ("oxygen", True, 15, "l_per_min", None)),
        ({"target": "oxygen", "dose": 15, "unit": "l_per_min"}, ("oxygen", True, 15, "l_per_min", None)),
        (
            {"target": "oxygen", "dose": 15, "unit": "L/min", "route": "NRB"},
            ("oxygen", True, 15, "l_per_min", "mask"),
        ),
        (
            {"target": "saline", "dose": 0.5, "unit": "l", "route": "i.v."},
            ("saline", True, 500, "ml", "intravenous"),
        ),
        (
            {"target": "morphine", "dose": 0.1, "unit": "mg_per_kg"},
            ("morphine", True, 0.1, "mg_per_kg", None),
        ),
        ({"target": "apaurin", "dose": 10, "unit": "mg"}, ("diazepam", False, 10, "mg", None)),
        ({"target": "snake oil", "dose": 1, "unit": "ml"}, ("snake oil", False, 1, "ml", None)),
        ({"target": "intravenous access"}, ("iv_access", True, None, None, None)),
    ],
)
def test_a_treatment_is_understood(vocabulary: Vocabulary, fields: dict[str, Any], expected: tuple[Any, ...]):
    action = structured(vocabulary, kind="treatment", **fields)
    assert action.kind == "treatment"
    assert (action.target, action.known, action.dose, action.unit, action.route) == expected


@pytest.mark.parametrize(
    ("name", "finding"), [("pulse", "pulse"), ("blood sugar", "blood_glucose"), ("ECG", "ecg")]
)
def test_an_assessment_is_understood(scenario: Scenario, name: str, finding: str):
    action = structured(scenario, kind="assessment", target=name)
    assert (action.kind, action.target, action.known) == ("assessment", finding, True)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"kind": "dance", "target": "oxygen"}, "kind"),
        ({"kind": "treatment", "target": " "}, "target"),
        ({"kind": "treatment", "target": "x" * 201}, "target"),
        ({"kind": "assessment", "target": "aura"}, "target"),
        ({"kind": "assessment", "target": "oxygen"}, "target"),
        ({"kind": "assessment", "target": "pulse", "dose": 1}, "dose"),
        ({"kind": "assessment", "target": "pulse", "unit": "mg"}, "unit"),
        ({"kind": "assessment", "target": "pulse", "route": "oral"}, "route"),
        ({"kind": "treatment", "target": "aspirin", "dose": 0, "unit": "mg"}, "dose"),
        ({"kind": "treatment", "target": "aspirin", "dose": -1, "unit": "mg"}, "dose"),
        ({"kind": "treatment", "target": "aspirin", "dose": float("nan"), "unit": "mg"}, "dose"),
        ({"kind": "treatment", "target": "aspirin", "dose": float("inf"), "unit": "mg"}, "dose"),
        ({"kind": "treatment", "target": "aspirin", "unit": "mg"}, "dose"),
        ({"kind": "treatment", "target": "aspirin", "dose": 1, "unit": "spoon"}, "unit"),
        ({"kind": "treatment", "target": "aspirin", "dose": 1, "unit": ""}, "unit"),
        ({"kind": "treatment", "target": "aspirin", "dose": 1, "unit": "mg/ml"}, "unit"),
        ({"kind": "treatment", "target": "apaurin", "dose": 1}, "unit"),
        ({"kind": "treatment", "target": "sit_up", "dose": 1, "unit": "mg"}, "dose"),
        ({"kind": "treatment", "target": "aspirin", "route": "by post"}, "route"),
        ({"kind": "treatment", "target": "aspirin", "route": ""}, "route"),
    ],
)
def test_a_wrong_field_is_named(vocabulary: Vocabulary, fields: dict[str, Any], field: str):
    with pytest.raises(InvalidInput) as refused:
        structured(vocabulary, **fields)
    assert refused.value.field == field
