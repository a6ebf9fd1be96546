"""``holdfast skills``: what is assessed from, and the models that are trained."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import orjson
import typer

from holdfast.app.services import Services, models_of
from holdfast.app.settings import read_settings
from holdfast.cli.output import err, failing_clearly
from holdfast.cli.session import ACTOR, on_stores
from holdfast.kit.errors import InvalidInput, NotFound
from holdfast.programs.skills import justhink
from holdfast.programs.skills.keeping import Loaded, LoadRefused, Newcomers, load_lines
from holdfast.programs.skills.learning.labelled import Columns, Labelled, read_labelled

app = typer.Typer(help="Skill assessment: inputs in bulk, training, evaluation.", no_args_is_help=True)


@app.command()
def load(
    file: Annotated[Path, typer.Argument(help="Transcripts and game sessions as JSON Lines.")],
    partial: Annotated[
        bool, typer.Option("--partial", help="Take good lines although others are bad.")
    ] = False,
    register: Annotated[
        bool, typer.Option("--register", help="Create students whom a line names and nobody knows.")
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


@app.command()
def convert(
    folder: Annotated[Path, typer.Argument(help="The JUSThink corpus, a folder with transcripts and logs.")],
    output: Annotated[Path, typer.Argument(help="The file to write, JSON Lines for skills load.")],
) -> None:
    """Make inputs of the published JUSThink corpus."""
    with failing_clearly():
        lines = [orjson.dumps(line) + b"\n" for line in justhink.convert(folder)]
        try:
            output.write_bytes(b"".join(lines))
        except OSError as error:
            raise InvalidInput(f"cannot be written: {error.strerror}", field=str(output)) from error
        typer.echo(f"{len(lines)} inputs written to {output}")


StudentColumn = Annotated[str | None, typer.Option(help="The column that says who wrote a text.")]
TextColumn = Annotated[str | None, typer.Option(help="The column of the texts.")]
Scale = Annotated[tuple[float, float], typer.Option(help="Lowest and highest rating; brought to 0 and 1.")]


@app.command()
def train(
    labelled: Annotated[Path, typer.Argument(help="Rated texts as CSV, a column for each rated skill.")],
    student_column: StudentColumn = None,
    text_column: TextColumn = None,
    scale: Scale = (0.0, 1.0),
    by_row: Annotated[
        bool, typer.Option("--by-row", help="Cross-validate by row, too, which flatters.")
    ] = False,
) -> None:
    """Train a model of each rated skill; cross-validated by student, with a card beside it."""
    # These libraries take seconds to load, which no other command need spend.
    from holdfast.programs.skills.learning import training  # noqa: PLC0415
    from holdfast.programs.skills.learning.validation import By  # noqa: PLC0415

    with failing_clearly():
        rated = _rated(labelled, Columns(student_column, text_column, *scale))
        ways = (By.STUDENT, By.ROW) if by_row else (By.STUDENT,)
        folder = _models()
        for card in training.train(rated, folder, datetime.now(UTC), validate=ways, tell=typer.echo):
            for figures in card["validation"]:
                typer.echo(f"{card['skill']}: {_told(figures)}")
        typer.echo(f"models and cards are in {folder}")


@app.command()
def evaluate(
    labelled: Annotated[Path, typer.Argument(help="Rated texts that the models were not trained on.")],
    student_column: StudentColumn = None,
    text_column: TextColumn = None,
    scale: Scale = (0.0, 1.0),
) -> None:
    """Tell how well the trained models do on texts they have not seen."""
    from holdfast.programs.skills.learning import training  # noqa: PLC0415

    with failing_clearly():
        rated = _rated(labelled, Columns(student_column, text_column, *scale))
        found = training.evaluate(rated, training.load_all(_models()))
        if not found:
            raise NotFound("there is no trained model of a skill that the file rates", field=str(labelled))
        for skill, validation in found.items():
            typer.echo(f"{skill}: {_told(validation.facts())}")


def _models() -> Path:
    return models_of(read_settings())


def _rated(path: Path, columns: Columns) -> Labelled:
    try:
        return read_labelled(path.read_bytes(), columns)
    except OSError as error:
        raise InvalidInput(f"cannot be read: {error.strerror}", field=str(path)) from error


def _told(figures: Mapping[str, object]) -> str:
    return ", ".join(
        f"{name} {value:.3f}" if isinstance(value, float) else f"{name} {value}"
        for name, value in figures.items()
        if isinstance(value, str | int | float)
    )
