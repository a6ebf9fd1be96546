"""``holdfast research summary``: the weekly summary, now."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from holdfast.app.services import Services
from holdfast.cli.output import failing_clearly, out
from holdfast.cli.session import on_stores
from holdfast.research.report.summarising import summarise


def install(research: typer.Typer) -> None:
    """Put this command into the group ``holdfast research``."""
    research.command("summary")(summary)


def summary(
    directory: Annotated[
        Path | None, typer.Option("--out", help="Where to write it; reports in HOLDFAST_DATA by default.")
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=366, help="How many days it looks back.")] = 7,
) -> None:
    """Write the summary of the last days: students and data quality by cohort, without any outcome."""

    async def work(services: Services) -> list[Path]:
        where = directory or services.settings.data / "reports"
        return await summarise(services.database, where, services.clock(), timedelta(days=days))

    with failing_clearly():
        for path in on_stores(work):
            out.print(str(path), markup=False)
