"""What decides a test: the cohort's plan, the pool's rules and what the start asks for, in this order. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from holdfast.kit.errors import InvalidInput
from holdfast.programs.adaptive_test.psychometrics.rules import Rules

PROGRAM = "adaptive_test"
SHORTEST, LONGEST = 5, 20
PRECISION, CERTAINTY = 0.3, 0.8
"""The seed's defaults: questions at least and at most, standard error, probability of a class."""


class Tracking(StrEnum):
    """How the proficiency of each concept follows the answers."""

    GAUSSIAN = "gaussian"
    GRADIENT = "gradient"


@dataclass(frozen=True, slots=True)
class TestPlan:
    """Everything that is fixed when a test starts.

    Attributes:
        rules: of the engine: estimator, selection, exposure, quotas, stopping.
        tracking: of the proficiencies; `gradient` is the seed's update.
        exclude_seen: keep out questions that the student was given in earlier tests.
        resume: an expired test may be taken up again.
        outages_count: the time limit runs on while the service is down.
    """

    __test__ = False  # to pytest a name that begins so would be a test

    rules: Rules = field(default_factory=Rules)
    tracking: Tracking = Tracking.GAUSSIAN
    exclude_seen: bool = True
    resume: bool = True
    outages_count: bool = False

    def to_json(self) -> dict[str, Any]:
        """As it is stored with a test; `plan_of` gives it back."""
        return self.rules.to_json() | {
            "tracking": self.tracking.value,
            "exclude_seen": self.exclude_seen,
            "resume": self.resume,
            "outages_count": self.outages_count,
        }


_OWN = {"tracking": str, "exclude_seen": bool, "resume": bool, "outages_count": bool}


def plan_of(document: Mapping[str, Any]) -> TestPlan:
    """A plan from JSON; what is not given has its default.

    Raises:
        InvalidInput: naming the rule that is wrong or unknown.
    """
    own = {name: document[name] for name in _OWN if name in document}
    for name, value in own.items():
        if not isinstance(value, _OWN[name]):
            raise InvalidInput(f"must be {_OWN[name].__name__}", field=name)
    if "tracking" in own:
        try:
            own["tracking"] = Tracking(own["tracking"])
        except ValueError as error:
            raise InvalidInput(f"must be one of {', '.join(Tracking)}", field="tracking") from error
    engine = {name: value for name, value in document.items() if name not in _OWN}
    return TestPlan(Rules.from_json(engine), **own)


def checked(document: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Rules from outside, once they are known to be such.

    Raises:
        InvalidInput: as `plan_of`, with the place in front of the field.
    """
    try:
        plan_of(document)
    except InvalidInput as error:
        path = f"{where}.{error.field}" if error.field else where
        raise InvalidInput(error.message, field=path, **error.details) from error
    return dict(document)


def stopping_of(criteria: Mapping[str, Any]) -> dict[str, Any]:
    """The stop rules that the seed's `end_criteria` stand for.

    `type` is `fixed_length` (of `max_questions`), `precision` (until the standard error is at most
    `threshold`, 0.3) or `classification` (until one side of `cut`, 0, has the probability `threshold`,
    0.8). `min_questions` (5) and `max_questions` (20) bound the last two.

    Raises:
        InvalidInput: an unknown type, a bound that is no whole number, a minimum above the maximum.
    """
    kind = criteria.get("type", "fixed_length")
    most = _whole(criteria, "max_questions", LONGEST)
    least = _whole(criteria, "min_questions", min(SHORTEST, most))
    if least > most:
        raise InvalidInput("must be at most max_questions", field="end_criteria.min_questions")
    if kind == "fixed_length":
        return {"minimum": most, "maximum": most}
    if kind == "precision":
        error = _number(criteria, "threshold", PRECISION)
        return {"minimum": least, "maximum": most, "standard_error": error}
    if kind == "classification":
        cuts = criteria.get("cuts", [_number(criteria, "cut", 0.0)])
        known = {"cuts": cuts, "probability": _number(criteria, "threshold", CERTAINTY)}
        return {"minimum": least, "maximum": most, "classification": known}
    raise InvalidInput("must be fixed_length, precision or classification", field="end_criteria.type")


def _whole(criteria: Mapping[str, Any], name: str, default: int) -> int:
    value = criteria.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise InvalidInput("must be a whole number of at least 1", field=f"end_criteria.{name}")
    return value


def _number(criteria: Mapping[str, Any], name: str, default: float) -> float:
    value = criteria.get(name, default)
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise InvalidInput("must be a number", field=f"end_criteria.{name}")
    return float(value)


def combined(*layers: Mapping[str, Any]) -> TestPlan:
    """The plan of several documents; the first that names a rule decides it."""
    found: dict[str, Any] = {}
    for layer in layers:
        found = dict(layer) | found
    return plan_of(found)
