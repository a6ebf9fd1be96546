"""Exports over HTTP: in the background, for those who may, whatever is killed."""

import asyncio
import io
import zipfile
from uuid import uuid4

import pytest

from holdfast.app.exporting import carry_out
from holdfast.app.services import exports_in
from holdfast.core import cohorts
from holdfast.core.access import Role
from holdfast.core.cohorts import NewCohort
from holdfast.research.export import requests


@pytest.fixture
async def small(make_world, tmp_path):
    """A world with four students who have begun."""
    async with make_world(data=tmp_path / "data") as world:
        for number in range(4):
            client, _ = await world.student(f"Zebedee Quux{number}", email=f"quux{number}@example.org")
            await world.session(client)
        yield world


async def _until(client, path, wanted, seconds=90):
    async with asyncio.timeout(seconds):
        while True:
            shown = (await client.get(path)).json()
            if shown["status"] in wanted:
                return shown
            await asyncio.sleep(0.1)


async def _ended(researcher, export_id):
    path = f"/api/research/exports/{export_id}"
    return await _until(researcher, path, {"done", "failed", "cancelled"})


async def _events(world):
    async with world.services.database.connection() as connection:
        rows = await connection.fetch("SELECT type, actor, data FROM holdfast.events ORDER BY created_at")
    return [(row["type"], row["data"]) for row in rows if row["type"].startswith(("export.", "research."))]


async def test_a_researcher_asks_waits_fetches_and_deletes(small):
    researcher = small.staff(Role.RESEARCHER)
    async with small.services.database.transaction() as connection:
        other = await cohorts.create(connection, NewCohort("Spring"), actor="test")
    await small.student("Zebedee Quux9", joinCode=other.join_code)
    ask = {"cohorts": ["default", "Spring"], "formats": "csv"}
    asked = await researcher.post("/api/research/exports", ask, key="once")
    again = await researcher.post("/api/research/exports", ask, key="once")
    assert asked.json()["cohorts"] == ["Spring", "default"]
    assert asked.status_code == again.status_code == 201
    export_id = asked.json()["exportId"]
    assert again.json()["exportId"] == export_id
    early = await researcher.get(f"/api/research/exports/{export_id}/download")
    assert early.status_code == 409
    shown = await _ended(researcher, export_id)
    assert shown["status"] == "done", shown["problem"]
    assert shown["reconciliation"] == {
        "found": 5, "loaded": 5, "quarantined": 0, "duplicates": 0, "excluded": {},
    }  # fmt: skip
    fetched = await researcher.get(f"/api/research/exports/{export_id}/download")
    assert fetched.headers["Content-Type"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(fetched.content)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        whole = b"".join(archive.read(name) for name in names)
    assert {"csv/students_overview.csv", "manifest.json", "report.html"} <= set(names)
    assert b"quux" not in whole.lower()
    place = requests.place(exports_in(small.services.settings), export_id)
    assert place.stat().st_mode & 0o777 == 0o700
    assert place.parent.stat().st_mode & 0o777 == 0o700
    listed = (await researcher.get("/api/research/exports")).json()
    assert [one["exportId"] for one in listed["exports"]] == [export_id]
    assert (await researcher.delete(f"/api/research/exports/{export_id}")).json()["status"] == "deleted"
    assert not place.exists()
    assert (await researcher.get(f"/api/research/exports/{export_id}")).status_code == 404
    kinds = [kind for kind, _ in await _events(small)]
    assert kinds[0] == "export.requested"
    assert {"research.exported", "export.made", "export.downloaded", "export.deleted"} <= set(kinds)
    assert all(
        data["identified"] is False for kind, data in await _events(small) if kind.startswith("export.")
    )


async def test_names_are_for_administrators(small):
    researcher, admin = small.staff(Role.RESEARCHER), small.staff(Role.ADMIN)
    wanted = {"cohort": "default", "identified": True}
    assert (await researcher.post("/api/research/exports", wanted)).status_code == 403
    made = await admin.post("/api/research/exports", wanted)
    assert made.status_code == 201
    path = f"/api/research/exports/{made.json()['exportId']}"
    for tail in ("", "/download"):
        assert (await researcher.get(path + tail)).status_code == 404
    assert (await researcher.delete(path)).status_code == 404
    assert (await researcher.get("/api/research/exports")).json()["total"] == 0
    assert (await admin.get("/api/research/exports")).json()["total"] == 1
    assert (await admin.delete(path)).json()["status"] == "cancelled"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"cohort": "nobody's"}, 404),
        ({}, 400),
        ({"cohort": ""}, 400),
        ({"cohort": "default", "cohorts": ["default"]}, 400),
        ({"cohorts": []}, 400),
        ({"cohorts": ["default", "default"]}, 400),
        ({"cohorts": ["default", "nobody's"]}, 404),
        ({"cohort": "a\x00b"}, 400),
        ({"cohort": "default", "formats": "word"}, 400),
        ({"cohort": "default", "plan": "not = [toml"}, 400),
        ({"cohort": "default", "seed": -1}, 400),
        ({"cohort": "default", "more": 1}, 400),
    ],
)
async def test_a_wrong_wish_is_told_and_nothing_is_stored(small, body, status):
    researcher = small.staff(Role.RESEARCHER)
    response = await researcher.post("/api/research/exports", body)
    assert response.status_code == status, response.text
    assert (await researcher.get("/api/research/exports")).json()["total"] == 0


async def test_what_a_dead_worker_left_is_done_again_and_three_deaths_end_it(database):
    async with database.transaction() as connection:
        await connection.execute(
            "INSERT INTO holdfast.research_exports (export_id, requested_by, cohort, identified, status)"
            " VALUES ($1, 'researcher:x', 'default', false, 'waiting')",
            uuid4(),
        )
    seen = []
    for attempt in range(5):
        async with database.transaction() as connection:
            row = await requests.claim(connection, uuid4())
            seen.append(None if row is None else row["attempts"])
            assert await requests.claim(connection, uuid4()) is None  # it is somebody's
            if row is not None and attempt == 0:
                assert await requests.keep(connection, row, 1, 2, "half")
            await connection.execute(
                "UPDATE holdfast.research_exports SET lease_until = clock_timestamp() - interval '1 second'"
            )
    assert seen == [1, 2, 3, None, None]
    async with database.connection() as connection:
        row = await connection.fetchrow("SELECT * FROM holdfast.research_exports")
    assert row["status"] == "failed"
    assert "3 times" in row["problem"]


async def test_a_worker_whose_lease_is_gone_ends_nothing(database):
    async with database.transaction() as connection:
        await connection.execute(
            "INSERT INTO holdfast.research_exports (export_id, requested_by, cohort, identified, status)"
            " VALUES ($1, 'researcher:x', 'default', false, 'waiting')",
            uuid4(),
        )
        row = await requests.claim(connection, uuid4())
        await connection.execute("UPDATE holdfast.research_exports SET worker = $1", uuid4())
        assert not await requests.keep(connection, row, 1, 2, "half")
        assert not await requests.finish(connection, row, size=1)


async def test_a_cancelled_export_ends_its_process_and_leaves_nothing(small):
    admin = small.staff(Role.ADMIN)
    asked = (await admin.post("/api/research/exports", {"cohort": "default"})).json()
    work = asyncio.create_task(carry_out(small.services))
    path = f"/api/research/exports/{asked['exportId']}"
    await _until(admin, path, {"running"})
    assert (await admin.delete(path)).json()["status"] == "cancelled"
    async with asyncio.timeout(30):
        await work
    left = exports_in(small.services.settings)
    assert not left.exists() or list(left.iterdir()) == []
