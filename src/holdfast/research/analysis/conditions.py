"""What a dataset says of itself beside its tables: where it comes from and what was left out of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from holdfast.kit.clock import iso
from holdfast.research.analysis.people import Tables
from holdfast.research.analysis.results import Count
from holdfast.research.dataset import Intake


class StudyTables(Tables, Protocol):
    """A dataset with its intake, such as ``Dataset``."""

    @property
    def intake(self) -> Intake:
        """How its records came in."""


@dataclass(frozen=True, slots=True)
class Conditions:
    """Where the records went before any analysis: found is the sum of the others.

    Attributes:
        source: "database" or "files"; snapshot: ISO 8601.
    """

    source: str
    snapshot: str
    found: int
    loaded: int
    quarantined: int
    duplicates: int
    excluded: tuple[Count, ...]


def conditions_of(intake: Intake) -> Conditions:
    """An intake in counts."""
    return Conditions(
        intake.source,
        iso(intake.snapshot),
        intake.found,
        intake.loaded,
        len(intake.quarantined),
        len(intake.duplicates),
        tuple(Count(reason, count) for reason, count in sorted(intake.excluded.items()) if count),
    )
