"""Amounts: units brought to one base per dimension, and the dose range that an order is held against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from holdfast.programs.simulation.engine.facts import Action
from holdfast.programs.simulation.scenario.care import Dose, Treatment

# Unit as a scenario or an order spells it -> base unit, factor, whether it is per kilogram.
_UNITS: dict[str, tuple[str, float, bool]] = {
    "mg": ("mg", 1.0, False),
    "mcg": ("mg", 0.001, False),
    "g": ("mg", 1000.0, False),
    "mg_per_kg": ("mg", 1.0, True),
    "mcg_per_kg": ("mg", 0.001, True),
    "g_per_kg": ("mg", 1000.0, True),
    "ml": ("ml", 1.0, False),
    "l": ("ml", 1000.0, False),
    "ml_per_kg": ("ml", 1.0, True),
    "l_per_min": ("l_per_min", 1.0, False),
    "units": ("units", 1.0, False),
    "mmol": ("mmol", 1.0, False),
    "puffs": ("puffs", 1.0, False),
}
_SPELLINGS = {
    "µg": "mcg", "μg": "mcg", "ug": "mcg", "microgram": "mcg", "micrograms": "mcg",
    "milligram": "mg", "milligrams": "mg", "gram": "g", "grams": "g",
    "millilitre": "ml", "millilitres": "ml", "milliliter": "ml", "milliliters": "ml", "cc": "ml",
    "litre": "l", "litres": "l", "liter": "l", "liters": "l",
    "l/min": "l_per_min", "lpm": "l_per_min",
    "unit": "units", "iu": "units", "u": "units",
    "puff": "puffs", "spray": "puffs", "sprays": "puffs",
    "mg/kg": "mg_per_kg", "mcg/kg": "mcg_per_kg", "µg/kg": "mcg_per_kg", "μg/kg": "mcg_per_kg",
    "g/kg": "g_per_kg", "ml/kg": "ml_per_kg",
}  # fmt: skip
_TOLERANCE = 1e-9  # relative; conversions must not make 300 mcg differ from 0.3 mg


@dataclass(frozen=True, slots=True)
class Prescription:
    """An order read against the treatment's dose ranges.

    Attributes:
        dose, unit, route: as stated, or as assumed where nothing was stated.
        limits: the range it is held against; none when the treatment has none or the route is wrong.
        base, amount: the amount in the base unit; none when it is not known.
        assumed: no comparable dose was stated, so the standard one is taken.
        route_allowed: the stated route is one of the treatment's.
    """

    dose: float | None
    unit: str | None
    route: str | None
    limits: Dose | None = None
    base: str | None = None
    amount: float | None = None
    assumed: bool = False
    route_allowed: bool = True


def canonical_unit(unit: str) -> str:
    """A unit in the spelling of the scenarios (``l/min`` -> ``l_per_min``); unknown ones in lower case."""
    key = unit.strip().casefold()
    return _SPELLINGS.get(key, key)


def in_base(dose: float, unit: str, weight_kg: float) -> tuple[str, float] | None:
    """Base unit and amount, per-kilogram units times the weight; none for a unit unknown here."""
    known = _UNITS.get(canonical_unit(unit))
    if known is None:
        return None
    base, factor, per_kg = known
    return base, dose * factor * (weight_kg if per_kg else 1.0)


def prescribe(treatment: Treatment, action: Action, weight_kg: float) -> Prescription:
    """The order with its gaps filled: no route -> the first of the range; no dose -> the standard.

    A number without a unit is taken in the unit of the range. A stated amount in a unit that cannot
    be compared (ml of a drug whose range is in mg: the concentration is not known) counts as unstated.
    """
    if not treatment.doses:
        return Prescription(action.dose, action.unit, action.route)
    allowed = [dose for dose in treatment.doses if action.route is None or action.route in dose.routes]
    if not allowed:
        return Prescription(action.dose, action.unit, action.route, route_allowed=False)
    comparable = [pair for dose in allowed if (pair := _compared(dose, action, weight_kg))]
    if comparable:
        limits, base, amount = next((c for c in comparable if _within(c, weight_kg)), comparable[0])
        unit = canonical_unit(action.unit or limits.unit)
        return Prescription(
            action.dose, unit, action.route or limits.routes[0].value, limits, base, amount, assumed=False
        )
    return _standard(allowed, action, weight_kg)


def bounds(limits: Dose, value: float, weight_kg: float) -> float:
    """A value stated in the unit of a range, in its base unit."""
    converted = in_base(value, limits.unit, weight_kg)
    if converted is None:
        raise AssertionError(f"a scenario unit is missing here: {limits.unit}")
    return converted[1]


def below(amount: float, limit: float) -> bool:
    """Whether an amount is less than a limit by more than rounding."""
    return amount < limit * (1 - _TOLERANCE)


def above(amount: float, limit: float) -> bool:
    """Whether an amount is more than a limit by more than rounding."""
    return amount > limit * (1 + _TOLERANCE)


def _compared(limits: Dose, action: Action, weight_kg: float) -> tuple[Dose, str, float] | None:
    if action.dose is None:
        return None
    stated = in_base(action.dose, action.unit or limits.unit, weight_kg)
    reference = in_base(limits.standard, limits.unit, weight_kg)
    if stated is None or reference is None or stated[0] != reference[0]:
        return None
    return limits, *stated


def _within(compared: tuple[Dose, str, float], weight_kg: float) -> bool:
    limits, _, amount = compared
    low, high = (bounds(limits, value, weight_kg) for value in (limits.minimum, limits.maximum))
    return not below(amount, low) and not above(amount, high)


def _standard(allowed: Sequence[Dose], action: Action, weight_kg: float) -> Prescription:
    limits = allowed[0]
    converted = in_base(limits.standard, limits.unit, weight_kg)
    base, amount = converted or (None, None)
    stated = action.dose is not None
    return Prescription(
        action.dose if stated else limits.standard,
        action.unit if stated else limits.unit,
        action.route or limits.routes[0].value,
        limits,
        base,
        amount,
        assumed=True,
    )
