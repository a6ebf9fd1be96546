"""The command ``holdfast``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, ClassVar

import typer

from holdfast import __version__
from holdfast.app.settings import read_settings, shown
from holdfast.cli.loading import Later
from holdfast.cli.output import failing_clearly, out, table


class Commands(Later):
    """All commands but the small one below."""

    places: ClassVar[Mapping[str, str]] = {
        "serve": "serving:serve",
        "cohort": "cohorts:app",
        "student": "students:app",
        "session": "sessions:app",
        "scenario": "scenarios:app",
        "workshop": "workshops:app",
        "questions": "questions:app",
        "test": "tests:app",
        "skills": "skills:app",
        "assessments": "assessments:app",
        "token": "tokens:app",
        "account": "accounts:app",
        "research": "research:app",
        "simulate": "simulate:simulate",
        "verify": "assessments:verify",
        "cleanup": "workshops:cleanup",
        "legacy": "legacy:app",
        "migrate": "migrating:migrate",
    }


app = typer.Typer(
    name="holdfast",
    cls=Commands,
    help="Keeps learning sessions and turns them into research.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


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
def settings() -> None:
    """Print every setting with its value; secrets are masked."""
    with failing_clearly():
        table(("setting", "value", "meaning"), shown(read_settings()))


def run() -> None:
    """The entry point of the console script."""
    app()
