"""An assessment with its evidence, as a value, before it is stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from holdfast.programs.skills.skill import Skill


class EvidenceKind(StrEnum):
    """What a piece of evidence is: something said, something done, or something around it."""

    LINGUISTIC = "linguistic"
    BEHAVIORAL = "behavioral"
    CONTEXTUAL = "contextual"


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of evidence.

    Attributes:
        source: where it comes from, such as ``transcript``.
        content: the quote, or a sentence about what was done.
        relevance: 0 to 1.
    """

    kind: EvidenceKind
    source: str
    content: str
    relevance: float


@dataclass(frozen=True, slots=True)
class Assessed:
    """A judgement that has what it takes.

    Attributes:
        score, confidence: 0 to 1.
        importance: what weighed how much, by name.
        producer: who judged: ``model``, ``rubric``, ``trained`` or ``baseline``; for the journal.
    """

    skill: Skill
    score: float
    confidence: float
    reasoning: str
    evidence: Sequence[Piece]
    producer: str
    recommendations: Sequence[str] = ()
    importance: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NotEnough:
    """No judgement: what there is does not carry one, and why."""

    skill: Skill
    reason: str


Judgement = Assessed | NotEnough
