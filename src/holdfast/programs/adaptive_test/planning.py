"""What decides a test: the cohort's plan, the pool's rules, what the start asks for, in this order. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from holdfast.kit.errors import InvalidInput
from holdfast.programs.adaptive_test.psychometrics import seed_rules
from holdfast.programs.adaptive_test.psychometrics.proficiency import PRACTICE_NOISE
from holdfast.programs.adaptive_test.psychometrics.rules import Rules

PROGRAM = "adaptive_test"


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
        practice_noise: variance that an answer adds to each of its concepts, for students learn.
        exclude_seen: keep out questions that the student was given in earlier tests.
        resume: an expired test may be taken up again.
        outages_count: the time limit runs on while the service is down.
    """

    __test__ = False  # to pytest a name that begins so would be a test

    rules: Rules = field(default_factory=Rules)
    tracking: Tracking = Tracking.GAUSSIAN
    practice_noise: float = PRACTICE_NOISE
    exclude_seen: bool = True
    resume: bool = True
    outages_count: bool = False

    def to_json(self) -> dict[str, Any]:
        """As it is stored with a test; `plan_of` gives it back."""
        return self.rules.to_json() | {
            "tracking": self.tracking.value,
            "practice_noise": self.practice_noise,
            "exclude_seen": self.exclude_seen,
            "resume": self.resume,
            "outages_count": self.outages_count,
        }


_OWN: dict[str, type] = {
    "tracking": str,
    "practice_noise": float,
    "exclude_seen": bool,
    "resume": bool,
    "outages_count": bool,
}


def plan_of(document: Mapping[str, Any]) -> TestPlan:
    """A plan from JSON; what is not given has its default.

    Raises:
        InvalidInput: naming the rule that is wrong or unknown.
    """
    own = {name: document[name] for name in _OWN if name in document}
    if type(own.get("practice_noise")) is int:
        own["practice_noise"] = float(own["practice_noise"])
    for name, value in own.items():
        if not isinstance(value, _OWN[name]):
            raise InvalidInput(f"must be a {_OWN[name].__name__}", field=name)
    if not 0 <= own.get("practice_noise", 0.0) <= 1:
        raise InvalidInput("must be between 0 and 1", field="practice_noise")
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
    """The stop rules that the seed's `end_criteria` stand for, as they stand in a document.

    Raises:
        InvalidInput: as `seed_rules.stopping`.
    """
    return asdict(seed_rules.stopping(criteria))


def combined(*layers: Mapping[str, Any]) -> TestPlan:
    """The plan of several documents; the first that names a rule decides it."""
    found: dict[str, Any] = {}
    for layer in layers:
        found = dict(layer) | found
    return plan_of(found)
