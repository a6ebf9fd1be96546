"""An assessment and its evidence as they are stored and as a backup file holds them: checked whole.

A moment without a zone is UTC.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    model_validator,
)

from holdfast.kit.plain import storable
from holdfast.programs.skills.assessment import EvidenceKind
from holdfast.programs.skills.skill import Skill

MOST_EVIDENCE = 10_000
LONGEST_TEXT = 100_000


def _lower(value: Any) -> Any:
    """The older database holds upper-case names, its export lower-case ones."""
    return value.lower() if isinstance(value, str) else value


def _moment(value: Any) -> datetime:
    """A moment from its text, in UTC. The standard library reads it in a tenth of Pydantic's time."""
    moment = value if isinstance(value, datetime) else _read(value)
    if moment.tzinfo is UTC:
        return moment
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("is out of range") from None


def _read(value: Any) -> datetime:
    if type(value) is not str:
        raise ValueError("must be a text")
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        raise ValueError("must be a moment such as 2024-11-29T12:34:56.789") from None


Words = Annotated[str, Field(strict=True, max_length=LONGEST_TEXT), AfterValidator(storable)]
Share = Annotated[float, Field(strict=True, ge=0, le=1, allow_inf_nan=False)]
Moment = Annotated[datetime, PlainValidator(_moment)]


class EvidenceRecord(BaseModel):
    """One piece of evidence of a record."""

    model_config = ConfigDict(extra="forbid")

    id: UUID
    assessment_id: UUID
    evidence_type: Annotated[EvidenceKind, BeforeValidator(_lower)]
    source: Words
    content: Words
    relevance_score: Share
    created_at: Moment
    updated_at: Moment


class AssessmentRecord(BaseModel):
    """One assessment with its evidence. Unknown keys are refused: dropping them would lose what they say."""

    model_config = ConfigDict(extra="forbid")

    id: UUID
    student_id: UUID
    skill_type: Annotated[Skill, BeforeValidator(_lower)]
    score: Share
    confidence: Share
    reasoning: Words
    recommendations: Words | None = None
    feature_importance: Words | None = None
    created_at: Moment
    updated_at: Moment
    evidence: Annotated[list[EvidenceRecord], Field(max_length=MOST_EVIDENCE)]

    @model_validator(mode="after")
    def _own_evidence(self) -> Self:
        if any(piece.assessment_id != self.id for piece in self.evidence):
            raise ValueError("evidence: names another assessment")
        if len({piece.id for piece in self.evidence}) != len(self.evidence):
            raise ValueError("evidence: one id stands twice")
        return self
