"""Actions that arrive as fields instead of words."""

from __future__ import annotations

import math

from holdfast.kit.errors import InvalidInput
from holdfast.programs.simulation.engine.facts import Action
from holdfast.programs.simulation.interpreter.orders import in_scenario_units
from holdfast.programs.simulation.interpreter.quantities import Quantity, quantity_at
from holdfast.programs.simulation.interpreter.routes import OXYGEN_DEVICES, ROUTE_PHRASES
from holdfast.programs.simulation.interpreter.sense import Sense
from holdfast.programs.simulation.interpreter.tokens import words_of
from holdfast.programs.simulation.interpreter.vocabulary import Vocabulary
from holdfast.programs.simulation.scenario.care import Route
from holdfast.programs.simulation.scenario.model import Scenario

LONGEST_NAME = 200
_ROUTES = {words_of(phrase): route for route, phrase in (*ROUTE_PHRASES, *OXYGEN_DEVICES)}
_ROUTES |= {words_of(route.value): route for route in Route}


def structured(
    scenario: Scenario | Vocabulary,
    *,
    kind: str,
    target: str,
    dose: float | None = None,
    unit: str | None = None,
    route: str | None = None,
) -> Action:
    """A structured action, checked.

    Args:
        scenario: the scenario of the run, or its compiled words, which is faster.
        kind: ``treatment`` or ``assessment``.
        target: an id of the scenario, a name or a synonym.
        dose: the amount of one administration.
        unit: its unit in any usual spelling; may be left out when the scenario doses in one unit only.
        route: a `Route` value or a usual word for one ("IV", "under the tongue").

    Returns:
        The action; a treatment that the scenario does not have with ``known=False`` and its usual name.

    Raises:
        InvalidInput: naming the field that is wrong. An assessment cannot be unknown.
    """
    vocabulary = scenario if isinstance(scenario, Vocabulary) else Vocabulary.of(scenario)
    name = target.strip()
    if not name or len(name) > LONGEST_NAME:
        raise InvalidInput(f"name it in 1 to {LONGEST_NAME} characters", field="target")
    if kind == "assessment":
        return _assessment(vocabulary, name, dose=dose, unit=unit, route=route)
    if kind != "treatment":
        raise InvalidInput("must be 'treatment' or 'assessment'", field="kind")
    way = _route(route)
    sense = _treatment(vocabulary, name)
    quantity = _quantity(vocabulary, sense, dose, unit)
    units = {quantity.unit} if quantity else set()
    chosen = name if name in vocabulary.choices else vocabulary.chosen(sense, units, way)
    return Action(
        "treatment",
        target=chosen or sense.drug,
        known=bool(chosen),
        dose=quantity.value if quantity else None,
        unit=quantity.unit if quantity else None,
        route=way,
        text=name,
    )


def _assessment(
    vocabulary: Vocabulary, name: str, *, dose: float | None, unit: str | None, route: str | None
) -> Action:
    for field, value in (("dose", dose), ("unit", unit), ("route", route)):
        if value is not None:
            raise InvalidInput("an assessment has none", field=field)
    if name in vocabulary.findings:
        return Action("assessment", target=name, text=name)
    sense = vocabulary.meaning(name)
    if sense is None or not sense.findings:
        raise InvalidInput(f"this scenario has no assessment '{name}'", field="target")
    return Action("assessment", target=sense.findings[0], text=name)


def _treatment(vocabulary: Vocabulary, name: str) -> Sense:
    """What a name means as a treatment; a drug of that name when it means nothing."""
    if name in vocabulary.choices:
        choice = vocabulary.choices[name]
        return Sense(treatments=(name,), doses=choice.dosed, oxygen=choice.oxygen)
    sense = vocabulary.meaning(name)
    return sense if sense is not None and sense.treats else Sense(drug=name, doses=True)


def _quantity(vocabulary: Vocabulary, sense: Sense, dose: float | None, unit: str | None) -> Quantity | None:
    if dose is None:
        if unit is not None:
            raise InvalidInput("a unit needs a dose", field="dose")
        return None
    if not math.isfinite(dose) or dose <= 0:
        raise InvalidInput("must be a number above 0", field="dose")
    if not sense.doses:
        raise InvalidInput("this treatment has no dose", field="dose")
    if unit is not None:
        return in_scenario_units(_with_unit(dose, unit), oxygen=sense.oxygen)
    usual = {u for key in sense.treatments for u in vocabulary.choices[key].units}
    if len(usual) != 1:
        raise InvalidInput("state the unit of the dose", field="unit")
    return Quantity(dose, usual.pop())


def _with_unit(dose: float, unit: str) -> Quantity:
    """A dose in a unit as spelled by the client; the factor of the unit is applied."""
    words = ["1", *words_of(unit)]
    one, end = quantity_at(words, 0)
    if one is None or end != len(words) or len(words) == 1:
        raise InvalidInput(f"unknown unit '{unit[:LONGEST_NAME]}'", field="unit")
    return Quantity(dose * one.value, one.unit)


def _route(route: str | None) -> str | None:
    if route is None:
        return None
    known = _ROUTES.get(words_of(route))
    if known is None:
        names = ", ".join(way.value for way in Route)
        raise InvalidInput(f"unknown route '{route[:LONGEST_NAME]}'; one of {names}", field="route")
    return known.value
