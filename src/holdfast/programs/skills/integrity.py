"""The five checks of stored assessments, and the older command's way of telling what they found.

An issue is something that must not be; a warning is something to look at (the older system's
severities). Statistics come first although they carry the number 6.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from holdfast.core.journal import Event, record
from holdfast.programs.skills.skill import PRIMARY, Skill
from holdfast.programs.skills.stored import statements
from holdfast.store.database import Database
from holdfast.store.statements import Connection, Statement

FEWEST_EVIDENCE, MOST_EVIDENCE = 3, 20
"""How many pieces of evidence an assessment reasonably has."""
MOST_TOLD = 100
_LINE = "=" * 70


class Severity(StrEnum):
    """How bad a finding is."""

    ISSUE = "issue"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the report.

    Attributes:
        number: under which of the five it stands.
        good: what is said when nothing was found; ``{students}`` is filled in.
        bad: what is said otherwise; ``{count}`` is filled in.
        statement: yields what is wrong: subject, detail and the total.
    """

    number: int
    severity: Severity
    good: str
    bad: str
    statement: Statement
    values: dict[str, Any] = field(default_factory=dict)


CHECKS: tuple[Check, ...] = (
    Check(
        1,
        Severity.ISSUE,
        "All scores are within valid range (0-1)",
        "{count} assessments have a score outside 0-1",
        statements.scores_out_of_range,
    ),
    Check(
        1,
        Severity.ISSUE,
        "All confidence scores are within valid range (0-1)",
        "{count} assessments have a confidence outside 0-1",
        statements.confidences_out_of_range,
    ),
    Check(
        2,
        Severity.WARNING,
        "All {students} students have assessments",
        "{count} students have no assessments",
        statements.students_without_assessments,
    ),
    Check(
        2,
        Severity.WARNING,
        f"All students have all {len(PRIMARY)} primary skill assessments",
        "{count} students lack primary skill assessments",
        statements.students_missing_primary,
        {"primary": [skill.value for skill in PRIMARY]},
    ),
    Check(
        3,
        Severity.ISSUE,
        "No orphaned evidence records found",
        "{count} orphaned evidence records found",
        statements.orphaned_evidence,
    ),
    Check(
        4,
        Severity.WARNING,
        "All assessments have evidence records",
        "{count} assessments have no evidence records",
        statements.assessments_without_evidence,
    ),
    Check(
        4,
        Severity.WARNING,
        "Evidence counts are reasonable for all assessments",
        f"{{count}} assessments do not have {FEWEST_EVIDENCE} to {MOST_EVIDENCE} evidence records",
        statements.unreasonable_evidence,
        {"fewest": FEWEST_EVIDENCE, "most": MOST_EVIDENCE},
    ),
    Check(
        5,
        Severity.ISSUE,
        "No future timestamps found",
        "{count} future timestamps found",
        statements.future_timestamps,
    ),
    Check(
        5,
        Severity.ISSUE,
        "All timestamps are consistent",
        "{count} records were updated before they were created",
        statements.backward_timestamps,
    ),
)

_TITLES = {
    1: "Checking score ranges",
    2: "Checking student assessment coverage",
    3: "Checking for orphaned evidence",
    4: "Checking evidence linking",
    5: "Checking timestamp consistency",
}


@dataclass(frozen=True, slots=True)
class Found:
    """What a check found: how many, and the first hundred of them as subject and detail."""

    check: Check
    count: int
    examples: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Statistics:
    """How much there is.

    Attributes:
        students: those who have any input for skills, or an assessment.
    """

    by_skill: dict[Skill, int]
    evidence: int
    students: int

    @property
    def total(self) -> int:
        """All assessments."""
        return sum(self.by_skill.values())


@dataclass(frozen=True, slots=True)
class Verification:
    """All that was found, at one moment.

    Attributes:
        removed: orphans that were deleted; they count as issues all the same, for they were there.
    """

    statistics: Statistics
    found: list[Found]
    removed: int | None = None

    def count(self, severity: Severity) -> int:
        """How many findings there are of a severity."""
        return sum(one.count for one in self.found if one.check.severity is severity)

    @property
    def is_healthy(self) -> bool:
        """Whether there is no issue; warnings do not count."""
        return self.count(Severity.ISSUE) == 0


async def verify(database: Database, *, fix_orphans: bool = False, actor: str = "cli") -> Verification:
    """Carry out all checks on one moment's snapshot; then, if asked to, delete orphaned evidence."""
    async with database.snapshot() as connection:
        counted = await _statistics(connection)
        found = [await _carry_out(connection, check) for check in CHECKS]
    removed = None
    if fix_orphans:
        async with database.transaction() as connection:
            removed = await statements.delete_orphans.run(connection)
            if removed:
                await record(connection, Event("evidence.orphans_removed", actor, data={"removed": removed}))
    return Verification(counted, found, removed)


async def _statistics(connection: Connection) -> Statistics:
    rows = await statements.counts_by_skill.rows(connection)
    counts = {row["skill_type"]: row["count"] for row in rows}
    totals = await statements.totals.row(connection)
    if totals is None:
        raise AssertionError("a count is always there")
    by_skill = {skill: counts.get(skill.value, 0) for skill in Skill}
    return Statistics(by_skill, totals["evidence"], totals["students"])


async def _carry_out(connection: Connection, check: Check) -> Found:
    rows = await check.statement.rows(connection, **check.values, limit=MOST_TOLD)
    return Found(check, rows[0]["total"] if rows else 0, [(row["subject"], row["detail"]) for row in rows])


def report(done: Verification, *, verbose: bool) -> Iterator[str]:
    """The lines that the command prints; warnings and examples only when verbose."""
    yield from (_LINE, "SKILL ASSESSMENT DATA INTEGRITY VERIFICATION", _LINE, "")
    yield from _statistics_lines(done.statistics)
    for number, title in _TITLES.items():
        yield from ("", f"{number}. {title}...")
        for one in done.found:
            if one.check.number == number:
                yield from _lines(one, done.statistics, verbose=verbose)
        if number == 3 and done.removed is not None:
            yield f"✓ Deleted {done.removed} orphaned evidence records"
    yield from ("", _LINE, "SUMMARY", _LINE)
    issues, warnings = done.count(Severity.ISSUE), done.count(Severity.WARNING)
    yield from (f"Issues found: {issues}", f"Warnings: {warnings}", "")
    if issues:
        yield f"✗ {issues} issues found. Data needs attention."
    elif warnings:
        yield f"✓ No issues found; {warnings} warnings" + ("." if verbose else ", told with --verbose.")
    else:
        yield "✓ All integrity checks passed! Data is healthy."


def _statistics_lines(counted: Statistics) -> Iterator[str]:
    yield "6. Database statistics:"
    yield f"  Total assessments: {counted.total}"
    yield from (f"    - {skill}: {count}" for skill, count in counted.by_skill.items())
    yield f"  Total evidence records: {counted.evidence}"
    yield f"  Total students: {counted.students}"
    mean = counted.total / counted.students if counted.students else 0
    yield f"  Average assessments per student: {mean:.1f}"


def _lines(one: Found, counted: Statistics, *, verbose: bool) -> Iterator[str]:
    if not one.count:
        yield f"✓ {one.check.good.format(students=counted.students)}"
        return
    is_issue = one.check.severity is Severity.ISSUE
    if is_issue or verbose:
        yield f"{'✗' if is_issue else '⚠'} {one.check.bad.format(count=one.count)}"
    if verbose:
        yield from (f"    {subject}: {detail}" for subject, detail in one.examples)
        if one.count > len(one.examples):
            yield f"    and {one.count - len(one.examples)} more"
