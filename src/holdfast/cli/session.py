"""Running one piece of work on the stores: opened, migrated, and closed again."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from holdfast.app.services import Services, build
from holdfast.app.settings import Settings, read_settings
from holdfast.app.stores import open_stores
from holdfast.store.schema.migrations import migrate

T = TypeVar("T")

ACTOR = "cli"


def on_stores(work: Callable[[Services], Awaitable[T]], settings: Settings | None = None) -> T:
    """The result of an asynchronous piece of work on the configured stores."""
    settings = settings or read_settings()

    async def run(database_url: str, redis_url: str) -> T:
        await migrate(database_url)
        services = build(settings, database_url, redis_url)
        try:
            await services.database.open()
            return await work(services)
        finally:
            await services.gateway.aclose()
            await services.ephemeral.close()
            await services.database.close()

    with open_stores(settings) as stores:
        return asyncio.run(run(stores.database_url, stores.redis_url))
