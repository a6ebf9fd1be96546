"""What a dataset says of itself beside its tables: where it comes from and what was left out of it."""

from __future__ import annotations

from collections.abc import Mapping, Sized
from dataclasses import dataclass
from typing import Any, Protocol

from holdfast.research.analysis.people import Tables
from holdfast.research.analysis.results import Count


@dataclass(frozen=True, slots=True)
class Intake:
    """Where the records went before any analysis: found is the sum of the others."""

    found: int
    loaded: int
    quarantined: int
    duplicates: int
    excluded: tuple[Count, ...]


@dataclass(frozen=True, slots=True)
class Conditions:
    """Where a dataset comes from.

    Attributes:
        source: "database" or "files"; snapshot: ISO 8601, "" when unknown.
    """

    source: str
    snapshot: str
    intake: Intake


class StudyTables(Tables, Protocol):
    """A dataset with its intake."""

    @property
    def intake(self) -> Any:
        """What ``intake.json`` says."""


def conditions_of(intake: Mapping[str, Any]) -> Conditions:
    """From what ``intake.json`` says; lists are counted."""
    excluded = intake.get("excluded") or {}
    counts = tuple(Count(reason, _count(excluded[reason])) for reason in sorted(excluded))
    found = Intake(
        _count(intake.get("found", 0)),
        _count(intake.get("loaded", 0)),
        _count(intake.get("quarantined", 0)),
        _count(intake.get("duplicates", 0)),
        tuple(one for one in counts if one.count),
    )
    return Conditions(str(intake.get("source", "")), str(intake.get("snapshot", "")), found)


def _count(value: Any) -> int:
    return len(value) if isinstance(value, Sized) else int(value)
