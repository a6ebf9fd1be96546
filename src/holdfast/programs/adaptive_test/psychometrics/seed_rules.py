"""The seed's own model, update and stop rules by name, for installations that must go on as they were.

After `domain.md` 3.1 and 3.2. They are kept for compatibility: the update is a squared-error step and much
too small, and nothing here has a standard error. New tests use `engine`. Two of the seed's rules are not
reproduced: its precision rule, which by an inverted comparison never stopped a test early, becomes the
standard error it meant, and a rule that nobody knows is an error instead of an end.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from holdfast.kit.errors import InvalidInput
from holdfast.programs.adaptive_test.psychometrics.curves import FloatArray
from holdfast.programs.adaptive_test.psychometrics.models import BoolArray, ConceptItems
from holdfast.programs.adaptive_test.psychometrics.stopping import Classification, Stopping

START = 0.5
"""The seed's first proficiency in each concept, on its scale of -3 to 3."""

RATE = 0.1
LIMIT = 3.0
LEAST_CHANCE = 0.01
MINIMUM, MAXIMUM = 5, 20
PRECISION, CONFIDENCE = 0.3, 0.8


def probability(items: ConceptItems, theta: FloatArray) -> FloatArray:
    """P of a right answer, at least 0.01 and at most 0.99: theta (K,) gives (n,)."""
    return np.clip(items.probability(theta), LEAST_CHANCE, 1.0 - LEAST_CHANCE)


def information(items: ConceptItems, theta: FloatArray) -> FloatArray:
    """a^2 P (1 - P), which does not credit an item for having several concepts: (n,)."""
    chance = probability(items, theta)
    return items.scalar.a**2 * chance * (1.0 - chance)


def select(items: ConceptItems, theta: FloatArray, unused: BoolArray) -> int | None:
    """The unused item with most information, the first of equal ones; None when none is left."""
    if not unused.any():
        return None
    return int(np.where(unused, information(items, theta), -np.inf).argmax())


def update(items: ConceptItems, item: int, theta: FloatArray, *, right: bool) -> FloatArray:
    """The proficiency vector after an answer: theta + 0.1 (r - P) P (1 - P) a q, within -3 and 3."""
    chance = float(probability(items, theta)[item])
    step = RATE * (float(right) - chance) * chance * (1.0 - chance)
    moved: FloatArray = np.clip(theta + step * items.slopes[item], -LIMIT, LIMIT)
    return moved


def confidence(theta: FloatArray) -> float:
    """The seed's measure for its classification rule: min(mean |theta| / 2, 1)."""
    return min(float(np.abs(theta).mean()) / 2.0, 1.0)


def ends(end_criteria: Mapping[str, Any], answered: int, theta: FloatArray, se: float) -> bool:
    """Whether the seed's rules end a test now.

    Args:
        end_criteria: `type` (`fixed_length`, `precision`, `classification`), `threshold`, `min_questions`,
            `max_questions`, as the seed's clients send them.
        answered: questions answered.
        theta: the proficiency vector.
        se: standard error of the ability, for `precision`.

    Raises:
        InvalidInput: naming the criterion.
    """
    rules = stopping(end_criteria)
    if answered < rules.minimum:
        return False
    if answered >= rules.maximum:
        return True
    if rules.standard_error is not None:
        return se <= rules.standard_error
    if rules.classification is not None:
        return confidence(theta) >= rules.classification.probability
    return False


def stopping(end_criteria: Mapping[str, Any]) -> Stopping:
    """The seed's `end_criteria` as stop rules of the engine.

    `precision` stops at a standard error of the threshold (0.3) or below; `classification` at a posterior
    probability of the threshold (0.8) for one side of ability 0; `fixed_length` at the maximum.

    Raises:
        InvalidInput: naming the criterion.
    """
    kind = end_criteria.get("type", "fixed_length")
    maximum = _whole(end_criteria, "max_questions", MAXIMUM)
    minimum = _whole(end_criteria, "min_questions", min(MINIMUM, maximum))
    if minimum > maximum:
        raise InvalidInput("must be at most max_questions", field="end_criteria.min_questions")
    if kind == "fixed_length":
        return Stopping.fixed_length(maximum)
    if kind == "precision":
        threshold = _threshold(end_criteria, PRECISION)
        return Stopping(minimum=minimum, maximum=maximum, standard_error=threshold)
    if kind == "classification":
        classes = Classification((0.0,), _threshold(end_criteria, CONFIDENCE))
        return Stopping(minimum=minimum, maximum=maximum, classification=classes)
    message = "must be fixed_length, precision or classification"
    raise InvalidInput(message, field="end_criteria.type")


def _whole(given: Mapping[str, Any], name: str, default: int) -> int:
    value = given.get(name, default)
    if type(value) is not int or value < 1:
        raise InvalidInput("must be a whole number above 0", field=f"end_criteria.{name}")
    return value


def _threshold(given: Mapping[str, Any], default: float) -> float:
    value = given.get("threshold", default)
    if type(value) not in (int, float) or not 0.0 < value < float("inf"):
        raise InvalidInput("must be a number above 0", field="end_criteria.threshold")
    return float(value)
