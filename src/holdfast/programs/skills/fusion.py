"""Sources weighed against each other: what a trained model, what was said and what was done say of a skill.

The older system's weights of four skills (model, linguistic, behavioural) sum to .9, since a fourth source
was never used; weights are therefore normalised. The other three skills' weights are a choice, made by what
can be heard and what can be seen of them: adaptability shows as much in play as in talk, communication
mostly in talk, collaboration a little more in talk than in what a game records.

Fused score = sum(score x w) / sum(w) with w = weight x relevance x confidence, confidence likewise. Without
items there is no score.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite

from holdfast.kit.errors import InvalidInput
from holdfast.programs.skills.skill import Skill


class Source(StrEnum):
    """Where an item of a fusion comes from."""

    MODEL = "model"
    LINGUISTIC = "linguistic"
    BEHAVIOURAL = "behavioural"


Weights = Mapping[Skill, Mapping[Source, float]]

DEFAULT_WEIGHTS: Weights = {
    Skill.EMPATHY: {Source.MODEL: 0.50, Source.LINGUISTIC: 0.25, Source.BEHAVIOURAL: 0.15},
    Skill.PROBLEM_SOLVING: {Source.MODEL: 0.50, Source.LINGUISTIC: 0.15, Source.BEHAVIOURAL: 0.25},
    Skill.SELF_REGULATION: {Source.MODEL: 0.50, Source.LINGUISTIC: 0.10, Source.BEHAVIOURAL: 0.30},
    Skill.RESILIENCE: {Source.MODEL: 0.50, Source.LINGUISTIC: 0.15, Source.BEHAVIOURAL: 0.25},
    Skill.ADAPTABILITY: {Source.MODEL: 0.50, Source.LINGUISTIC: 0.20, Source.BEHAVIOURAL: 0.20},
    Skill.COMMUNICATION: {Source.MODEL: 0.50, Source.LINGUISTIC: 0.35, Source.BEHAVIOURAL: 0.05},
    Skill.COLLABORATION: {Source.MODEL: 0.50, Source.LINGUISTIC: 0.25, Source.BEHAVIOURAL: 0.15},
}


@dataclass(frozen=True, slots=True)
class Item:
    """What one source says of a skill; all numbers 0 to 1."""

    source: Source
    score: float
    confidence: float
    relevance: float = 1.0


@dataclass(frozen=True, slots=True)
class Fused:
    """One judgement from several; `shares` sum to 1."""

    score: float
    confidence: float
    shares: Mapping[Source, float]


def weights_from(document: Mapping[str, Mapping[str, float]]) -> Weights:
    """The default weights with those that a setting states, normalised so that each skill's sum to 1.

    Raises:
        InvalidInput: no such skill or source, a weight that is no number from 0 up, or a skill with none.
    """
    merged = {skill: dict(weights) for skill, weights in DEFAULT_WEIGHTS.items()}
    for name, stated in document.items():
        if name not in merged:
            raise InvalidInput("must be one of " + ", ".join(Skill), field=f"weights.{name}")
        for source, weight in stated.items():
            place = f"weights.{name}.{source}"
            if source not in list(Source):
                raise InvalidInput("must be one of " + ", ".join(Source), field=place)
            if isinstance(weight, bool) or not isfinite(weight) or weight < 0:
                raise InvalidInput("must be a number from 0 up", field=place)
            merged[Skill(name)][Source(source)] = float(weight)
    return {skill: _normalised(skill, weights) for skill, weights in merged.items()}


def fuse(skill: Skill, items: Sequence[Item], weights: Weights) -> Fused | None:
    """The fused judgement; none when there is nothing that weighs anything."""
    parts = [(item, weights[skill][item.source] * item.relevance * item.confidence) for item in items]
    total = sum(weight for _, weight in parts)
    if total <= 0:
        return None
    shares: dict[Source, float] = {}
    for item, weight in parts:
        shares[item.source] = shares.get(item.source, 0.0) + weight / total
    score = sum(item.score * weight for item, weight in parts) / total
    confidence = sum(item.confidence * weight for item, weight in parts) / total
    return Fused(min(1.0, score), min(1.0, confidence), shares)


def _normalised(skill: Skill, weights: Mapping[Source, float]) -> dict[Source, float]:
    total = sum(weights.values())
    if total <= 0:
        raise InvalidInput("at least one weight must be above 0", field=f"weights.{skill}")
    return {source: weight / total for source, weight in weights.items()}
