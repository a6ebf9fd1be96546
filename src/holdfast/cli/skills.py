"""``holdfast skills``: what is assessed from, and the models that are trained."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from holdfast.app.services import Services
from holdfast.cli.output import err, failing_clearly
from holdfast.cli.session import ACTOR, on_stores
from holdfast.kit.errors import InvalidInput
from holdfast.programs.skills.keeping import Loaded, LoadRefused, Newcomers, load_lines

app = typer.Typer(help="Skill assessment: inputs in bulk, training, evaluation.", no_args_is_help=True)


@app.command()
def load(
    file: Annotated[Path, typer.Argument(help="Transcripts and game sessions as JSON Lines.")],
    partial: Annotated[
        bool, typer.Option("--partial", help="Take good lines although others are bad.")
    ] = False,
    register: Annotated[
        bool, typer.Option("--register", help="Create students whom a line's system names and nobody knows.")
    ] = False,
    cohort: Annotated[str | None, typer.Option("--cohort", help="Enrol those who are created.")] = None,
    consent: Annotated[bool, typer.Option("--consent", help="All of them have consented.")] = False,
) -> None:
    """Store the inputs of a file: all of them or, by default, none. What is there already is passed over."""

    async def work(services: Services) -> Loaded:
        with file.open("rb") as lines:  # one command, nothing else runs in this loop
            newcomers = Newcomers(cohort) if register else None
            return await load_lines(
                services.database, lines, partial=partial, actor=ACTOR, newcomers=newcomers
            )

    with failing_clearly():
        if cohort and not register:
            raise InvalidInput("goes with --register only", field="--cohort")
        if cohort and not consent:
            raise InvalidInput("consent is needed to take part; say --consent", field="--cohort")
        try:
            loaded = on_stores(work)
        except LoadRefused as refused:
            _complain(refused.loaded)
            raise
        except OSError as error:
            raise InvalidInput(f"cannot be read: {error.strerror}", field=str(file)) from error
        _complain(loaded)
        typer.echo(
            f"{loaded.transcripts} transcripts and {loaded.game_sessions} game sessions stored, "
            f"{loaded.known} known already, {loaded.registered} students registered, "
            f"{loaded.refused} lines refused"
        )
        if loaded.refused:
            raise typer.Exit(2)


def _complain(loaded: Loaded) -> None:
    for line in loaded.bad:
        err.print(str(line), markup=False)
    more = loaded.refused - len(loaded.bad)
    if more:
        err.print(f"and {more} more", markup=False)
