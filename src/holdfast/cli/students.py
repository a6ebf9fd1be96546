"""``holdfast student``."""

from __future__ import annotations

import csv
import io
import sys
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from holdfast.app.services import Services
from holdfast.cli.output import err, failing_clearly, out, table
from holdfast.cli.session import ACTOR, on_stores
from holdfast.core import cohorts, students
from holdfast.core.students import Registration
from holdfast.kit.errors import HoldfastError, InvalidInput
from holdfast.programs.simulation.record import student_record
from holdfast.store.statements import Connection, Row

app = typer.Typer(
    help="Students: adding, importing, listing, erasing, and their records.", no_args_is_help=True
)

CohortName = Annotated[
    str | None, typer.Option("--cohort", help="The cohort's name; the default one when not given.")
]


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="The student's name.")],
    email: Annotated[str | None, typer.Option(help="The student's e-mail.")] = None,
    cohort: CohortName = None,
    consent: Annotated[bool, typer.Option("--consent", help="The student has consented.")] = False,
) -> None:
    """Register a student and allocate the student to a study group."""

    async def work(services: Services) -> Registration:
        async with services.database.transaction() as connection:
            return await _register(
                connection, services, {"name": name, "email": email}, cohort, consent=consent
            )

    with failing_clearly():
        done = on_stores(work)
        out.print(f"{done.student.student_code}\t{done.arm}", markup=False)


async def _register(
    connection: Connection, services: Services, row: dict[str, Any], cohort: str | None, *, consent: bool
) -> Registration:
    chosen = await cohorts.by_name(connection, cohort or services.settings.default_cohort)
    return await students.register(
        connection,
        name=row["name"] or "",
        email=row.get("email"),
        consent=consent,
        cohort=chosen,
        actor=ACTOR,
    )


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV with the columns name and, if known, email.")],
    cohort: CohortName = None,
    consent: Annotated[bool, typer.Option("--consent", help="All these students have consented.")] = False,
    partial: Annotated[
        bool, typer.Option("--partial", help="Take the good lines, report the bad ones.")
    ] = False,
) -> None:
    """Register every student of a CSV file: all of them or, by default, none."""

    async def work(services: Services) -> tuple[int, list[str]]:
        bad: list[str] = []
        taken = 0
        async with services.database.transaction() as connection:
            for line, row in _read(file):
                try:
                    async with connection.transaction():
                        await _register(connection, services, row, cohort, consent=consent)
                    taken += 1
                except HoldfastError as error:
                    bad.append(f"line {line}: {error}")
            if bad and not partial:
                for problem in bad:
                    err.print(problem, markup=False)
                raise InvalidInput(
                    f"{len(bad)} of {taken + len(bad)} lines are wrong; nothing was imported", field=str(file)
                )
        return taken, bad

    with failing_clearly():
        taken, bad = on_stores(work)
        for problem in bad:
            err.print(problem, markup=False)
        out.print(f"{taken} students registered, {len(bad)} lines refused", markup=False)
        if bad:
            raise typer.Exit(2)


def _read(path: Path) -> list[tuple[int, dict[str, Any]]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"cannot be read as UTF-8: {error}", field=str(path)) from error
    reader = csv.DictReader(io.StringIO(text))
    if "name" not in (reader.fieldnames or ()):
        raise InvalidInput("the first line must name the columns, name among them", field=str(path))
    return [(reader.line_num, row) for row in reader]


@app.command("list")
def list_(cohort: CohortName = None) -> None:
    """List students with their cohort and study group."""

    async def work(services: Services) -> list[Row]:
        async with services.database.connection() as connection:
            found = (await cohorts.by_name(connection, cohort)).cohort_id if cohort else None
            return await students.statements.list_students.rows(
                connection, cohort_id=found, limit=2**31 - 1, offset=0
            )

    with failing_clearly():
        rows = [
            (r["student_code"], r["name"], r["email"] or "", r["cohort"] or "", r["arm"] or "")
            for r in on_stores(work)
        ]
        table(("code", "name", "e-mail", "cohort", "group"), rows)


@app.command()
def erase(
    student: Annotated[str, typer.Argument(help="The student's code or id.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete a student and everything that belongs to the student. There is no way back."""

    async def work(services: Services) -> str:
        async with services.database.transaction() as connection:
            found = await students.by_name_of_any_kind(connection, student)
            await students.erase(connection, found, actor=ACTOR, key=services.identities.key)
            return found.student_code

    with failing_clearly():
        if not yes and not (sys.stdin.isatty() and typer.confirm(f"Delete everything of {student}?")):
            raise InvalidInput("nothing was deleted; say --yes to go on without being asked", field="--yes")
        out.print(f"{on_stores(work)} erased", markup=False)


@app.command()
def link(student: Annotated[str, typer.Argument(help="The student's code or id.")]) -> None:
    """Print a one-time link with which a student who lost the token comes back."""

    async def work(services: Services) -> str:
        async with services.database.transaction() as connection:
            found = await students.by_name_of_any_kind(connection, student)
            secret, _ = await students.create_link(connection, found, actor=ACTOR)
            return secret

    with failing_clearly():
        out.print(on_stores(work), markup=False)


@app.command()
def record(
    student: Annotated[str, typer.Argument(help="The student's code or id.")],
    session: Annotated[str | None, typer.Option(help="A session; the newest when not given.")] = None,
    output: Annotated[Path | None, typer.Option(help="Write to this file instead of the terminal.")] = None,
) -> None:
    """Print the student's record as JSON, in the form that the older analysis scripts read."""

    async def work(services: Services) -> dict[str, Any]:
        async with services.database.snapshot() as connection:
            found = await students.by_name_of_any_kind(connection, student)
            return await student_record(connection, services.catalog, found.student_id, session)

    with failing_clearly():
        text = orjson.dumps(on_stores(work), option=orjson.OPT_INDENT_2).decode()
        if output is None:
            typer.echo(text)
        else:
            output.write_text(text + "\n", encoding="utf-8")
