"""Requests that reach their aim although the server dies in between.

Every command carries an `Idempotency-Key`, so it may be sent again whatever became of the first attempt.
A lost connection, 503, 429 and "busy" are tried again until patience runs out; any other refusal is
told at once.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, ClassVar
from uuid import uuid4

import httpx

from holdfast.kit.errors import HoldfastError, StoreUnavailable

PATIENCE_S = 120.0
"""How long one request is tried again before the student gives up."""

_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.05, 2.0
_COME_AGAIN = frozenset(
    {
        HTTPStatus.TOO_MANY_REQUESTS,
        HTTPStatus.BAD_GATEWAY,
        HTTPStatus.SERVICE_UNAVAILABLE,
        HTTPStatus.GATEWAY_TIMEOUT,
    }
)


class Refused(HoldfastError):
    """The server said no; `details` hold its problem document."""

    code: ClassVar[str] = "refused"

    @property
    def status(self) -> int:
        """The HTTP status."""
        return int(self.details["status"])

    @property
    def expected(self) -> str | None:
        """The step that the server expects instead, when the step was wrong."""
        expected = self.details["problem"].get("expected")
        return None if expected is None else str(expected)


@dataclass(slots=True)
class Tally:
    """What one student's requests took.

    Attributes:
        latencies_s: of the last attempt of each request, in the order of requests.
        retries: attempts beyond the first.
        replayed: answers that the server marked as given before.
    """

    latencies_s: list[float] = field(default_factory=list)
    retries: int = 0
    replayed: int = 0

    @property
    def requests(self) -> int:
        """How many requests were answered."""
        return len(self.latencies_s)


class Connection:
    """One student's connection.

    Args:
        base_url: where the server is; may be changed while it runs.
        client: shared by many students; its own time-out bounds one attempt.
        patience_s: how long a request is tried again.
        token: the bearer token, once there is one.
    """

    def __init__(
        self,
        base_url: str,
        client: httpx.AsyncClient,
        *,
        patience_s: float = PATIENCE_S,
        token: str | None = None,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.token = token
        self.tally = Tally()
        self._client = client
        self._patience_s = patience_s

    async def get(self, path: str) -> dict[str, Any]:
        """Look at something.

        Raises:
            Refused, StoreUnavailable: as `post`.
        """
        return await self._until_answered("GET", path, None, {})

    async def post(
        self, path: str, body: Mapping[str, Any] | None = None, *, key: str | None = None
    ) -> dict[str, Any]:
        """Carry a command out once, however often it has to be sent.

        Args:
            path: from the root of the server.
            body: the JSON body, or none.
            key: the idempotency key; a fresh one when not given.

        Raises:
            Refused: the server's problem document says why.
            StoreUnavailable: no answer within the patience.
        """
        headers = {"Idempotency-Key": key or new_key()}
        return await self._until_answered("POST", path, body or {}, headers)

    async def _until_answered(
        self, method: str, path: str, body: Mapping[str, Any] | None, headers: dict[str, str]
    ) -> dict[str, Any]:
        deadline, pause_s = time.monotonic() + self._patience_s, _FIRST_PAUSE_S
        while True:
            started = time.monotonic()
            response, wait_s = await self._attempt(method, path, body, headers)
            if response is not None and wait_s is None:
                self.tally.latencies_s.append(time.monotonic() - started)
                return self._answer(response)
            if time.monotonic() > deadline:
                said = "no connection" if response is None else _detail(response)
                raise StoreUnavailable(f"{method} {path}: no answer in {self._patience_s:.0f} s ({said})")
            self.tally.retries += 1
            await asyncio.sleep((wait_s or pause_s) * random.uniform(0.8, 1.2))  # spread those who wait
            pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)

    async def _attempt(
        self, method: str, path: str, body: Mapping[str, Any] | None, headers: dict[str, str]
    ) -> tuple[httpx.Response | None, float | None]:
        """One attempt: the response, and how long to wait when it should be repeated."""
        if self.token:
            headers = headers | {"Authorization": f"Bearer {self.token}"}
        try:
            response = await self._client.request(
                method, f"{self.base_url}{path}", json=body, headers=headers
            )
        except httpx.TransportError:
            return None, None
        if response.status_code in _COME_AGAIN or _busy(response):
            return response, _retry_after_s(response)
        return response, None

    def _answer(self, response: httpx.Response) -> dict[str, Any]:
        if response.is_success:
            self.tally.replayed += response.headers.get("Idempotency-Replayed") == "true"
            found: dict[str, Any] = response.json()
            return found
        path = response.request.url.path
        raise Refused(
            f"{response.request.method} {path}: {response.status_code} {_detail(response)}",
            status=response.status_code,
            problem=_problem(response),
        )


def new_key() -> str:
    """An idempotency key that was never used."""
    return f"simulated-{uuid4().hex}"


def _retry_after_s(response: httpx.Response) -> float:
    try:
        return max(0.0, float(response.headers.get("Retry-After", "")))
    except ValueError:
        return _FIRST_PAUSE_S


def _busy(response: httpx.Response) -> bool:
    """Whether another request of the same session is still at work; a wrong step is not that."""
    at_a_session = response.request.url.path.startswith("/api/sessions/")
    return (
        response.status_code == HTTPStatus.CONFLICT
        and at_a_session
        and _problem(response).get("code") == "conflict"
    )


def _problem(response: httpx.Response) -> dict[str, Any]:
    try:
        found = response.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _detail(response: httpx.Response) -> str:
    return str(_problem(response).get("detail") or response.reason_phrase)
