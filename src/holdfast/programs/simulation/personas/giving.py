"""How a treatment is told: what was done, as far as the student said it, and what can be seen of it.

Nothing here tells a good order from a bad one. A dose or route that the rules assumed because the student
named none is not told either: it would be the protocol's answer.
"""

from __future__ import annotations

import re

from holdfast.programs.simulation.engine.facts import MedicationEvent, TreatmentGiven
from holdfast.programs.simulation.personas.cast import PARTNER, said_by
from holdfast.programs.simulation.scenario.care import Route, Treatment, TreatmentKind

_DOSED = {TreatmentKind.MEDICATION, TreatmentKind.FLUID, TreatmentKind.OXYGEN}
_LONGEST_ECHO = 40
_SHORTEST_NAME = 4
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_NOTHING_SEEN = "You see no change for now."

_ROUTES: dict[str, tuple[str, str]] = {
    Route.ORAL: ("by mouth", r"\b(?:oral|po\b|p\.o|mouth|swallow|chew)"),
    Route.SUBLINGUAL: ("under the tongue", r"\b(?:subling|sl\b|s\.l|tongue)"),
    Route.BUCCAL: ("into the cheek", r"\b(?:buccal|cheek)"),
    Route.INTRANASAL: ("into the nose", r"\b(?:intranas|nasal|nose|nostril|i\.n\.)"),
    Route.INHALED: ("by inhaler", r"\b(?:inhal|puff|spacer)"),
    Route.NEBULISED: ("by nebuliser", r"\bneb"),
    Route.MASK: ("by mask", r"\b(?:mask|non-?\s?rebreath|nrb)"),
    Route.INTRAMUSCULAR: ("IM", r"\b(?:im\b|i\.m|intramusc|muscle|thigh|deltoid)"),
    Route.SUBCUTANEOUS: ("SC", r"\b(?:sc\b|s\.c|subcut)"),
    Route.INTRAVENOUS: ("IV", r"\b(?:iv\b|i\.v|intraven|vein)"),
    Route.INTRAOSSEOUS: ("IO", r"\b(?:io\b|i\.o|intraoss|bone)"),
    Route.RECTAL: ("rectally", r"\b(?:rect|pr\b|p\.r)"),
    Route.TOPICAL: ("on the skin", r"\b(?:topical|skin|cream|patch)"),
}
_STATED = {route: re.compile(pattern, re.IGNORECASE) for route, (_, pattern) in _ROUTES.items()}
_UNITS = {"l_per_min": "l/min", "mg_per_kg": "mg/kg", "ml_per_kg": "ml/kg", "mcg_per_kg": "mcg/kg"}


def told(given: TreatmentGiven, treatment: Treatment | None, said: str, *, held_back: bool) -> str:
    """A treatment in a sentence or two.

    Args:
        given: what the engine recorded.
        treatment: the scenario's entry for it.
        said: the student's text; what it does not state is not told.
        held_back: whether it could not be given because something is not in place.
    """
    if held_back:
        return _not_yet(given, treatment, said)
    if treatment is None or treatment.kind in _DOSED:
        return f"{_order(given, treatment, said)} {given.effect or _NOTHING_SEEN}"
    return given.effect or f"You do that. {_NOTHING_SEEN}"


def refused(event: MedicationEvent, said: str) -> str:
    """What the partner answers to an order for something that is not carried; the name only if `said`."""
    name = " ".join(event.name.replace('"', "").split())
    if not name or len(name) > _LONGEST_ECHO or name.casefold() not in " ".join(said.split()).casefold():
        return said_by(PARTNER, "We do not have that with us.")
    return said_by(PARTNER, f"{name[0].upper()}{name[1:]}? We do not have that with us.")


def lowered(name: str) -> str:
    """A name as it stands inside a sentence: without its capital, unless it is an abbreviation."""
    return name if name[1:2].isupper() else name[:1].lower() + name[1:]


def _not_yet(given: TreatmentGiven, treatment: Treatment | None, said: str) -> str:
    if treatment is not None and treatment.kind in _DOSED:
        name = _called(given.name, treatment, said)
        return said_by(PARTNER, f"I have {name} ready, but something has to be in place before it can go in.")
    return said_by(PARTNER, "We cannot do that yet, something else has to be in place first.")


def _order(given: TreatmentGiven, treatment: Treatment | None, said: str) -> str:
    name = _called(given.name, treatment, said)
    words = [name, _amount(given, said), _way(given, said, name)]
    return f"You give {' '.join(word for word in words if word)}."


def _called(name: str, treatment: Treatment | None, said: str) -> str:
    """The student's own word for it where the scenario knows that word, else the scenario's name."""
    if treatment is None:
        return lowered(name)
    if treatment.kind is TreatmentKind.OXYGEN:
        return "oxygen"
    heard = said.casefold()
    if name.casefold() not in heard and treatment.kind is TreatmentKind.MEDICATION:
        for synonym in treatment.synonyms:
            if len(synonym) >= _SHORTEST_NAME and " " not in synonym and synonym.casefold() in heard:
                return synonym
    return lowered(name)


def _amount(given: TreatmentGiven, said: str) -> str:
    if given.dose is None or given.dose not in _numbers(said):
        return ""
    unit = _UNITS.get(given.unit or "", given.unit or "")
    return f"{given.dose:,g} {unit}".strip()


def _numbers(said: str) -> set[float]:
    """Every number of a text; a comma is tried as decimal sign and as separator of thousands."""
    found: set[float] = set()
    for match in _NUMBER.findall(said):
        for reading in (match.replace(",", "."), match.replace(",", "")):
            if reading.count(".") <= 1:
                found.add(float(reading))
    return found


def _way(given: TreatmentGiven, said: str, name: str) -> str:
    if given.route not in _ROUTES or not _STATED[given.route].search(said):
        return ""
    words = _ROUTES[given.route][0]
    return "" if words.split()[-1] in name else words
