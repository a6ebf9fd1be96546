"""The weekly summary, from the database into a directory: read in one snapshot, each file put there whole."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from holdfast.research.report.as_html import as_html
from holdfast.research.report.as_text import as_text
from holdfast.research.report.content import Document
from holdfast.research.report.summary import IDLE_DAYS, CohortStanding, arm_from, summary_of
from holdfast.store.database import Database
from holdfast.store.statements import Connection, load

statements = load("holdfast.research.report", "summary.sql")

PERIOD = timedelta(days=7)
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


async def summarise(
    database: Database, directory: Path, until: datetime, period: timedelta = PERIOD
) -> list[Path]:
    """Write ``summary-DATE.txt`` and ``.html`` of the period that ends at a moment; their paths.

    The same moment and the same database give the same bytes.
    """
    since = until - period
    async with (
        database.connection() as connection,
        connection.transaction(isolation="repeatable_read", readonly=True),
    ):
        cohorts = await _standings(connection, since, until)
    return write_summary(summary_of(cohorts, since, until), directory, until)


async def _standings(connection: Connection, since: datetime, until: datetime) -> tuple[CohortStanding, ...]:
    found = []
    for cohort in await statements.cohorts_with_activity.rows(connection, since=since):
        key = cohort["cohort_id"]
        arms = await statements.students_by_arm.rows(
            connection, cohort_id=key, since=since, idle_since=until - timedelta(days=IDLE_DAYS)
        )
        quality = dict(await statements.data_quality.row(connection, cohort_id=key, since=since) or {})
        several = await statements.students_in_several_sessions.value(connection, cohort_id=key)
        found.append(
            CohortStanding(
                cohort["name"], tuple(arm_from(dict(arm)) for arm in arms), {**quality, "several": several}
            )
        )
    return tuple(found)


def write_summary(document: Document, directory: Path, until: datetime) -> list[Path]:
    """Both files under their names, each put there whole."""
    directory.mkdir(parents=True, exist_ok=True)
    paths = []
    for path, text in (
        (named(directory, until, "txt"), as_text(document)),
        (named(directory, until, "html"), as_html(document, {})),
    ):
        draft = directory / f".{path.name}.{uuid4().hex}"
        draft.write_text(text, encoding="utf-8", newline="\n")
        draft.replace(path)
        paths.append(path)
    return paths


def named(directory: Path, until: datetime, kind: str) -> Path:
    """Where the summary of the week that ends on a day stands."""
    return directory / f"summary-{until.astimezone(UTC):%Y-%m-%d}.{kind}"


def due(day: str, now: datetime, directory: Path) -> datetime | None:
    """The end of the week whose summary has to be written now; None when it stands there or nothing is due.

    A week ends at midnight UTC at the beginning of `day` (a name, or "off"). A server that was down on
    that day writes it when it is back.
    """
    if day not in DAYS:
        return None
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    end = midnight - timedelta(days=(midnight.weekday() - DAYS.index(day)) % 7)
    return None if named(directory, end, "html").exists() else end
