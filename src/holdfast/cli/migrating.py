"""``holdfast migrate``."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from holdfast.app.settings import read_settings
from holdfast.app.stores import open_stores
from holdfast.cli.output import failing_clearly, out
from holdfast.store.schema.migrations import migrate as apply_migrations
from holdfast.store.schema.migrations import newest_version


def migrate(
    data: Annotated[Path | None, typer.Option("--data", help="Data directory (HOLDFAST_DATA).")] = None,
) -> None:
    """Bring the database to the schema that this version needs."""
    with failing_clearly(), open_stores(read_settings(data=data)) as stores:
        applied = asyncio.run(apply_migrations(stores.database_url, progress=out.print))
        if not applied:
            out.print(f"the database is at schema version {newest_version()} already")
