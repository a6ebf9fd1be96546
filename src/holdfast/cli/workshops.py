"""``holdfast workshop``, and ``holdfast cleanup``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from holdfast.app.services import Services
from holdfast.app.settings import read_settings
from holdfast.cli.output import failing_clearly, out, table
from holdfast.cli.session import ACTOR, on_stores
from holdfast.kit.errors import InvalidInput
from holdfast.kit.paging import Page
from holdfast.programs.workshop import instructing
from holdfast.programs.workshop.cleaning import Cleaned, clean_up
from holdfast.programs.workshop.cleaning import reseal as seal_anew
from holdfast.programs.workshop.definition import parse
from holdfast.programs.workshop.library import Library

app = typer.Typer(help="Workshops: what there is, who has come how far, who is stuck.", no_args_is_help=True)

CohortName = Annotated[str | None, typer.Option("--cohort", help="Only the members of this cohort.")]
Limit = Annotated[int, typer.Option(help="At most so many lines.", min=1)]
EVERY = 1_000_000


@app.command("list")
def list_() -> None:
    """List the workshops that sessions can begin with."""
    with failing_clearly():
        rows = [(d.id, d.version, d.total_steps, d.title) for d in Library(read_settings().workshops)]
        table(("id", "version", "steps", "title"), rows)


@app.command()
def validate(file: Annotated[Path, typer.Argument(help="A workshop as YAML.")]) -> None:
    """Check a workshop file; what is wrong is told by field."""
    with failing_clearly():
        try:
            text = file.read_bytes()
        except OSError as error:
            raise InvalidInput(f"cannot be read: {error.strerror}", field=str(file)) from error
        definition = parse(text, source=str(file))
        out.print(
            f"{definition.id} {definition.version} is valid: {definition.total_steps} steps", markup=False
        )


@app.command()
def sessions(
    student: Annotated[str, typer.Argument(help="The student's code or id.")], limit: Limit = EVERY
) -> None:
    """List the workshop sessions of a student, newest activity first."""

    async def work(services: Services) -> dict[str, Any]:
        async with services.database.snapshot() as connection:
            return await instructing.sessions_of(connection, student, Page(limit, 0))

    with failing_clearly():
        columns = (
            "session_id",
            "workshop",
            "status",
            "current_step",
            "completion_rate",
            "total_time_spent",
            "last_activity",
        )
        _print(columns, on_stores(work)["sessions"])


@app.command()
def completion(cohort: CohortName = None, limit: Limit = EVERY) -> None:
    """Print for each student how many sessions there are and how far they have come on average."""

    async def work(services: Services) -> dict[str, Any]:
        async with services.database.snapshot() as connection:
            return await instructing.completion(connection, cohort, Page(limit, 0))

    with failing_clearly():
        columns = (
            "student_code",
            "student_email",
            "student_name",
            "total_sessions",
            "avg_completion",
            "last_active",
        )
        _print(columns, on_stores(work)["students"])


@app.command()
def funnel(
    workshop: Annotated[
        str | None, typer.Option(help="The workshop's id; the shipped one otherwise.")
    ] = None,
    cohort: CohortName = None,
) -> None:
    """Print for each step how many sessions tried it, passed it, and the mean seconds spent."""

    async def work(services: Services) -> dict[str, Any]:
        definition = services.workshop.library.find(workshop)
        async with services.database.snapshot() as connection:
            return await instructing.funnel(connection, definition, cohort)

    with failing_clearly():
        columns = ("step_number", "step_name", "attempts", "completed", "avg_time_seconds")
        _print(columns, on_stores(work)["steps"])


@app.command()
def stuck(
    hours: Annotated[float, typer.Option(help="Hours without activity.")] = instructing.STUCK_HOURS,
    cohort: CohortName = None,
    limit: Limit = EVERY,
) -> None:
    """Print who has stopped on a step: active, unfinished sessions without activity, the longest first."""

    async def work(services: Services) -> dict[str, Any]:
        async with services.database.snapshot() as connection:
            return await instructing.stuck(connection, hours, cohort, Page(limit, 0))

    with failing_clearly():
        columns = (
            "student_code",
            "student_email",
            "current_step",
            "step_name",
            "last_activity",
            "time_inactive",
        )
        _print(columns, on_stores(work)["students"])


@app.command()
def export(output: Annotated[Path, typer.Argument(help="The file to write, JSON.")]) -> None:
    """Write every student with all workshop sessions and steps; neither tokens nor keys."""

    async def work(services: Services) -> int:
        count = 0
        with output.open("wb") as file:  # one writer, nothing else runs in this loop
            file.write(b'{"success":true,"students":[')
            async for student in instructing.all_students(services.database):
                file.write((b",\n" if count else b"\n") + orjson.dumps(student))
                count += 1
            file.write(b'\n],"total":' + str(count).encode() + b"}\n")
        return count

    with failing_clearly():
        try:
            out.print(f"{on_stores(work)} students written to {output}", markup=False)
        except OSError as error:
            raise InvalidInput(f"cannot be written: {error.strerror}", field=str(output)) from error


@app.command()
def reseal() -> None:
    """Seal every stored API key with the newest key of HOLDFAST_ENCRYPTION_KEY."""

    async def work(services: Services) -> int:
        return await seal_anew(services.database, services.workshop.vault)

    with failing_clearly():
        out.print(f"{on_stores(work)} keys sealed anew", markup=False)


def cleanup(
    delete_after_days: Annotated[
        float | None,
        typer.Option(help="Delete sessions that ended longer ago (HOLDFAST_WORKSHOP_RETENTION_DAYS)."),
    ] = None,
) -> None:
    """Deactivate workshop sessions past their end; delete only what is past the retention time."""

    async def work(services: Services) -> Cleaned:
        days = delete_after_days
        kept = services.settings.workshop_retention_days if days is None else days
        return await clean_up(services.database, retention_days=kept, actor=ACTOR)

    with failing_clearly():
        done = on_stores(work)
        out.print(f"{done.deactivated} sessions deactivated, {done.deleted} deleted", markup=False)


def _print(columns: tuple[str, ...], rows: list[dict[str, Any]]) -> None:
    table(columns, [["" if row[name] is None else row[name] for name in columns] for row in rows])
