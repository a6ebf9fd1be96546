"""Doses from the prose of the older blueprints: ``0.3-0.5mg IM``, ``6-7 mg/kg IV slowly``, ``15 L/min``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from holdfast.programs.simulation.scenario.legacy.ledger import Place
from holdfast.programs.simulation.scenario.legacy.wording import least

TOLERANCE = (0.6, 1.5)
"""Where the file states one dose and no range, this share of it is accepted (our choice)."""

ADULT_FROM_YEARS = 16

# Spelling -> unit of the format and the factor to it; none for rates that are no single administration.
_UNITS: dict[str, tuple[str, float] | None] = {
    "mg/kg": ("mg_per_kg", 1), "mcg/kg": ("mg_per_kg", 0.001), "µg/kg": ("mg_per_kg", 0.001),
    "g/kg": ("mg_per_kg", 1000), "ml/kg": ("ml_per_kg", 1), "mcg/min": None, "mg/min": None, "mg/h": None,
    "ml/h": None, "l/min": ("l_per_min", 1), "lpm": ("l_per_min", 1), "mcg": ("mcg", 1), "µg": ("mcg", 1),
    "mg": ("mg", 1), "ml": ("ml", 1), "mmol": ("mmol", 1), "units": ("units", 1), "iu": ("units", 1),
    "puffs": ("puffs", 1), "puff": ("puffs", 1), "liters": ("ml", 1000), "litres": ("ml", 1000),
    "l": ("ml", 1000), "g": ("g", 1),
}  # fmt: skip
_UNIT = "|".join(re.escape(unit) for unit in sorted(_UNITS, key=len, reverse=True))
_NUMBER = r"\d+(?:[.,]\d+)?"
_AMOUNT = re.compile(
    rf"(?P<low>{_NUMBER})\s*(?P<lowunit>{_UNIT})?(?:\s*(?:-|\u2013|to)\s*(?P<high>{_NUMBER}))?"
    rf"\s*(?P<unit>{_UNIT})(?![a-z/])",
    re.IGNORECASE,
)
_ROUTES = (
    ("intramuscular", r"\bIM\b|(?i:intramuscular)"),
    ("intravenous", r"\bIV\b|\bi\.v\.|(?i:intravenous|crystalloid|bolus)"),
    ("intraosseous", r"\bIO\b|(?i:intraosseous)"),
    ("sublingual", r"\bSL\b|(?i:sublingual)"),
    ("oral", r"\bPO\b|(?i:\boral|chewed|by mouth)"),
    ("nebulised", r"(?i:nebuli)"),
    ("inhaled", r"\bMDI\b|(?i:inhal|puff)"),
    ("buccal", r"(?i:buccal)"),
    ("intranasal", r"\bIN\b|(?i:intranasal|nasal spray)"),
    ("rectal", r"\bPR\b|(?i:rectal|suppositor)"),
    ("subcutaneous", r"\bSC\b|(?i:subcutaneous)"),
    ("mask", r"(?i:\bmask|non-?rebreather|cannula|\bbvm\b)"),
)
_EVERY = re.compile(
    rf"every\s+({_NUMBER})(?:\s*(?:-|\u2013|to)\s*{_NUMBER})?\s*(min|sec|hour)", re.IGNORECASE
)
_TIMES = re.compile(r"(?:x|max(?:imum)?)\s*(\d+)\s*(?:doses|times)|(\d+)\s*doses", re.IGNORECASE)
_CHILD = re.compile(r"pa?ediatric|child|infant|neonat")
_OTHER_USE = re.compile(r"maintenance|infusion|rationale|priority|\bnote\b|pre-?hospital_only")
_SITUATIONS = {
    "anaphylaxis": "anaphyla", "arrest": "arrest", "asthma": "asthma|bronchospasm",
    "acs": "acs|stemi|chest_pain|mi_", "seizure": "seizure|epilep|convuls", "head injury": "tbi|head|brain",
    "overdose": "overdose",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Setting:
    """What decides which of several stated doses are meant.

    Attributes:
        subject: id, title and type of the scenario in lower case.
        age_years: of the patient.
    """

    subject: str
    age_years: float

    def situations(self) -> set[str]:
        """The situations that the scenario is about."""
        return _situations(self.subject)


def _situations(text: str) -> set[str]:
    return {name for name, pattern in _SITUATIONS.items() if re.search(pattern, text.lower())}


def read_dosing(place: Place, setting: Setting, *, route: str) -> list[dict[str, Any]]:
    """The accepted dose ranges that a ``dosing`` text or object states, as fields of `Dose`.

    Args:
        place: prose, or an object of prose.
        setting: the scenario and the patient.
        route: taken where no route is stated.

    What cannot be read is noted and left out; nothing readable gives no range at all.
    """
    entries = place.items() if isinstance(place.value, dict) else [("dose", place)] if place.present else []
    stated = [(key, entry, text) for key, entry in entries if (text := entry.prose())]
    routes = _stated_routes(stated)
    meant = [item for item in stated if not _left_out(item, stated, setting)]
    doses = [dose for item in meant if (dose := _dose(item, routes or [route]))]
    if doses:
        _add_limits(meant, doses)
    return doses


def _stated_routes(stated: list[tuple[str, Place, str]]) -> list[str]:
    for key, _, text in stated:
        if key == "route" and (routes := routes_in(text)):
            return routes
    return []


def routes_in(text: str) -> list[str]:
    """The routes that a text names; intravenous drugs may also be given into the bone."""
    routes = [route for route, pattern in _ROUTES if re.search(pattern, text)]
    if "intravenous" in routes and "intraosseous" not in routes:
        routes.append("intraosseous")
    return routes


def _left_out(item: tuple[str, Place, str], stated: list[tuple[str, Place, str]], setting: Setting) -> bool:
    key, entry, _ = item
    name = key.lower()
    if _CHILD.search(name) and setting.age_years >= ADULT_FROM_YEARS:
        entry.not_expressed("A dose for children; the patient is an adult.")
        return True
    if _OTHER_USE.search(name):
        entry.not_expressed("No single dose; the format states single administrations.")
        return True
    here = setting.situations()
    own = _situations(f"{name}_")
    if own and not own & here and ("arrest" in own or any(_situations(f"{k}_") & here for k, _, _ in stated)):
        entry.not_expressed(f"A dose for another situation ({', '.join(sorted(own))}).")
        return True
    return False


def _dose(item: tuple[str, Place, str], routes: list[str]) -> dict[str, Any] | None:
    key, entry, text = item
    if key == "route" or _EVERY.match(text) or key.startswith(("repeat", "frequency", "max")):
        return None
    amount = _AMOUNT.search(text)
    if amount is None:
        entry.not_expressed("No amount with a known unit can be read from it.")
        return None
    unit = _UNITS[amount["unit"].lower()]
    if unit is None:
        entry.not_expressed("A rate of infusion; the format states single administrations.")
        return None
    low = _number(amount["low"]) * (_UNITS[(amount["lowunit"] or amount["unit"]).lower()] or unit)[1]
    high = _number(amount["high"]) * unit[1] if amount["high"] else low
    if not 0 < low <= high:
        entry.not_expressed("The range does not rise from a positive amount.")
        return None
    own = routes_in(text)
    return _ranged(entry, unit[0], low, high) | {"routes": own or routes}


def _ranged(entry: Place, unit: str, low: float, high: float) -> dict[str, Any]:
    if low < high:
        standard = _rounded((low + high) / 2)
        entry.approximated(
            f"Accepted from {low:g} to {high:g} {unit}; {standard:g} is taken when none is named."
        )
        return {"unit": unit, "minimum": low, "maximum": high, "standard": standard}
    least_, most = _rounded(low * TOLERANCE[0]), _rounded(low * TOLERANCE[1])
    entry.approximated(f"One dose is stated; {least_:g} to {most:g} {unit} is accepted.")
    return {"unit": unit, "minimum": least_, "maximum": most, "standard": low}


def _add_limits(stated: list[tuple[str, Place, str]], doses: list[dict[str, Any]]) -> None:
    first = doses[0]
    for key, entry, text in stated:
        every = _EVERY.search(text)
        if every and not re.search(r"continuous", text, re.IGNORECASE):
            seconds = {"sec": 1, "min": 60, "hour": 3600}[every.group(2).lower()]
            first.setdefault("repeat_after_s", _number(every.group(1)) * seconds)
        times = _TIMES.search(text)
        if times:
            first["maximum_total"] = _rounded(first["maximum"] * float(times.group(1) or times.group(2)))
        elif key.startswith("max"):
            _add_total(entry, text, first)
        elif every and key.startswith(("repeat", "frequency")):
            entry.approximated("Only the shortest interval is kept.")
        elif key.startswith(("repeat", "frequency")):
            entry.not_expressed("No interval can be read from it.")


def _add_total(entry: Place, text: str, dose: dict[str, Any]) -> None:
    amount = _AMOUNT.search(text)
    unit = _UNITS[amount["unit"].lower()] if amount else None
    if amount is None or unit is None or unit[0] != dose["unit"]:
        entry.not_expressed("No total in the unit of the dose can be read from it.")
        return
    dose["maximum_total"] = max(_number(amount["low"]) * unit[1], dose["maximum"])
    entry.approximated("Taken as the total of one run.")


def read_flows(place: Place) -> list[dict[str, Any]]:
    """The oxygen flows that ``delivery_options`` accept, in litres per minute: by mask, and by cannula."""
    masks: list[tuple[float, float]] = []
    cannulas: list[tuple[float, float]] = []
    for entry in place.children():
        flow = _flow(entry)
        if flow and re.search(r"nasal|cannula", f"{entry.key} {entry.prose()}".lower()):
            cannulas.append(flow)
        elif flow:
            masks.append(flow)
    # The interpreter takes a nasal cannula for the intranasal route.
    return _flow_range(masks, ["mask", "nebulised"]) + _flow_range(cannulas, ["intranasal"])


def _flow(entry: Place) -> tuple[float, float] | None:
    text = entry.prose() or ""
    amount = _AMOUNT.search(text)
    if amount is None or amount["unit"].lower() not in {"l/min", "lpm", "l"}:
        entry.not_expressed("No flow in litres per minute can be read from it.")
        return None
    if re.search(r"\bnot appropriate|inadequate|insufficient", text, re.IGNORECASE):
        entry.not_expressed("Marked as not appropriate; it is not among the accepted flows.")
        return None
    entry.approximated("One range of flows for all masks and one for cannulas; the device is not kept.")
    low = _number(amount["low"])
    return low, _number(amount["high"]) if amount["high"] else low


def _flow_range(flows: list[tuple[float, float]], routes: list[str]) -> list[dict[str, Any]]:
    if not flows:
        return []
    low, high, standard = min(f[0] for f in flows), max(f[1] for f in flows), flows[0][1]
    if not 0 < low <= standard <= high:
        return []
    low = _rounded(low * TOLERANCE[0]) if low == high else low
    return [{"unit": "l_per_min", "minimum": low, "maximum": high, "standard": standard, "routes": routes}]


def _number(text: str) -> float:
    return float(text.replace(",", "."))


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")


def minutes_of(place: Place) -> float | None:
    """Minutes stated as a number or in words; of a range, the shortest; none when absent or unreadable."""
    if isinstance(place.value, str):
        text = place.text() or ""
        number = least(text)
        if number is None:
            place.not_expressed("No number of minutes can be read from it.")
        elif text != f"{number:g}":
            place.approximated(f"'{text}' is read as {number:g} minutes.")
        return number
    return place.number()
