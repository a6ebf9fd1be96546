"""What the simulation offers to research: its tables in the words of the codebook, and their statements.

One student counts with one session, the first that was begun and not voided: who begins again has seen
the scenarios before. ``members`` describes students and totals, ``course`` what happened at the bedside,
``words`` what was said; the statements stand in ``export.sql`` beside the program's own.
"""

from holdfast.programs.simulation.export.course import (
    CHALLENGES,
    CRITICAL_ACTIONS,
    DECISIONS,
    MEDICATION_EVENTS,
    MEDICATIONS,
    SCENARIOS,
    STATES,
    VITAL_SIGNS,
)
from holdfast.programs.simulation.export.members import OVERVIEW, PERFORMANCE
from holdfast.programs.simulation.export.words import AAR, COACH, MESSAGES, PATTERNS

TABLES = (
    OVERVIEW,
    PERFORMANCE,
    SCENARIOS,
    CRITICAL_ACTIONS,
    MEDICATIONS,
    MEDICATION_EVENTS,
    CHALLENGES,
    DECISIONS,
    VITAL_SIGNS,
    STATES,
    MESSAGES,
    AAR,
    COACH,
    PATTERNS,
)

__all__ = [
    "AAR",
    "CHALLENGES",
    "COACH",
    "CRITICAL_ACTIONS",
    "DECISIONS",
    "MEDICATIONS",
    "MEDICATION_EVENTS",
    "MESSAGES",
    "OVERVIEW",
    "PATTERNS",
    "PERFORMANCE",
    "SCENARIOS",
    "STATES",
    "TABLES",
    "VITAL_SIGNS",
]
