"""The words a scenario is written in: vital signs, severities, ratings.

Values are the field's own terms; units are part of the meaning and stated here once.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,79}$")]
"""A lower-case name used as a key: letters, digits, ``_``, ``.`` and ``-``."""

Text = Annotated[str, StringConstraints(min_length=1, max_length=8000, strip_whitespace=True)]
Seconds = Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)]
"""Clinical seconds since the scenario began, unless a field says otherwise."""


class Part(BaseModel):
    """A part of a scenario: immutable, and an unknown key is an error, not a silent loss."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class VitalSign(StrEnum):
    """A measurable sign. Units: 1/min, 1/min, %, mmHg, mmHg, deg C, points, mmol/L, points."""

    HEART_RATE = "heart_rate"
    RESPIRATORY_RATE = "respiratory_rate"
    SPO2 = "spo2"
    SYSTOLIC = "systolic"
    DIASTOLIC = "diastolic"
    TEMPERATURE = "temperature"
    GCS = "gcs"
    GLUCOSE = "glucose"
    PAIN = "pain"


VITAL_RANGES: dict[VitalSign, tuple[float, float]] = {
    VitalSign.HEART_RATE: (0, 300),
    VitalSign.RESPIRATORY_RATE: (0, 80),
    VitalSign.SPO2: (0, 100),
    VitalSign.SYSTOLIC: (0, 300),
    VitalSign.DIASTOLIC: (0, 200),
    VitalSign.TEMPERATURE: (20, 45),
    VitalSign.GCS: (3, 15),
    VitalSign.GLUCOSE: (0, 60),
    VitalSign.PAIN: (0, 10),
}
"""What the engine clamps to and what a scenario may state: physiological limits, inclusive."""


class VitalTargets(Part):
    """Absolute values of some vital signs; a missing sign is left as it is."""

    heart_rate: Annotated[float, Field(ge=0, le=300)] | None = None
    respiratory_rate: Annotated[float, Field(ge=0, le=80)] | None = None
    spo2: Annotated[float, Field(ge=0, le=100)] | None = None
    systolic: Annotated[float, Field(ge=0, le=300)] | None = None
    diastolic: Annotated[float, Field(ge=0, le=200)] | None = None
    temperature: Annotated[float, Field(ge=20, le=45)] | None = None
    gcs: Annotated[float, Field(ge=3, le=15)] | None = None
    glucose: Annotated[float, Field(ge=0, le=60)] | None = None
    pain: Annotated[float, Field(ge=0, le=10)] | None = None

    def stated(self) -> dict[VitalSign, float]:
        """The signs that are stated, in the order of `VitalSign`."""
        values = ((sign, getattr(self, sign.value)) for sign in VitalSign)
        return {sign: float(value) for sign, value in values if value is not None}


class InitialVitals(VitalTargets):
    """The vital signs on arrival; the first five are required because every monitor shows them."""

    heart_rate: Annotated[float, Field(ge=0, le=300)]
    respiratory_rate: Annotated[float, Field(ge=0, le=80)]
    spo2: Annotated[float, Field(ge=0, le=100)]
    systolic: Annotated[float, Field(ge=0, le=300)]
    diastolic: Annotated[float, Field(ge=0, le=200)]
    gcs: Annotated[float, Field(ge=3, le=15)] = 15


class Rating(StrEnum):
    """How a decision was made at a critical decision point."""

    OPTIMAL = "optimal"
    ACCEPTABLE = "acceptable"
    SUBOPTIMAL = "suboptimal"
    DANGEROUS = "dangerous"
    NOT_PERFORMED = "not_performed"


class Urgency(StrEnum):
    """How urgent a patient state is."""

    LOW = "low"
    MODERATE = "moderate"
    HIGH = "high"
    CRITICAL = "critical"
    LIFE_THREATENING = "life-threatening"


class Importance(StrEnum):
    """How much a checklist item matters."""

    CRITICAL = "critical"
    ESSENTIAL = "essential"
    IMPORTANT = "important"
    CRITICAL_IF_NEEDED = "critical_if_needed"


class Impact(StrEnum):
    """What a treatment does to this patient in this scenario."""

    CRITICAL = "critical"
    APPROPRIATE = "appropriate"
    ADVANCED = "advanced"
    NEUTRAL = "neutral"
    WORSENS = "worsens"
    HARMFUL = "harmful"


def as_tuple(value: Any) -> Any:
    """Let a list of one be written as the one: ``given: oxygen``."""
    return (value,) if isinstance(value, str) else value
