"""From a computed result to a stated one: the number with its origin, or the reason why there is none."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from holdfast.research.analysis.results import Origin, Role, Statistic, Value
from holdfast.research.statistics.meaningless import Meaningless
from holdfast.research.statistics.samples import Difference, Interval

Fields = Mapping[str, Any]
"""What ``stated`` takes: fields of ``Statistic`` by name, and names of its own."""

ONE_LOOK = "valid for a single look at the data"


@dataclass(frozen=True, slots=True)
class Heading:
    """What a statistic is called and may be used for."""

    name: str
    label: str
    role: Role
    note: str = ""


def stated(heading: Heading, origin: Origin, compute: Callable[[], Fields], **parameters: Value) -> Statistic:
    """The statistic that ``compute`` gives, or its refusal.

    Args:
        heading: what it is.
        origin: what it is computed from; ``parameters`` are added to it.
        compute: gives the fields of ``Statistic`` by name; ``interval`` stands for low, high and level;
            names that are no fields go to ``extra``. It may raise ``Meaningless``.
        parameters: such as draws and level.
    """
    made = Statistic(
        heading.name,
        heading.label,
        heading.role,
        replace(origin, parameters={**origin.parameters, **parameters}),
        note=heading.note,
    )
    try:
        # What numpy would warn of ends as a number that is not finite, and that is refused below, aloud.
        with np.errstate(invalid="ignore", divide="ignore"):
            return _filled(made, dict(compute()))
    except Meaningless as reason:
        return replace(made, refusal=reason.reason)


def _filled(made: Statistic, fields: dict[str, Any]) -> Statistic:
    interval = fields.pop("interval", None)
    note = " ".join(part for part in (made.note, str(fields.pop("note", ""))) if part)
    made = replace(
        made,
        note=note,
        estimate=_number(fields.pop("estimate", None)),
        statistic=_number(fields.pop("statistic", None)),
        df=_number(fields.pop("df", None)),
        p=_number(fields.pop("p", None)),
        extra={name: _finite(item) for name, item in fields.items()},
    )
    return made if interval is None else _with_interval(made, interval)


def of_difference(found: Difference) -> Fields:
    """The fields of a difference of two arms: the second arm of ``n`` is the control."""
    return {
        "estimate": found.difference,
        "interval": found.interval,
        "statistic": found.t,
        "df": found.df,
        "p": found.p,
        "se": found.standard_error,
        "n_treated": found.n[0],
        "n_control": found.n[1],
    }


def refused(heading: Heading, origin: Origin, reason: str) -> Statistic:
    """A statistic that there is not."""
    return Statistic(heading.name, heading.label, heading.role, origin, note=heading.note, refusal=reason)


def _with_interval(made: Statistic, interval: Interval) -> Statistic:
    ends = (("low", interval.low), ("high", interval.high))
    return replace(
        made,
        low=_number(interval.low),
        high=_number(interval.high),
        level=interval.level,
        unbounded=" ".join(name for name, value in ends if value is None),
    )


def _number(value: float | None) -> float | None:
    if value is None:
        return None
    if not math.isfinite(value):
        raise Meaningless("the number is not finite for these data")
    return float(value)


def _finite(value: Value) -> Value:
    return _number(value) if isinstance(value, float) else value
