"""The weekly summary: who enrolled, who works, who was lost in each arm, and what may be wrong with the data.

It holds no outcome at all, so that reading it every week is no look at the study's result.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from holdfast.research.report.content import (
    Block,
    Document,
    Facts,
    Grid,
    Paragraph,
    Section,
    literal,
    unmarked,
)
from holdfast.research.report.wording import percent, several

IDLE_DAYS = 7
"""Days without activity after which a begun session counts as stalled."""


@dataclass(frozen=True, slots=True)
class ArmStanding:
    """Students of one arm: each is one of not begun, under way, stalled, completed or withdrawn."""

    arm: str
    enrolled: int
    enrolled_lately: int
    active_lately: int
    not_begun: int
    under_way: int
    stalled: int
    completed: int
    withdrawn: int


@dataclass(frozen=True, slots=True)
class CohortStanding:
    """One cohort: its arms, and counts by name of what may be wrong with its data."""

    cohort: str
    arms: tuple[ArmStanding, ...]
    quality: Mapping[str, int]


QUALITY = {
    "sessions": "sessions in all",
    "abandoned": "abandoned sessions",
    "void": "voided sessions",
    "long_paused": "sessions paused for more than the period",
    "completed_without_time": "completed sessions without a time of completion",
    "sessions_without_consent": "sessions of students without recorded consent",
    "several": "students with several sessions of one program",
}


def summary_of(cohorts: tuple[CohortStanding, ...], since: datetime, until: datetime) -> Document:
    """The summary of a period; one section for each cohort with activity."""
    sections = tuple(
        Section(f"Cohort {unmarked(literal(one.cohort))}", tuple(_cohort(one))) for one in cohorts
    )
    nothing = (Section("Cohorts", (Paragraph("Nothing happened in any cohort in this period."),)),)
    return Document(
        title="Weekly summary",
        subtitle=f"{since:%d %B %Y} to {until:%d %B %Y}",
        facts=Facts(
            (
                ("From", f"{since:%Y-%m-%d %H:%M} UTC"),
                ("To", f"{until:%Y-%m-%d %H:%M} UTC"),
                ("Cohorts with activity", str(len(cohorts))),
                ("Outcomes", "none are shown, so that this summary is no look at the result"),
            )
        ),
        sections=sections or nothing,
    )


def _cohort(one: CohortStanding) -> Iterator[Block]:
    enrolled = sum(arm.enrolled for arm in one.arms)
    lately = sum(arm.enrolled_lately for arm in one.arms)
    active = sum(arm.active_lately for arm in one.arms)
    yield Paragraph(
        f"{several(enrolled, 'student is', 'students are')} enrolled, {lately:,} of them since the "
        "beginning of "
        f"the period; {several(active, 'student was', 'students were')} active in it."
    )
    yield Grid(
        "Students by arm",
        ("", *(literal(arm.arm) for arm in one.arms)),
        tuple((label, *cells) for label, cells in _rows(one.arms)),
        note=(
            f"Stalled: begun, not completed, and without activity for {IDLE_DAYS} days. Attrition is the "
            "share "
            "of the enrolled that stalled or withdrew."
        ),
    )
    yield Grid(
        "Quality of the data, over all arms",
        ("", "Count"),
        tuple((label, f"{one.quality.get(name, 0):,}") for name, label in QUALITY.items()),
    )


def _rows(arms: tuple[ArmStanding, ...]) -> Iterator[tuple[str, list[str]]]:
    names = {
        "enrolled": "Enrolled",
        "enrolled_lately": "of them in this period",
        "active_lately": "Active in this period",
        "not_begun": "Not begun",
        "under_way": "Under way",
        "stalled": "Stalled",
        "completed": "Completed a session",
        "withdrawn": "Withdrew consent",
    }
    for name, label in names.items():
        yield label, [f"{getattr(arm, name):,}" for arm in arms]
    yield "Attrition", [percent(arm.stalled + arm.withdrawn, arm.enrolled) for arm in arms]


def arm_from(row: Mapping[str, Any]) -> ArmStanding:
    """From a row of ``students_by_arm``."""
    return ArmStanding(**{name: row[name] for name in ArmStanding.__slots__})
