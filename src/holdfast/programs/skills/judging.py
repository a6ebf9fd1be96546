"""Who judges without a language model: the rubric, the trained models where there are any, and the finder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from holdfast.programs.skills import rubric
from holdfast.programs.skills.assessment import Judgement
from holdfast.programs.skills.evidence import find_words
from holdfast.programs.skills.features.measured import Measured
from holdfast.programs.skills.inputs import GameSession, Transcript
from holdfast.programs.skills.learning.prediction import predict
from holdfast.programs.skills.learning.saved import Trained
from holdfast.programs.skills.skill import Skill


class Inputs(Protocol):
    """What there is of a student, oldest first."""

    @property
    def transcripts(self) -> Sequence[Transcript]:
        """Transcripts."""
        ...

    @property
    def sessions(self) -> Sequence[GameSession]:
        """Game sessions."""
        ...

    @property
    def measured(self) -> Measured:
        """The features of both."""
        ...


@dataclass(frozen=True, slots=True)
class Judges:
    """The rubric, and a trained model for some skills."""

    trained: Mapping[Skill, Trained] = field(default_factory=dict)

    def by_rubric(self, skill: Skill, material: Inputs) -> Judgement:
        """The documented rubric's judgement."""
        return rubric.assess(skill, material.transcripts, material.sessions, material.measured)

    def by_learning(self, skill: Skill, material: Inputs) -> Judgement:
        """The trained model's judgement, or the baseline's, which says so by its producer."""
        model = self.trained.get(skill)
        if model is None:
            return rubric.assess(
                skill, material.transcripts, material.sessions, material.measured, producer="baseline"
            )
        return predict(model, material.transcripts, material.sessions, material.measured)

    def find(self, quote: str, material: Inputs) -> str | None:
        """The student's own words that a quote stands for; none where the student never said so."""
        return find_words(quote, material.transcripts)
