"""Visitors with cookies, and a browser."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from holdfast.core.access import Role
from holdfast.kit.clock import utc_now

PROOF = re.compile(r'name="csrf-token" content="([0-9a-f]*)"')


@dataclass
class Visitor:
    """A browser as the server sees one: it keeps cookies and reads the proof in pages."""

    http: httpx.AsyncClient

    async def get(self, path: str, **more: Any) -> httpx.Response:
        headers = {"Accept": "text/html", **more.pop("headers", {})}
        return await self.http.get(path, headers=headers, **more)

    async def enter(self, token: str, **headers: str) -> httpx.Response:
        return await self.http.post("/enter", json={"token": token}, headers=headers)

    async def proof(self, path: str) -> str:
        found = PROOF.search((await self.get(path)).text)
        assert found is not None
        return found.group(1)


@pytest.fixture
async def visit(world) -> AsyncIterator[Callable[[], Any]]:
    """Make visitors without cookies."""
    app = world.http._transport.app
    async with AsyncExitStack() as stack:

        async def make() -> Visitor:
            transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
            client = httpx.AsyncClient(transport=transport, base_url="http://holdfast.test")
            return Visitor(await stack.enter_async_context(client))

        yield make


@pytest.fixture
async def visitor(visit) -> Visitor:
    """A visitor who is not signed in."""
    return await visit()


@pytest.fixture
async def instructor(world, visit) -> Visitor:
    """An instructor who is signed in."""
    made = await visit()
    token = world.services.authority.issue(Role.INSTRUCTOR, _SOMEBODY, now=utc_now())
    assert (await made.enter(token)).status_code == 200
    return made


@pytest.fixture
async def student(world, visit) -> Visitor:
    """A student who is signed in."""
    made = await visit()
    client, _ = await world.student("Žofia Ňová")
    assert (await made.enter(client.token)).status_code == 200
    return made


_SOMEBODY = "00000000-0000-7000-8000-0000000000aa"
_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
_QUIET = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]


def _chromium() -> str | None:
    named = os.environ.get("HOLDFAST_CHROMIUM")
    return named or next((path for name in _PROGRAMS if (path := shutil.which(name))), None)


@pytest.fixture
async def browser() -> AsyncIterator[Any]:
    """Chromium without a window."""
    playwright = pytest.importorskip(
        "playwright.async_api", reason="browser tests need the package playwright"
    )
    program = _chromium()
    if program is None:
        pytest.skip("browser tests need Chromium: install it, or name it in HOLDFAST_CHROMIUM")
    async with playwright.async_playwright() as running:
        opened = await running.chromium.launch(executable_path=program, args=_QUIET)
        yield opened
        await opened.close()
