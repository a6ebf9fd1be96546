"""``holdfast test``."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.progress import Progress

from holdfast.app.services import Services
from holdfast.cli.output import err, failing_clearly, out
from holdfast.cli.session import on_stores
from holdfast.programs.adaptive_test.verifying import Discrepancy, tests_to_verify, verify_test

app = typer.Typer(help="Adaptive tests: verifying what is stored, simulating a test.", no_args_is_help=True)

CONTRADICTION = 1


@app.command()
def verify(
    session: Annotated[str | None, typer.Argument(help="One test; all of them when not given.")] = None,
) -> None:
    """Replay the path of every test from its rows and compare; exit 1 on a contradiction."""

    async def work(services: Services) -> tuple[int, list[Discrepancy]]:
        async with services.database.connection() as connection:
            names = [session] if session else await tests_to_verify(connection)
        found: list[Discrepancy] = []
        with Progress(console=err, transient=True, disable=not err.is_terminal) as progress:
            for name in progress.track(names, description="verifying"):
                async with services.database.snapshot() as connection:
                    found += await verify_test(connection, services.adaptive_tests.giving, name)
        return len(names), found

    with failing_clearly():
        count, found = on_stores(work)
        for one in found:
            out.print(f"{one.session_id}\t{one.where}\t{one.what}", markup=False)
        out.print(f"{count} tests verified, {len(found)} contradictions", markup=False)
        if found:
            raise typer.Exit(CONTRADICTION)
