"""The agents of a session as personas: the coach, the people at the scene, the facilitator of the review.

Pure: from what the rules decided to who speaks, what that agent may know, and a script for when no model
is asked. Nothing here decides anything; what is not put into a persona cannot be talked out of a model.
"""

from __future__ import annotations

from collections.abc import Sequence

from holdfast.agents.speech import Line, Persona
from holdfast.programs.simulation.coach import CoachQuestions, CoachTurn
from holdfast.programs.simulation.engine.facts import Occurrence
from holdfast.programs.simulation.engine.run_state import RunState
from holdfast.programs.simulation.personas.coaching import CoachPersona
from holdfast.programs.simulation.personas.facilitation import ReviewPersona
from holdfast.programs.simulation.personas.patient import PatientPersona
from holdfast.programs.simulation.review import Say
from holdfast.programs.simulation.scenario.model import Scenario

__all__ = ["coach_persona", "patient_persona", "review_persona"]


def coach_persona(pool: CoachQuestions, turn: CoachTurn, *, said: str, history: Sequence[Line]) -> Persona:
    """The coach about to say one turn.

    Args:
        pool: where the texts of the turn's remarks are found.
        turn: what `coach.reply` decided to say to `said`.
        said: the student's text.
        history: what was said before it; may be empty where only the script is wanted.
    """
    return CoachPersona(pool, turn, said, history)


def patient_persona(
    scenario: Scenario,
    state: RunState,
    occurred: Sequence[Occurrence],
    *,
    said: str,
    history: Sequence[Line],
) -> Persona:
    """The patient and the people at the scene about to answer one message.

    Args:
        scenario: the document of the run.
        state: the run after the message took effect.
        occurred: what the message led to, in the order of the engine.
        said: the student's text.
        history: what was said before it; may be empty where only the script is wanted.
    """
    return PatientPersona(scenario, state, occurred, said, history)


def review_persona(say: Say, *, said: str, history: Sequence[Line]) -> Persona:
    """The facilitator of the review about to say one turn.

    Args:
        say: what `review.reply` decided to say to `said`.
        said: the student's text.
        history: what was said before it; may be empty where only the script is wanted.
    """
    return ReviewPersona(say, said, history)
