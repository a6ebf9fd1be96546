"""Vital signs of the older blueprints: every spelling of their names, every form of their values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from holdfast.programs.simulation.scenario.legacy.ledger import Place
from holdfast.programs.simulation.scenario.legacy.wording import middle
from holdfast.programs.simulation.scenario.vocabulary import VITAL_RANGES, VitalSign

_NAMES: dict[VitalSign, str] = {
    VitalSign.HEART_RATE: "hr heartrate pulse pulserate",
    VitalSign.RESPIRATORY_RATE: "rr resprate respiratoryrate respirations breathingrate",
    VitalSign.SPO2: "spo2 sao2 oxygensaturation saturation sats o2sat",
    VitalSign.SYSTOLIC: "bpsystolic systolic sbp systolicbp bpsys systolicbloodpressure",
    VitalSign.DIASTOLIC: "bpdiastolic diastolic dbp diastolicbp bpdia diastolicbloodpressure",
    VitalSign.TEMPERATURE: "temperature temp tempc bodytemperature",
    VitalSign.GCS: "gcs glasgowcomascale gcstotal gcsscore",
    VitalSign.GLUCOSE: "glucose bloodglucose glycemia glycaemia bg bgl bloodsugar glucosemmol",
    VitalSign.PAIN: "painscore pain nrs vas painlevel",
}
SIGN_OF = {name: sign for sign, names in _NAMES.items() for name in names.split()}
_PRESSURES = frozenset({"bp", "bloodpressure", "nibp"})
_ABSENT = re.compile(
    r"unrecordable|unmeasurable|undetectable|absent|apn[oe]+ic|pulseless|arrest|none|asystole"
)
_UNCHANGED = re.compile(r"unchanged|no change|same|normal|stable|not measured|unknown|n/?a$")
_PLAIN = re.compile(r"\d+(?:[.,]\d+)?\s*(?:%|/ ?min|bpm|mmhg|°? ?c|mmol/l|/15|/10)?")
_BY_DIASTOLIC = re.compile(r"\s*(\d+(?:\.\d+)?)\s*/\s*(\d+(?:\.\d+)?)\s*(?:mmhg)?\s*", re.IGNORECASE)
_ZERO_WHEN_ABSENT = frozenset(
    {VitalSign.HEART_RATE, VitalSign.RESPIRATORY_RATE, VitalSign.SYSTOLIC, VitalSign.DIASTOLIC}
)
_IN_TEXT: dict[VitalSign, str] = {
    VitalSign.HEART_RATE: r"\b(?:HR|heart rate)\s*:?\s*(\d+)",
    VitalSign.RESPIRATORY_RATE: r"\b(?:RR|resp(?:iratory)? rate)\s*:?\s*(\d+)",
    VitalSign.SPO2: r"\bSpO2\s*:?\s*(\d+)",
    VitalSign.SYSTOLIC: r"\bBP\s*:?\s*(\d+)(?=\s*/\s*\d+)",
    VitalSign.DIASTOLIC: r"\bBP\s*:?\s*\d+\s*/\s*(\d+)",
    VitalSign.GCS: r"\bGCS\s*:?\s*(\d+)",
    VitalSign.TEMPERATURE: r"\btemp(?:erature)?\s*:?\s*(\d+(?:\.\d+)?)",
    VitalSign.PAIN: r"\bpain\s*:?\s*(\d+)\s*/\s*10",
}

Values = dict[VitalSign, float]


@dataclass(slots=True)
class VitalReading:
    """What a group of vital signs states.

    Attributes:
        values: by sign, in the units of `VitalSign`.
        pupils: the text about pupils.
        remarks: free text that stood among the signs.
    """

    values: Values = field(default_factory=dict)
    pupils: str | None = None
    remarks: list[str] = field(default_factory=list)

    def targets(self) -> dict[str, float]:
        """The values under the names of the format."""
        return {sign.value: value for sign, value in self.values.items()}


def read_vitals(place: Place, baseline: Mapping[VitalSign, float] | None = None) -> VitalReading:
    """The vital signs of an object, whatever spelling and form they have.

    Args:
        place: the object; absent means no sign.
        baseline: what a relative value (``+10-15``) is added to.

    Raises:
        InvalidInput: a value that is no vital sign or lies outside the physiological range.
    """
    reading = VitalReading()
    for key, entry in place.items():
        plain = re.sub(r"[^a-z0-9]", "", key.lower())
        if plain in _PRESSURES:
            _read_pressure(entry, reading, baseline or {})
        elif plain in SIGN_OF:
            value = _value(entry, SIGN_OF[plain], baseline or {})
            if value is not None:
                reading.values[SIGN_OF[plain]] = value
        elif plain == "pupils":
            reading.pupils = entry.prose()
        elif isinstance(entry.value, str):
            text = entry.text()
            reading.remarks += [text] if text else []
    return reading


def _read_pressure(place: Place, reading: VitalReading, baseline: Mapping[VitalSign, float]) -> None:
    if isinstance(place.value, dict):
        inner = read_vitals(place, baseline)
        reading.values.update(inner.values)
        return
    pair = _BY_DIASTOLIC.fullmatch(place.value) if isinstance(place.value, str) else None
    if pair:
        place.use()
        reading.values[VitalSign.SYSTOLIC] = _within(place, VitalSign.SYSTOLIC, float(pair.group(1)))
        reading.values[VitalSign.DIASTOLIC] = _within(place, VitalSign.DIASTOLIC, float(pair.group(2)))
        return
    systolic = _value(place, VitalSign.SYSTOLIC, baseline)
    if systolic is not None:
        reading.values[VitalSign.SYSTOLIC] = systolic


def _value(place: Place, sign: VitalSign, baseline: Mapping[VitalSign, float]) -> float | None:
    if not isinstance(place.value, str):
        number = place.number()
        return None if number is None else _within(place, sign, number)
    text = place.value.strip().lower()
    if _PLAIN.fullmatch(text):
        place.use()
        return _within(place, sign, middle(text) or 0.0)
    number = middle(text)
    if number is None:
        return _worded(place, sign, text)
    if re.match(r"[+\-\u2212]\s*\d", text):
        return _relative(place, sign, text, number, baseline)
    place.approximated(f"'{place.value}' is read as {number:g}.")
    return _within(place, sign, number)


def _relative(
    place: Place, sign: VitalSign, text: str, number: float, baseline: Mapping[VitalSign, float]
) -> float | None:
    if sign not in baseline:
        place.not_expressed(f"'{place.value}' is relative to a value that is not known.")
        return None
    low, high = VITAL_RANGES[sign]
    value = baseline[sign] + (number if text.startswith("+") else -number)
    value = min(max(value, low), high)
    place.approximated(f"'{place.value}' is read as {value:g}, counted from the value on arrival.")
    return value


def _worded(place: Place, sign: VitalSign, text: str) -> float | None:
    if _ABSENT.search(text) and (sign in _ZERO_WHEN_ABSENT or sign is VitalSign.GCS):
        value = VITAL_RANGES[sign][0]
        place.approximated(f"'{place.value}' is read as {value:g}.")
        return value
    if _ABSENT.search(text) or _UNCHANGED.search(text):
        place.not_expressed(f"'{place.value}' is no value; the sign is left as it is.")
        return None
    return place.fail(f"'{place.value}' is not a value of {sign.value.replace('_', ' ')}")


def _within(place: Place, sign: VitalSign, number: float) -> float:
    low, high = VITAL_RANGES[sign]
    if not low <= number <= high:
        place.fail(f"{number:g} is outside the range of {sign.value.replace('_', ' ')} ({low:g} to {high:g})")
    return number


def values_in_text(text: str) -> Values:
    """Vital signs that a sentence states (``RR 22, SpO2 97%``)."""
    found: Values = {}
    for sign, pattern in _IN_TEXT.items():
        match = _search(pattern, text)
        if match:
            low, high = VITAL_RANGES[sign]
            number = float(match.group(1))
            if low <= number <= high:
                found[sign] = number
    return found


def with_placeholders(text: str) -> str:
    """The text with stated vital signs replaced by placeholders for the values at that moment."""
    found = [(match.span(1), sign) for sign, pattern in _IN_TEXT.items() if (match := _search(pattern, text))]
    for (start, end), sign in sorted(found, reverse=True):
        rest = re.sub(r"^-[0-9]+", "", text[end:])
        text = f"{text[:start]}{{{sign.value}}}{rest}"
    return text


def _search(pattern: str, text: str) -> re.Match[str] | None:
    return re.search(pattern, text, re.IGNORECASE)
