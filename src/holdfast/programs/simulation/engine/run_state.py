"""The state of a run between two calls: values only, compact, exact through JSON.

It is bounded by the scenario, not by what was done: per treatment, finding, phrase and state one
record. Whatever happened in between is in the occurrences, which the service keeps as rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

from holdfast.kit.errors import InvalidInput

ENGINE_VERSION = "1"
"""Changes whenever the same scenario and log could give another state; stored with every run."""


class Moment(NamedTuple):
    """When something happened first: `order` breaks ties inside one clinical second."""

    order: int
    at_s: float


class TreatmentRecord(NamedTuple):
    """All administrations of one treatment in this run.

    Attributes:
        attempts: how often it was ordered, in whatever way.
        first: the first attempt.
        last_s: when it was last given so that it works, or none; intervals are counted from there,
            so that a dose too low or by a wrong route may be put right at once.
        safe: how often it was given without a medication error.
        first_safe: the first time of those.
        totals: amount given so far by base unit (mg, ml, units, mmol, puffs, l_per_min).
    """

    attempts: int
    first: Moment
    last_s: float | None
    safe: int
    first_safe: Moment | None
    totals: dict[str, float]


class Segment(NamedTuple):
    """One vital sign since its last turn: start + (target - start) * (1 - exp(-t / tau)).

    Attributes:
        since_s, start: when and from what value it set out.
        target, tau_s: where it goes, and the time after which 63 % of the way is gone.
        state: the patient state whose target the sign returns to when no treatment holds it;
            empty for its value on arrival.
    """

    since_s: float
    start: float
    target: float
    tau_s: float
    state: str


class InForce(NamedTuple):
    """The effect of a treatment that was given: waiting for its onset, or begun."""

    treatment: str
    begins_s: float
    ends_s: float | None
    begun: bool


class Reading(NamedTuple):
    """A vital sign as the student last measured it."""

    value: float
    at_s: float


@dataclass(frozen=True, slots=True)
class RunState:
    """Everything that decides what happens next in a run. Times are clinical seconds.

    Attributes:
        seed: what the draws of this run come from.
        challenges: whether challenge points may open.
        elapsed_s: clinical time up to which everything has happened; when the run is over, its end.
        order: how many actions were taken; the tie-break of `Moment`.
        patient_state, state_since_s: the present state of the patient and when it began.
        entered: the first time in each state.
        entry_vitals: the vital signs when the present state began.
        segments: the course of each vital sign.
        effects: treatment effects waiting or begun; begun ones in the order in which they began.
        complication_s: when the drawn complication is due; none when it is not drawn or past.
        treatments, findings, phrases: what was given, assessed and said.
        followed: the first time that a fact came after a predecessor, by ``kind:fact>predecessor``;
            kept only for the pairs that the scenario's ``after`` rules name.
        measured: what the student has measured.
        errors, warnings: medication events so far.
        last_harm_s: when something harmful or absolutely contraindicated was last given.
        done: checklist items and when they were done.
        rated: decision points and their ratings.
        asked: challenges that were opened, in order.
        open_challenge, asked_s: the challenge that waits for a reply, and since when.
        outcome: how the run ended; none while it goes on.
    """

    seed: int
    challenges: bool
    elapsed_s: float
    order: int
    patient_state: str
    state_since_s: float
    entered: Mapping[str, Moment]
    entry_vitals: Mapping[str, float]
    segments: Mapping[str, Segment]
    effects: tuple[InForce, ...]
    complication_s: float | None
    treatments: Mapping[str, TreatmentRecord]
    findings: Mapping[str, Moment]
    phrases: Mapping[str, Moment]
    followed: Mapping[str, Moment]
    measured: Mapping[str, Reading]
    errors: int
    warnings: int
    last_harm_s: float | None
    done: Mapping[str, float]
    rated: Mapping[str, str]
    asked: tuple[str, ...]
    open_challenge: str | None
    asked_s: float | None
    outcome: str | None

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; `from_json` gives back an equal state."""
        return {"engine": ENGINE_VERSION} | {name: _plain(getattr(self, name)) for name in _NAMES}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> RunState:
        """The state that `to_json` wrote.

        Raises:
            InvalidInput: the document is of another engine version or is not a run state.
        """
        version = document.get("engine")
        if version != ENGINE_VERSION:
            raise InvalidInput(
                f"This run state is of engine version {version}, not {ENGINE_VERSION}.", field="engine"
            )
        try:
            return cls(**{name: _READERS.get(name, _same)(document[name]) for name in _NAMES})
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise InvalidInput(f"This is not a run state: {error!r}.") from error


_NAMES = tuple(field.name for field in fields(RunState))


# Most values of a state are these; to know them at once makes writing a state three times as fast.
_LEAVES = frozenset({str, int, float, bool, type(None)})


def _plain(value: Any) -> Any:
    if type(value) in _LEAVES:
        return value
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, tuple):
        return [_plain(inner) for inner in value]
    return value


def _same(value: Any) -> Any:
    return value


def _seconds(value: Any) -> float | None:
    return None if value is None else float(value)


def _moment(value: Any) -> Moment:
    order, at_s = value
    return Moment(int(order), float(at_s))


def _treatment(value: Any) -> TreatmentRecord:
    attempts, first, last_s, safe, first_safe, totals = value
    return TreatmentRecord(
        int(attempts),
        _moment(first),
        _seconds(last_s),
        int(safe),
        None if first_safe is None else _moment(first_safe),
        _numbers(totals),
    )


def _segment(value: Any) -> Segment:
    since_s, start, target, tau_s, state = value
    return Segment(float(since_s), float(start), float(target), float(tau_s), str(state))


def _in_force(value: Any) -> InForce:
    treatment, begins_s, ends_s, begun = value
    return InForce(str(treatment), float(begins_s), _seconds(ends_s), bool(begun))


def _reading(value: Any) -> Reading:
    measured, at_s = value
    return Reading(float(measured), float(at_s))


def _numbers(value: Any) -> dict[str, float]:
    return {key: float(number) for key, number in value.items()}


def _moments(value: Any) -> dict[str, Moment]:
    return {key: Moment(int(order), float(at_s)) for key, (order, at_s) in value.items()}


_READERS: dict[str, Any] = {
    "elapsed_s": float,
    "state_since_s": float,
    "entered": _moments,
    "entry_vitals": _numbers,
    "segments": lambda value: {key: _segment(inner) for key, inner in value.items()},
    "effects": lambda value: tuple(_in_force(inner) for inner in value),
    "complication_s": _seconds,
    "treatments": lambda value: {key: _treatment(inner) for key, inner in value.items()},
    "findings": _moments,
    "phrases": _moments,
    "followed": _moments,
    "measured": lambda value: {key: _reading(inner) for key, inner in value.items()},
    "last_harm_s": _seconds,
    "done": _numbers,
    "rated": dict,
    "asked": tuple,
    "asked_s": _seconds,
}
