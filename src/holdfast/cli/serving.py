"""``holdfast serve``."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from holdfast.app.demonstration import prepare
from holdfast.app.services import Services
from holdfast.app.serving import serve as run_server
from holdfast.app.settings import read_settings
from holdfast.cli.output import failing_clearly, out


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on (HOST).")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on (PORT); 0 takes a free one.")] = None,
    data: Annotated[Path | None, typer.Option(help="Data directory (HOLDFAST_DATA).")] = None,
    time_scale: Annotated[
        float | None, typer.Option(help="Clinical seconds per second, for demonstrations and tests.")
    ] = None,
    demo: Annotated[bool, typer.Option("--demo", help="Prepare a demonstration study.")] = False,
) -> None:
    """Serve Holdfast until it is told to stop (Ctrl-C or SIGTERM)."""

    def ready(services: Services, url: str) -> None:
        if demo:
            for line in asyncio.run(prepare(services, url)):
                out.print(line, markup=False)
        out.print(f"Holdfast is at {url}", markup=False)

    with failing_clearly():
        settings = read_settings(host=host, port=port, data=data, time_scale=time_scale)
        run_server(settings, say=lambda line: out.print(line, markup=False), ready=ready)
