"""Where the stores are: external ones by their URLs, or the embedded ones of the data directory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from holdfast.app.settings import Settings
from holdfast.store.embedded import EmbeddedStores
from holdfast.store.embedded.layout import has_cluster
from holdfast.store.embedded.options import parse_options


@dataclass(frozen=True, slots=True)
class Stores:
    """The addresses of both stores.

    Attributes:
        watch: to be called every second by whoever holds the stores long; brings a dead supervisor back.
    """

    database_url: str
    redis_url: str
    watch: Callable[[], None] | None


@contextmanager
def database_if_any(settings: Settings) -> Iterator[str | None]:
    """The database's address where one is configured or was made before; else none, and nothing is started.

    Raises:
        Misconfigured, StoreUnavailable: when the embedded database is there and cannot start.
    """
    if settings.database_url:
        yield settings.database_url.get_secret_value()
    elif has_cluster(settings.data):
        with open_stores(settings) as stores:
            yield stores.database_url
    else:
        yield None


@contextmanager
def open_stores(settings: Settings, *, progress: Callable[[str], None] = lambda _: None) -> Iterator[Stores]:
    """The stores for as long as the block lasts; embedded ones are started when an address is missing.

    Raises:
        Misconfigured, StoreUnavailable: when the embedded stores cannot start.
    """
    database = settings.database_url.get_secret_value() if settings.database_url else None
    redis = settings.redis_url.get_secret_value() if settings.redis_url else None
    with ExitStack() as stack:
        watch = None
        if database is None or redis is None:
            options = parse_options(settings.postgres_options) or None
            embedded = stack.enter_context(
                EmbeddedStores.acquire(settings.data, postgres_options=options, progress=progress)
            )
            database, redis = database or embedded.database_url, redis or embedded.redis_url
            watch = embedded.ensure
        yield Stores(database, redis, watch)
