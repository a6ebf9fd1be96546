"""What a source hands over beside the rows it wrote."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from holdfast.research.dataset import Refused
from holdfast.research.deidentification.masking import Person


@dataclass(slots=True)
class Gathered:
    """How the records came in; the fields are those of `Intake`.

    Attributes:
        students: everybody in the data, as the source names them.
        people: everybody whom the source knows, in the data or not.
        left_out: numbers of files whose rows do not count.
    """

    snapshot: datetime
    students: Sequence[str]
    people: Sequence[Person]
    found: int
    left_out: Collection[int] = ()
    cohorts: tuple[str, ...] = ()
    quarantined: tuple[Refused, ...] = ()
    duplicates: tuple[Refused, ...] = ()
    excluded: Mapping[str, int] = field(default_factory=dict)
    unfinished: int = 0
    notes: Mapping[str, int] = field(default_factory=dict)
