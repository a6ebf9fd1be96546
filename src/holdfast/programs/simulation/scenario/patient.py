"""The situation: who called, the scene, the patient, and the clinical states they pass through."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from holdfast.programs.simulation.scenario.conditions import Phrases
from holdfast.programs.simulation.scenario.vocabulary import Part, Slug, Text, Urgency, VitalTargets


class Guideline(Part):
    """The published guidance a scenario rests on."""

    title: Text
    organisation: Text
    year: Annotated[int, Field(ge=1950, le=2100)]
    reference: Text | None = None


class Metadata(Part):
    """What an instructor reads before choosing a scenario."""

    title: Text
    summary: Text | None = None
    difficulty: Literal["easy", "moderate", "hard"]
    estimated_duration_min: Annotated[float, Field(gt=0, le=240)]
    type: Text
    language: Text = "en"
    learning_objectives: Annotated[tuple[Text, ...], Field(min_length=1)]
    guidelines: tuple[Guideline, ...] = ()
    changelog: dict[str, Text] = Field(default_factory=dict)


class Dispatch(Part):
    """What the dispatcher says before arrival; shown to the student."""

    call_type: Text
    age: Text | None = None
    sex: Text | None = None
    location: Text
    caller: Text | None = None
    time_of_call: Text | None = None
    additional_info: Text | None = None


class Scene(Part):
    """What the student meets on arrival; shown when the scenario begins."""

    location: Text
    safety: Text
    access: Text | None = None
    bystanders: Text | None = None


class History(Part):
    """The SAMPLE history, in the patient's or a bystander's words; told only when asked for."""

    symptoms: Text
    allergies: Text
    medications: Text
    past_history: Text
    last_intake: Text
    events: Text


class Line(Part):
    """Something the patient or a bystander says when asked about a topic.

    Attributes:
        keywords: words in the student's text that call for this line.
        says: the line by patient state; ``default`` serves the rest.
    """

    topic: Slug
    speaker: Literal["patient", "bystander"] = "patient"
    keywords: Phrases
    says: dict[Slug, Text]


class Patient(Part):
    """The patient.

    Attributes:
        conditions: machine-readable facts for contraindications: diseases, allergies
            (``allergy_penicillin``), regular medicines (``takes_sildenafil``).
    """

    name: Text
    age_years: Annotated[float, Field(ge=0, le=130)]
    sex: Literal["female", "male", "other"] | None = None
    weight_kg: Annotated[float, Field(gt=0, le=400)]
    personality: Text
    conditions: tuple[Slug, ...] = ()
    history: History
    lines: tuple[Line, ...] = ()


class PatientState(Part):
    """A clinical state.

    Attributes:
        severity: 0 (well) to 10 (dying); orders the states for "one step worse".
        targets: the vital signs that this state moves towards.
        time_constant_s: the time after which 63 % of the way to the targets is gone.
        ends_run: reaching this state ends the scenario.
        voice: how the patient sounds in this state, said when nothing more specific fits.
    """

    description: Text
    appearance: Text
    clinical_note: Text
    urgency: Urgency
    severity: Annotated[int, Field(ge=0, le=10)]
    targets: VitalTargets = VitalTargets()
    time_constant_s: Annotated[float, Field(gt=0, le=7200)] = 120
    pupils: Text | None = None
    ends_run: bool = False
    voice: tuple[Text, ...] = ()
