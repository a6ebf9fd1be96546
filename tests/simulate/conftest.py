"""One server process that the tests of this folder play on, and cohorts of their own in it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from fixtures.processes import Server, free_port
from fixtures.service import SECRET
from fixtures.stores import EmbeddedStores
from holdfast.core.access import Role, TokenAuthority
from holdfast.kit.clock import utc_now

TIME_SCALE = 300.0


@dataclass(frozen=True)
class Cohort:
    """A cohort that nobody has joined yet."""

    name: str
    join_code: str


@pytest.fixture(scope="session")
def server(stores: EmbeddedStores, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder: Path = tmp_path_factory.mktemp("simulate")
    known = {k: v for k, v in os.environ.items() if not k.endswith(("_URL", "_KEY"))}
    known |= {"HOLDFAST_SECRET": SECRET, "AGENT": "scripted", "LOG_LEVEL": "warning"}
    known |= {"DATABASE_URL": stores.database_url, "REDIS_URL": stores.redis_url}
    arguments = ["--data", str(folder / "data"), "--time-scale", str(TIME_SCALE)]
    server = Server(free_port(), folder / "server.log", arguments, known)
    server.start()
    server.wait()
    yield server
    server.stop()


@pytest.fixture
def make_cohort(server: Server) -> Callable[..., Cohort]:
    token = TokenAuthority(SECRET).issue(Role.INSTRUCTOR, str(uuid4()), now=utc_now())

    def make(**more: Any) -> Cohort:
        response = httpx.post(
            f"{server.url}/api/cohorts",
            json={"name": f"Class {uuid4().hex[:8]}", **more},
            headers={"Authorization": f"Bearer {token}"},
            timeout=30,
        )
        made = response.json()
        return Cohort(made["name"], made["joinCode"])

    return make


@pytest.fixture
def cohort(make_cohort: Callable[..., Cohort]) -> Cohort:
    return make_cohort()
