"""``holdfast scenario``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from holdfast.app.services import Services
from holdfast.cli.output import err, failing_clearly, out, table
from holdfast.cli.session import ACTOR, on_stores
from holdfast.kit.errors import HoldfastError, InvalidInput
from holdfast.programs.simulation.scenario.legacy import convert_text, render_report
from holdfast.programs.simulation.scenario.loading import dump_yaml, parse
from holdfast.programs.simulation.scenario.model import Scenario

app = typer.Typer(help="Scenarios: listing, checking, importing, showing.", no_args_is_help=True)

Files = Annotated[list[Path], typer.Argument(help="Files: YAML of this format, or older JSON blueprints.")]


@app.command("list")
def list_() -> None:
    """List the scenarios that can be played."""

    async def work(services: Services) -> list[tuple[Scenario, str]]:
        async with services.database.connection() as connection:
            return await services.catalog.listing(connection)

    with failing_clearly():
        rows = [
            (s.id, s.version, s.metadata.title, s.metadata.difficulty, origin)
            for s, origin in on_stores(work)
        ]
        table(("id", "version", "title", "difficulty", "origin"), rows)


@app.command()
def validate(files: Files) -> None:
    """Check scenario files; problems are told by line and field. Nothing is stored."""
    wrong = 0
    for file in files:
        try:
            scenario, report = _read(file)
            out.print(f"{file}: {scenario.id} {scenario.version} is valid", markup=False)
            if report:
                out.print(report, markup=False)
        except HoldfastError as error:
            wrong += 1
            err.print(f"{file}: {error}", markup=False)
    if wrong:
        raise typer.Exit(2)


@app.command("import")
def import_(files: Files) -> None:
    """Import scenario files; older JSON blueprints are converted, with a report of what was not expressed."""

    async def work(services: Services) -> list[str]:
        async with services.database.transaction() as connection:
            for scenario, _ in read:
                await services.catalog.import_(connection, scenario, actor=ACTOR)
        return [scenario.id for scenario, _ in read]

    with failing_clearly():
        read = [_read(file) for file in files]
        for _, report in read:
            if report:
                out.print(report, markup=False)
        for name in on_stores(work):
            out.print(f"imported {name}", markup=False)


@app.command()
def show(name: Annotated[str, typer.Argument(help="A scenario's id or alias.")]) -> None:
    """Print a scenario as YAML, ready to be edited and imported under another id."""

    async def work(services: Services) -> Scenario:
        async with services.database.connection() as connection:
            return await services.catalog.by_name(connection, name)

    with failing_clearly():
        typer.echo(dump_yaml(on_stores(work)))


def _read(file: Path) -> tuple[Scenario, str]:
    """The scenario in a file, and the report of its conversion when it was an older blueprint."""
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise InvalidInput(f"cannot be read: {error.strerror}", field=str(file)) from error
    if file.suffix.lower() != ".json":
        return parse(raw, source=str(file)), ""
    conversion = convert_text(raw, source=file.name)
    return conversion.scenario, render_report(conversion)
