"""The seven skills, in the order in which every table shows them, and the words for a level."""

from __future__ import annotations

from enum import StrEnum

from holdfast.kit.errors import InvalidInput


class Skill(StrEnum):
    """A social and emotional skill; the value is what is stored and exported."""

    EMPATHY = "empathy"
    PROBLEM_SOLVING = "problem_solving"
    SELF_REGULATION = "self_regulation"
    RESILIENCE = "resilience"
    ADAPTABILITY = "adaptability"
    COMMUNICATION = "communication"
    COLLABORATION = "collaboration"

    @property
    def words(self) -> str:
        """As a sentence names it: `problem solving`."""
        return self.value.replace("_", " ")


PRIMARY: tuple[Skill, ...] = (
    Skill.EMPATHY,
    Skill.PROBLEM_SOLVING,
    Skill.SELF_REGULATION,
    Skill.RESILIENCE,
)
"""The four skills that every student with input is expected to have assessed (the seed's coverage check)."""


class Level(StrEnum):
    """A score in a word: high from .7, medium from .4 (inclusive)."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


HIGH_FROM = 0.7
MEDIUM_FROM = 0.4


def level_of(score: float) -> Level:
    """The level of a score on 0 to 1."""
    if score >= HIGH_FROM:
        return Level.HIGH
    return Level.MEDIUM if score >= MEDIUM_FROM else Level.LOW


def skill_named(text: str, *, field: str = "skill_type") -> Skill:
    """The skill of a name in either case (the older tables store upper case, their exports lower).

    Raises:
        InvalidInput: no skill has that name; `field` is named.
    """
    try:
        return Skill(text.strip().lower())
    except ValueError:
        raise InvalidInput("must be one of " + ", ".join(Skill), field=field) from None
