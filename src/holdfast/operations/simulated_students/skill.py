"""Who a simulated student is: a talent drawn from the seed, an arm's effect on it, and what follows.

Talent is standard normal. Being in an arm shifts it: half the effect up in arm A, half down in arm B,
nothing in any other arm. The effect is stated as the standardised difference (Cohen's d) that an
analysis of the sessions' *overall score* finds when there are many students; because a score measures
ability only with noise, the difference in ability behind it is larger, by `ABILITY_PER_EFFECT`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import exp
from random import Random

from holdfast.kit.randomness import stream
from holdfast.operations.simulated_students.names import student_name

EFFECT = 0.5
"""The difference between arm A and arm B that is played unless another is asked for."""

ABILITY_PER_EFFECT = 1.3
"""Ability in standard deviations behind one standard deviation of overall score.

The inverse of the correlation of ability and overall score in sessions of three shipped scenarios,
calibrated with `rehearsal`; a test holds that the difference found is the one that was set.
"""

ARM_SHARE = {"A": 0.5, "B": -0.5}
"""The part of the effect that each arm gets."""


@dataclass(frozen=True, slots=True)
class SimulatedStudent:
    """A student before and after allocation.

    Attributes:
        seed: of the whole simulation.
        number: 1 and up; with the seed it decides everything that the student draws.
        talent: standard normal.
        ability: talent with the arm's effect on it; more means quicker, more complete and safer.
    """

    seed: int
    number: int
    name: str
    talent: float
    ability: float
    arm: str | None = None

    def allocated(self, arm: str | None, effect: float) -> SimulatedStudent:
        """The student in a study group, with that group's share of the effect."""
        shift = ARM_SHARE.get(arm or "", 0.0) * effect * ABILITY_PER_EFFECT
        return replace(self, arm=arm, ability=self.talent + shift)

    def draws(self, purpose: str) -> Random:
        """The student's own generator for one purpose; no other purpose disturbs it."""
        return stream(self.seed, f"simulated student {self.number}, {purpose}")


def student_of(seed: int, number: int) -> SimulatedStudent:
    """The student of that number; the same seed and number are always the same student."""
    talent = stream(seed, f"simulated student {number}, talent").gauss(0.0, 1.0)
    name = student_name(stream(seed, f"simulated student {number}, name"))
    return SimulatedStudent(seed, number, name, talent, talent)


def chance(base: float, ability: float, slope: float) -> float:
    """A probability on the logistic scale: `base` at ability 0, `slope` more for each unit of ability."""
    return 1 / (1 + exp(-(base + slope * ability)))


def forgets(ability: float, weight: float) -> float:
    """The probability to forget an act that matters by `weight` (0 to 1)."""
    return chance(-0.4 - 0.9 * weight, ability, -0.6)


def slowness(ability: float, rng: Random) -> float:
    """How many times longer than an expert everything takes in one scenario."""
    return min(3.0, max(0.85, exp(0.5 - 0.25 * ability + rng.gauss(0.0, 0.12))))


def mistakes_dose(ability: float) -> float:
    """The probability of a wrong dose or route for one medication."""
    return chance(-2.8, ability, -0.6)


def temptations(ability: float) -> float:
    """The expected number of drugs or acts that do harm, in one scenario."""
    return exp(-1.2 - 0.5 * ability)


def jumps_ahead(ability: float) -> float:
    """The probability to treat before the assessment that should come first."""
    return chance(-1.7, ability, -0.6)


def recognises(ability: float) -> float:
    """The probability to understand what a patient's turn for the worse asks for."""
    return chance(0.7, ability, 0.8)


def reasons_well(ability: float) -> float:
    """The probability to name one expected thought of a question."""
    return chance(0.1, ability, 0.9)


def skips(ability: float) -> float:
    """The probability to decline a question."""
    return chance(-2.6, ability, -0.6)
