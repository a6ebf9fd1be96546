"""An export that was asked for is made, although the server is killed in the middle of it."""

import time

import httpx
import pytest

from fixtures.service import SECRET
from holdfast.core.access import Role, TokenAuthority
from holdfast.kit.clock import utc_now

pytestmark = pytest.mark.crash


def _until(server, path, headers, wanted, seconds):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        shown = httpx.get(f"{server.url}{path}", headers=headers, timeout=10).json()
        if wanted(shown):
            return shown
        time.sleep(0.05)
    raise AssertionError(f"not reached: {shown}")


def test_an_export_outlives_the_server(start_server, stores, database_url, tmp_path):
    server = start_server(database_url=database_url, redis_url=stores.redis_url)
    token = TokenAuthority(SECRET).issue(
        Role.RESEARCHER, "00000000-0000-7000-8000-000000000001", now=utc_now()
    )
    headers = {"Authorization": f"Bearer {token}"}
    for number in range(3):
        body = {"name": f"Student {number}", "consent": True}
        httpx.post(f"{server.url}/api/student/register", json=body, timeout=10).raise_for_status()
    body = {"cohort": "default", "formats": "csv"}
    asked = httpx.post(f"{server.url}/api/research/exports", json=body, headers=headers, timeout=10).json()
    path = f"/api/research/exports/{asked['exportId']}"
    _until(server, path, headers, lambda shown: shown["status"] == "running", 30)
    server.kill()
    server.start()
    server.wait()
    shown = _until(server, path, headers, lambda shown: shown["status"] in {"done", "failed"}, 90)
    assert shown["status"] == "done", shown["problem"]
    fetched = httpx.get(f"{server.url}{path}/download", headers=headers, timeout=30)
    assert fetched.status_code == 200
    bundles = tmp_path / "data" / "exports" / "research"
    assert [entry.name for entry in bundles.iterdir()] == [asked["exportId"]]
