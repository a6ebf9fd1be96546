"""``holdfast assessments`` and ``holdfast verify``: the older system's three scripts."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from holdfast.app.services import Services
from holdfast.cli.output import err, failing_clearly
from holdfast.cli.session import ACTOR, on_stores
from holdfast.core import students
from holdfast.kit.errors import InvalidInput
from holdfast.programs.skills import integrity
from holdfast.programs.skills.backup.restoring import Duplicates, Fate, ImportRefused, Tally, restore
from holdfast.programs.skills.backup.writing import Filters, Written, write
from holdfast.programs.skills.integrity import Verification
from holdfast.programs.skills.skill import skill_named

app = typer.Typer(help="Skill assessments: backup files, written and put back.", no_args_is_help=True)

Day = Annotated[str | None, typer.Option(help="A day (YYYY-MM-DD, UTC); it is included.")]


@app.command()
def export(
    output: Annotated[Path, typer.Option(help="The file to write.")],
    student_id: Annotated[str | None, typer.Option(help="Only this student's, by id or code.")] = None,
    skill_type: Annotated[str | None, typer.Option(help="Only this skill.")] = None,
    start_date: Day = None,
    end_date: Day = None,
) -> None:
    """Write assessments with their evidence to a backup file, whole or not at all."""
    with failing_clearly():
        skill = skill_named(skill_type, field="--skill-type") if skill_type else None
        begins, ends = _day(start_date, "--start-date"), _day(end_date, "--end-date")

        async def work(services: Services) -> Written:
            found = None
            if student_id:
                async with services.database.connection() as connection:
                    found = (await students.by_name_of_any_kind(connection, student_id)).student_id
            filters = Filters(found, skill, begins, ends)
            return await write(services.database, output, filters, now=datetime.now(UTC), actor=ACTOR)

        done = on_stores(work)
        typer.echo(f"✓ Successfully exported {done.total} assessments")
        typer.echo(f"✓ Saved to: {done.path}")


def _day(text: str | None, option: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise InvalidInput("must be a day such as 2024-12-31", field=option) from None


@app.command("import")
def import_(
    input_: Annotated[Path, typer.Option("--input", help="The backup file.")],
    skip_duplicates: Annotated[
        bool, typer.Option("--skip-duplicates", help="Pass over assessments that exist.")
    ] = False,
    update_duplicates: Annotated[
        bool, typer.Option("--update-duplicates", help="Replace assessments that exist, and their evidence.")
    ] = False,
    partial: Annotated[
        bool, typer.Option("--partial", help="Take good records although others are bad.")
    ] = False,
) -> None:
    """Put a backup back: all of it or none; a duplicate is an error unless a flag says otherwise."""
    with failing_clearly():
        if skip_duplicates and update_duplicates:
            raise InvalidInput("cannot go with --skip-duplicates", field="--update-duplicates")
        duplicates = Duplicates.REFUSE
        if skip_duplicates or update_duplicates:
            duplicates = Duplicates.SKIP if skip_duplicates else Duplicates.UPDATE
        typer.echo("Starting assessment import...")
        typer.echo(f"Input file: {input_}")
        typer.echo(f"Duplicate handling: {duplicates}")

        async def work(services: Services) -> Tally:
            return await restore(
                services.database, input_, duplicates=duplicates, partial=partial, actor=ACTOR, say=typer.echo
            )

        try:
            tally = on_stores(work)
        except ImportRefused as refused:
            _complain(refused.tally)
            raise
        _complain(tally)
        _summary(tally)
        if tally.refused:
            raise typer.Exit(2)


def _complain(tally: Tally) -> None:
    for problem in tally.refused:
        err.print(str(problem), markup=False)
    more = tally.counts[Fate.REFUSED] - len(tally.refused)
    if more:
        err.print(f"and {more} more", markup=False)


def _summary(tally: Tally) -> None:
    refused = tally.counts[Fate.REFUSED]
    typer.echo("⚠ Import complete, but records were refused:" if refused else "✓ Import complete:")
    typer.echo(f"  - Imported: {tally.counts[Fate.IMPORTED]}")
    typer.echo(f"  - Skipped: {tally.counts[Fate.SKIPPED]}")
    typer.echo(f"  - Updated: {tally.counts[Fate.UPDATED]}")
    if refused:
        typer.echo(f"  - Refused: {refused}")


def verify(
    verbose: Annotated[bool, typer.Option("--verbose", help="Tell warnings and examples, too.")] = False,
    fix_orphans: Annotated[
        bool, typer.Option("--fix-orphans", help="Delete evidence whose assessment does not exist.")
    ] = False,
) -> None:
    """Check stored assessments and their evidence; exit code 1 when there are issues."""

    async def work(services: Services) -> Verification:
        return await integrity.verify(services.database, fix_orphans=fix_orphans, actor=ACTOR)

    with failing_clearly():
        done = on_stores(work)
        for line in integrity.report(done, verbose=verbose):
            typer.echo(line)
        if not done.is_healthy:
            raise typer.Exit(1)
