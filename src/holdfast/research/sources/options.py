"""What is asked for when a dataset is collected."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from holdfast.research.deidentification.masking import Person
from holdfast.research.deidentification.pseudonyms import StudyKey

Progress = Callable[[int, int, str], None]
"""Told how many of how many are done, and what is being done."""


@dataclass(frozen=True, slots=True)
class Options:
    """How a dataset is made.

    Attributes:
        key: of the study: who gets which pseudonym, and by how much dates move.
        identified: names, codes and true dates stay, and so does what was said.
        with_text: what was said stays, masked.
        title: of the study, masked like any other text; none takes the names of the cohorts.
        people: more people whose names are masked, beside those whom the source knows.
        workers: processes that read files; none takes as many as the machine has processors, at most 4.
        snapshot: the moment that a folder of files is of; none takes the newest moment in the files.
    """

    key: StudyKey
    identified: bool = False
    with_text: bool = False
    title: str = ""
    people: tuple[Person, ...] = ()
    workers: int | None = None
    snapshot: datetime | None = None
