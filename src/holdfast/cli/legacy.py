"""``holdfast legacy``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import orjson
import typer
from rich.progress import Progress

from holdfast.app.services import Services
from holdfast.cli.output import err, failing_clearly, out
from holdfast.cli.session import ACTOR, on_stores
from holdfast.kit.errors import InvalidInput
from holdfast.programs.workshop.legacy.report import SHOWN, Report

app = typer.Typer(help="What older systems left behind: bringing it over.", no_args_is_help=True)

NOT_ALL_TAKEN = 2


@app.callback()
def legacy() -> None:
    """What older systems left behind: bringing it over."""


@app.command()
def workshop(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="The same report; nothing changes.")] = False,
    schema: Annotated[str, typer.Option(help="The schema where the old tables stand.")] = "public",
    report: Annotated[Path | None, typer.Option(help="Write the whole report to this file, as JSON.")] = None,
) -> None:
    """Bring over the older workshop's tables and rename them; exit 2 when rows were refused."""

    async def work(services: Services) -> Report:
        with Progress(console=err, transient=True, disable=not err.is_terminal) as shown:
            task = shown.add_task("reading", total=None)

            def progress(table: str, done: int, rows: int) -> None:
                shown.update(task, description=table, completed=done, total=rows)

            async with services.database.transaction() as connection:
                return await services.legacy_workshop.bring_over(
                    connection, schema=schema, dry_run=dry_run, actor=ACTOR, progress=progress
                )

    with failing_clearly():
        if report is not None:
            _write(report, "ab", b"")  # a file that cannot be written is told before anything is changed
        done = on_stores(work)
        _tell(done)
        if report is not None:
            _write(report, "wb", orjson.dumps(done.to_json(), option=orjson.OPT_INDENT_2))
        if done.refused:
            raise typer.Exit(NOT_ALL_TAKEN)


def _write(file: Path, mode: Literal["ab", "wb"], content: bytes) -> None:
    try:
        with file.open(mode) as opened:
            opened.write(content)
    except OSError as error:
        raise InvalidInput(f"cannot be written: {error.strerror}", field=str(file)) from error


def _tell(done: Report) -> None:
    for line in done.steps:
        out.print(line, markup=False)
    for entry in done.not_taken[:SHOWN]:
        reasons = "; ".join(f"{name} {reason}" for name, reason in entry.problems)
        err.print(f"{entry.table}\t{entry.key}\t{reasons}", markup=False)
    if len(done.not_taken) > SHOWN:
        err.print(f"and {len(done.not_taken) - SHOWN} more, all of them in --report FILE", markup=False)
    for name, count in sorted(done.by_field.items()):
        out.print(f"{count} rows taken differ in {name}", markup=False)
    out.print(done.message, markup=False)
