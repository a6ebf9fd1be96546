"""Running the server: stores up, schema right, then requests, until a signal says stop."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import uvicorn

from holdfast.app.server import create_app
from holdfast.app.services import Services, build
from holdfast.app.settings import Settings
from holdfast.app.stores import open_stores
from holdfast.kit.errors import Misconfigured
from holdfast.store.schema.migrations import migrate

GRACE_S = 10
"""How long requests that are under way may take to finish after a stop signal."""


def serve(
    settings: Settings,
    *,
    say: Callable[[str], None],
    ready: Callable[[Services, str], None] = lambda _services, _url: None,
) -> None:
    """Serve until SIGTERM or SIGINT; returns after requests under way are finished.

    Args:
        settings: how.
        say: told what happens at start, a line each.
        ready: called with the services and the address once migrations are applied and the port is
            taken, before the first request is answered.

    Raises:
        Misconfigured: the port is taken, or a setting is wrong.
        StoreUnavailable: a store does not answer.
    """
    configure_logging(settings.log_level)
    with open_stores(settings, progress=say) as stores:
        asyncio.run(migrate(stores.database_url, progress=say))
        services = build(settings, stores.database_url, stores.redis_url)
        listener = _listen(settings.host, settings.port)
        host, port = listener.getsockname()[:2]
        url = settings.public_url or f"http://{'127.0.0.1' if host in {'0.0.0.0', '::'} else host}:{port}"  # noqa: S104
        ready(services, url)
        app = create_app(services, watch=stores.watch)
        config = uvicorn.Config(
            app,
            loop="uvloop" if sys.platform != "win32" else "asyncio",
            http="httptools",
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE_S,
            backlog=2048,
        )
        _spare_the_collector()
        _Server(config, lambda: setattr(app.state, "leaving", True)).run(sockets=[listener])


def _spare_the_collector() -> None:
    """Let garbage collection pass over what was loaded at start, and begin less often.

    A request makes some thousand short-lived objects that hold no cycles; looking through them at each
    700th took a tenth of its time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


class _Server(uvicorn.Server):
    """A server that takes a stop signal as the end of its work, not as a reason to die.

    Uvicorn raises the signal again when it has finished, which would end the process before the
    embedded stores are let go and turn a clean stop into a failure. Streams that would go on by
    themselves are told, so that the stop need not wait for them.
    """

    def __init__(self, config: uvicorn.Config, tell: Callable[[], None]) -> None:
        super().__init__(config)
        self._tell = tell

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A stop signal came."""
        self._tell()
        super().handle_exit(sig, frame)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop on SIGINT and SIGTERM; the earlier handlers are put back afterwards."""
        earlier = {
            number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)
        }
        try:
            yield
        finally:
            for number, handler in earlier.items():
                signal.signal(number, handler)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise Misconfigured(
            f"cannot listen on {host}:{port} ({error.strerror}); choose another with --port", field="PORT"
        ) from error
    return listener


def configure_logging(level: str) -> None:
    """Log to standard error, one line an event.

    Raises:
        Misconfigured: an unknown level.
    """
    number = logging.getLevelNamesMapping().get(level.upper())
    if number is None:
        raise Misconfigured("must be debug, info, warning or error", field="LOG_LEVEL")
    logging.basicConfig(
        level=number, format="%(asctime)s %(levelname)s %(name)s: %(message)s", stream=sys.stderr, force=True
    )
    logging.getLogger("asyncpg").setLevel(max(number, logging.ERROR))  # what it reports comes as our errors
    for chatty in ("httpx", "httpcore", "alembic", "uvicorn.error", "asyncio"):
        logging.getLogger(chatty).setLevel(max(number, logging.WARNING))
