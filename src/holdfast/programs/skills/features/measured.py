"""What was measured in a student's inputs: each input once, by itself and pooled by kind. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from holdfast.programs.skills.features.behavioural import behavioural_features
from holdfast.programs.skills.features.linguistic import linguistic_features
from holdfast.programs.skills.features.table import Extraction, Kind, pooled
from holdfast.programs.skills.inputs import GameSession, Transcript


@dataclass(frozen=True, slots=True)
class Measured:
    """The features of a student's inputs.

    Attributes:
        spoken: of the transcripts, in their order.
        played: of the game sessions, in their order.
    """

    spoken: Sequence[Extraction] = ()
    played: Sequence[Extraction] = ()

    @property
    def all_spoken(self) -> Extraction | None:
        """The linguistic features of all transcripts as one; none where there is none."""
        return pooled(self.spoken, Kind.LINGUISTIC)

    @property
    def all_played(self) -> Extraction | None:
        """The behavioural features of all sessions as one; none where there is none."""
        return pooled(self.played, Kind.BEHAVIOURAL)


def measure(transcripts: Sequence[Transcript], sessions: Sequence[GameSession]) -> Measured:
    """Extract the features of inputs; for those that are stored, their stored features are there."""
    return Measured(
        [linguistic_features(one) for one in transcripts], [behavioural_features(one) for one in sessions]
    )
