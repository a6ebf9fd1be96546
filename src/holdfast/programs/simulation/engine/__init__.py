"""The rule engine: scenario + ordered actions + clinical time in, patient state out.

Pure and deterministic: no clock, no I/O, no randomness of its own (a seed is an argument).
Looking at the patient between two actions never changes what happens later.
"""

from holdfast.programs.simulation.engine.challenges import is_challenge_reply, is_skip
from holdfast.programs.simulation.engine.play import (
    GRID_S,
    act,
    advance,
    begin,
    finish,
    holds,
    measured,
    pupils,
    replay,
    vital_signs,
)
from holdfast.programs.simulation.engine.run_state import ENGINE_VERSION, RunState

__all__ = [
    "ENGINE_VERSION",
    "GRID_S",
    "RunState",
    "act",
    "advance",
    "begin",
    "finish",
    "holds",
    "is_challenge_reply",
    "is_skip",
    "measured",
    "pupils",
    "replay",
    "vital_signs",
]
