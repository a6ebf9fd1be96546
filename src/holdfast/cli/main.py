"""The command ``holdfast``."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from holdfast import __version__
from holdfast.app.settings import read_settings, shown
from holdfast.app.stores import open_stores
from holdfast.cli import (
    accounts,
    cohorts,
    legacy,
    questions,
    research,
    scenarios,
    serving,
    sessions,
    simulate,
    students,
    tests,
    tokens,
    workshops,
)
from holdfast.cli.output import failing_clearly, out, table
from holdfast.store.schema.migrations import migrate as apply_migrations
from holdfast.store.schema.migrations import newest_version

app = typer.Typer(
    name="holdfast",
    help="Keeps learning sessions and turns them into research.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.add_typer(cohorts.app, name="cohort")
app.add_typer(students.app, name="student")
app.add_typer(scenarios.app, name="scenario")
app.add_typer(questions.app, name="questions")
app.add_typer(tests.app, name="test")
app.add_typer(tokens.app, name="token")
app.add_typer(accounts.app, name="account")
app.add_typer(sessions.app, name="session")
app.add_typer(workshops.app, name="workshop")
app.add_typer(legacy.app, name="legacy")
app.add_typer(research.app, name="research")
app.command("cleanup")(workshops.cleanup)
app.command("serve")(serving.serve)
app.command("simulate")(simulate.simulate)


def _version(wanted: bool) -> None:  # noqa: FBT001  # Typer calls it so
    if wanted:
        out.print(f"holdfast {__version__}")
        raise typer.Exit


@app.callback()
def main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """Keeps learning sessions and turns them into research."""


@app.command()
def migrate(
    data: Annotated[Path | None, typer.Option("--data", help="Data directory (HOLDFAST_DATA).")] = None,
) -> None:
    """Bring the database to the schema that this version needs."""
    with failing_clearly(), open_stores(read_settings(data=data)) as stores:
        applied = asyncio.run(apply_migrations(stores.database_url, progress=out.print))
        if not applied:
            out.print(f"the database is at schema version {newest_version()} already")


@app.command()
def settings() -> None:
    """Print every setting with its value; secrets are masked."""
    with failing_clearly():
        table(("setting", "value", "meaning"), shown(read_settings()))


def run() -> None:
    """The entry point of the console script."""
    app()
