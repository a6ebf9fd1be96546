"""Vital signs in closed form: a value at any time from its segment, and as a monitor prints it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import exp, floor

from holdfast.programs.simulation.engine.run_state import Segment
from holdfast.programs.simulation.scenario.vocabulary import VITAL_RANGES, InitialVitals, VitalSign

SIGNS = tuple(sign.value for sign in VitalSign)

NORMAL = {"temperature": 36.8, "glucose": 5.5, "pain": 0.0}
"""What a sign is on arrival when the scenario does not say: an unremarkable adult value."""

_RANGES = {sign.value: limits for sign, limits in VITAL_RANGES.items()}
_ONE_DECIMAL = frozenset({"temperature", "glucose"})
_LEAST_PULSE_PRESSURE = 5.0  # mmHg; below it a cuff finds no two pressures
_PLACEHOLDER = re.compile(r"\{(" + "|".join(SIGNS) + r")\}")


def initial_values(vitals: InitialVitals) -> dict[str, float]:
    """All signs on arrival, those that the scenario leaves out at their normal value."""
    stated = {sign.value: value for sign, value in vitals.stated().items()}
    return {sign: stated[sign] if sign in stated else NORMAL[sign] for sign in SIGNS}


def value_at(segment: Segment, at_s: float) -> float:
    """The true value, rounded to four decimals so that it is the same on every platform."""
    if segment.start == segment.target:
        return segment.start
    left = exp((segment.since_s - at_s) / segment.tau_s) if at_s > segment.since_s else 1.0
    return round(segment.target + (segment.start - segment.target) * left, 4)


def reading(segments: Mapping[str, Segment], sign: str, at_s: float) -> float:
    """One sign as a monitor prints it: within its range, whole numbers (temperature, glucose: 0.1).

    Diastolic stays below systolic (both are 0 without a circulation).
    """
    printed = _printed(sign, value_at(segments[sign], at_s))
    if sign == "diastolic":
        systolic = _printed("systolic", value_at(segments["systolic"], at_s))
        return max(0.0, min(printed, systolic - _LEAST_PULSE_PRESSURE))
    return printed


def readings(segments: Mapping[str, Segment], at_s: float) -> dict[str, float]:
    """Every sign as a monitor prints it."""
    return {sign: reading(segments, sign, at_s) for sign in SIGNS}


def with_values(text: str, values: Mapping[str, float]) -> str:
    """The text with ``{heart_rate}`` and the like replaced; other braces stay as they are."""
    return _PLACEHOLDER.sub(lambda match: _words(match[1], values[match[1]]), text)


def _printed(sign: str, value: float) -> float:
    low, high = _RANGES[sign]
    scale = 10 if sign in _ONE_DECIMAL else 1
    return float(min(max(floor(value * scale + 0.5) / scale, low), high))


def _words(sign: str, value: float) -> str:
    return f"{value:.1f}" if sign in _ONE_DECIMAL else f"{value:.0f}"
