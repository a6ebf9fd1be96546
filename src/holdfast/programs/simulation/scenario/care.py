"""What a student can do: treatments with doses and routes, and findings that assessments reveal."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from holdfast.programs.simulation.scenario.conditions import Condition, Phrases
from holdfast.programs.simulation.scenario.vocabulary import (
    Impact,
    Part,
    Seconds,
    Slug,
    Text,
    VitalSign,
    VitalTargets,
    as_tuple,
)


class TreatmentKind(StrEnum):
    """What sort of thing a treatment is; only medications, oxygen and fluids carry doses."""

    MEDICATION = "medication"
    OXYGEN = "oxygen"
    FLUID = "fluid"
    PROCEDURE = "procedure"
    POSITION = "position"
    COMMUNICATION = "communication"
    TRANSPORT = "transport"


class Route(StrEnum):
    """A route of administration."""

    ORAL = "oral"
    SUBLINGUAL = "sublingual"
    BUCCAL = "buccal"
    INTRANASAL = "intranasal"
    INHALED = "inhaled"
    NEBULISED = "nebulised"
    MASK = "mask"
    INTRAMUSCULAR = "intramuscular"
    SUBCUTANEOUS = "subcutaneous"
    INTRAVENOUS = "intravenous"
    INTRAOSSEOUS = "intraosseous"
    RECTAL = "rectal"
    TOPICAL = "topical"


class Dose(Part):
    """An accepted dose range on some routes.

    Attributes:
        unit: mg, mcg, g, ml, l_per_min, units, mmol, ml_per_kg or mg_per_kg (per kilogram of
            the patient's weight).
        minimum, maximum: the safe and effective range of one administration, inclusive, in `unit`.
        standard: what a protocol would give; used when the student names no dose.
        maximum_total: the cumulative limit within one run, in `unit`.
        repeat_after_s: the shortest time between two administrations.
    """

    unit: Literal["mg", "mcg", "g", "ml", "l_per_min", "units", "mmol", "ml_per_kg", "mg_per_kg", "puffs"]
    minimum: Annotated[float, Field(gt=0)]
    maximum: Annotated[float, Field(gt=0)]
    standard: Annotated[float, Field(gt=0)]
    routes: Annotated[tuple[Route, ...], BeforeValidator(as_tuple), Field(min_length=1)]
    maximum_total: Annotated[float, Field(gt=0)] | None = None
    repeat_after_s: Seconds | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if not self.minimum <= self.standard <= self.maximum:
            raise ValueError("minimum <= standard <= maximum must hold")
        return self


class Contraindication(Part):
    """A reason not to give a treatment to this patient now."""

    severity: Literal["absolute", "relative"]
    when: Condition
    reason: Text


class Effect(Part):
    """What a treatment does to the vital signs.

    Attributes:
        onset_s: clinical seconds until the effect begins to show.
        time_constant_s: the time after which 63 % of the way to the target is gone.
        targets: absolute values that the signs move to.
        duration_s: how long the effect lasts; none means to the end of the run.
        to_state: the state the patient goes to when the effect begins, whatever the transitions say.
    """

    onset_s: Seconds = 60
    time_constant_s: Annotated[float, Field(gt=0, le=7200)] = 90
    targets: VitalTargets = VitalTargets()
    duration_s: Annotated[float, Field(gt=0, le=86_400)] | None = None
    to_state: Slug | None = None


class Treatment(Part):
    """A medication, procedure or other act of care, and what it does to this patient."""

    name: Text
    synonyms: Phrases = ()
    kind: TreatmentKind
    drug_class: Text | None = None
    indication: Text | None = None
    impact: Impact
    doses: tuple[Dose, ...] = ()
    contraindications: tuple[Contraindication, ...] = ()
    requires: Condition | None = None
    effect: Effect | None = None
    patient_says: Text | None = None
    clinical_effect: Text | None = None
    reason: Text | None = Field(default=None, description="why it is wrong, dangerous or right here")
    warning: Text | None = Field(default=None, description="shown as a medication warning when given")
    teaching_point: Text | None = None


class FindingCategory(StrEnum):
    """The step of the assessment a finding belongs to (ABCDE, history, tests, scene)."""

    SCENE = "scene"
    AIRWAY = "airway"
    BREATHING = "breathing"
    CIRCULATION = "circulation"
    DISABILITY = "disability"
    EXPOSURE = "exposure"
    HISTORY = "history"
    MONITORING = "monitoring"
    TEST = "test"


class Finding(Part):
    """What an assessment reveals.

    Attributes:
        text: what is found, by patient state; ``default`` serves states that are not listed.
            ``{heart_rate}`` and the other vital signs stand for the values at that moment.
        measures: vital signs that become visible to the student.
    """

    name: Text
    synonyms: Phrases = ()
    category: FindingCategory
    text: dict[Slug, Text]
    measures: tuple[VitalSign, ...] = ()

    @model_validator(mode="after")
    def _has_default(self) -> Self:
        if "default" not in self.text:
            raise ValueError("text needs a 'default' entry")
        return self
