"""Who can speak at a scene, how they are called, and how a text of the scenario becomes what one says."""

from __future__ import annotations

import re
from dataclasses import dataclass

from holdfast.programs.simulation import engine
from holdfast.programs.simulation.engine.run_state import RunState
from holdfast.programs.simulation.personas.kept import Kept
from holdfast.programs.simulation.scenario.model import Scenario

SPEAKS_FROM_GCS = 9
"""Below this Glasgow coma score nobody speaks in words that answer; 8 and less is coma (Teasdale and
Jennett 1974)."""

PARTNER, MONITOR, SUPERVISOR, BYSTANDER = "Partner", "Monitor", "Supervisor", "Bystander"

_RELATION = re.compile(
    r"(?i:\b(wife|husband|girlfriend|boyfriend|friend|colleague|mother|father|daughter|son|sister|brother"
    r"|neighbour|neighbor|teacher|trainer|caretaker|grandmother|grandfather|flatmate)\b)"
    r"(?:,?\s+([^\W\d_a-z][^\W\d_]+))?"
)
_PIECES = re.compile(r"\([^()]*\)|[^()]+")


@dataclass(frozen=True, slots=True)
class Cast:
    """How the people at a scene are called in a reply.

    Attributes:
        patient: the patient's first name.
        bystander: the first bystander's name, or what they are to the patient.
    """

    patient: str
    bystander: str


def _cast(scenario: Scenario) -> Cast:
    return Cast(_first_name(scenario.patient.name), _bystander(scenario.scene.bystanders or ""))


_casts = Kept(_cast)


def cast_of(scenario: Scenario) -> Cast:
    """The cast of a scenario."""
    return _casts.of(scenario)


def can_speak(scenario: Scenario, state: RunState) -> bool:
    """Whether the patient is awake enough for words."""
    return engine.vital_signs(scenario, state, state.elapsed_s)["gcs"] >= SPEAKS_FROM_GCS


def spoken(speaker: str, text: str, *, in_words: bool = True) -> str:
    """A text of the scenario as said by `speaker`: words in quotation marks, gestures (in brackets) told.

    With `in_words` false the gestures alone are left; the result is empty when there are none.
    """
    pieces = [piece.strip() for piece in _PIECES.findall(text) if piece.strip()]
    gestures = [piece for piece in pieces if piece.startswith("(")]
    if len(gestures) == len(pieces) or not in_words:
        return " ".join(gesture[1:-1].strip() for gesture in gestures)
    return f"{speaker}: {' '.join(p if p.startswith('(') else _quoted(p) for p in pieces)}"


def said_by(speaker: str, words: str) -> str:
    """Words that hold no gestures, as said by `speaker`."""
    return f"{speaker}: {_quoted(words)}"


def _quoted(words: str) -> str:
    plain = words.strip('"\u201c\u201d ').replace('"', "'")
    return f'"{plain}"'


def _first_name(name: str) -> str:
    """The first part of a name that is neither a title (with a full stop) nor an initial."""
    parts = [part for part in name.split() if len(part) > 1 and not part.endswith(".")]
    return parts[0].rstrip(",") if parts else name


def _bystander(who: str) -> str:
    found = _RELATION.search(who)
    if found is None:
        return BYSTANDER
    return found[2] or found[1].capitalize()
