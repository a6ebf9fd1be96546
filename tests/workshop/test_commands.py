"""The workshop's commands, as an instructor types them."""

import asyncio
import json

import pytest
from typer.testing import CliRunner

from fixtures.service import ENCRYPTION_KEY, command_environment
from holdfast.cli.main import app
from holdfast.core import students
from holdfast.core.access import Principal, Role
from holdfast.programs.workshop.access import Access
from holdfast.programs.workshop.configuration import Configuration
from holdfast.programs.workshop.library import Library
from holdfast.programs.workshop.reporting import Told
from holdfast.programs.workshop.service import Workshop
from holdfast.store.database import Database
from holdfast.store.secrets import Vault, keys_of

KEY = "sk-0123456789abcdef"


@pytest.fixture
def cli(database_url, stores, tmp_path):
    """Run a command on the test's database."""
    environment = command_environment(database_url, stores, tmp_path / "data")

    def run(*arguments, code=0, **more):
        # In this process: a new one for each command would spend its time on imports.
        done = CliRunner().invoke(app, arguments, env=environment | more)
        assert done.exit_code == code, done.output
        return done.output

    return run


async def _worked(database_url):
    """A student with a session whose third step was reported two days ago; its code and token."""
    database = Database(database_url)
    workshop = Workshop(database, Library(), Vault(keys_of(ENCRYPTION_KEY)))
    async with database.transaction() as connection:
        student = await students.add(connection, name="John Doe", email="student@example.com")
        caller = Principal(Role.STUDENT, str(student.student_id))
        session_id, token = await workshop.create(connection, student.student_id, caller=caller)
        access = Access(session_id, student.student_id, caller, token)
        await workshop.configure(connection, access, Configuration(openai_api_key=KEY))
        await workshop.reporting.report(connection, access, Told(3, completed=True, time_spent=450))
        await connection.execute(
            "UPDATE holdfast.workshop_sessions SET last_activity = clock_timestamp() - interval '48 hours'"
        )
    await database.close()
    return student.student_code, token


async def _expire(database_url):
    database = Database(database_url)
    async with database.connection() as connection:
        await connection.execute(
            "UPDATE holdfast.sessions SET started_at = started_at - interval '60 days',"
            " expires_at = expires_at - interval '60 days'"
        )
        await connection.execute(
            "UPDATE holdfast.workshop_sessions SET last_activity = last_activity - interval '60 days'"
        )
    await database.close()


def test_what_an_instructor_asks(cli, database_url, tmp_path):
    code, token = asyncio.run(_worked(database_url))
    assert "voice_ai\t1.0\t9\t" in cli("workshop", "list")
    sessions = cli("workshop", "sessions", code).splitlines()
    assert len(sessions) == 2 and "\tvoice_ai\tIN_PROGRESS\t3\t11\t450\t" in sessions[1]
    assert "no such student" in cli("workshop", "sessions", "nobody", code=4)
    assert f"{code}\tstudent@example.com\tJohn Doe\t1\t11.0\t" in cli("workshop", "completion")
    assert "3\tProvision Services\t1\t1\t450" in cli("workshop", "funnel")
    assert f"{code}\tstudent@example.com\t3\tProvision Services\t" in cli("workshop", "stuck")
    assert len(cli("workshop", "stuck", "--hours", "50").splitlines()) == 1
    assert "hours" in cli("workshop", "stuck", "--hours", "-1", code=2)
    file = tmp_path / "backup.json"
    assert "1 students written" in cli("workshop", "export", str(file))
    text = file.read_text()
    (student,) = json.loads(text)["students"]
    assert student["sessions"][0]["step_progress"][0]["timeSpent"] == 450
    assert token not in text and KEY not in text and "sealed:" not in text


def test_cleaning_up_and_changing_the_key(cli, database_url):
    code, _ = asyncio.run(_worked(database_url))
    keys = f"{'ab' * 32},{ENCRYPTION_KEY}"
    assert "1 keys sealed anew" in cli("workshop", "reseal", HOLDFAST_ENCRYPTION_KEY=keys)
    assert "0 keys sealed anew" in cli("workshop", "reseal", HOLDFAST_ENCRYPTION_KEY="ab" * 32)
    refused = cli("workshop", "reseal", code=3)
    assert "HOLDFAST_ENCRYPTION_KEY" in refused and KEY not in refused
    assert "HOLDFAST_ENCRYPTION_KEY" in cli("cleanup", code=3, HOLDFAST_ENCRYPTION_KEY="short")
    assert "0 sessions deactivated, 0 deleted" in cli("cleanup")
    asyncio.run(_expire(database_url))
    assert "1 sessions deactivated, 0 deleted" in cli("cleanup")
    assert "0 sessions deactivated, 0 deleted" in cli("cleanup", "--delete-after-days", "90")
    assert len(cli("workshop", "sessions", code).splitlines()) == 2
    assert "0 sessions deactivated, 1 deleted" in cli("cleanup", HOLDFAST_WORKSHOP_RETENTION_DAYS="30")
    assert len(cli("workshop", "sessions", code).splitlines()) == 1
    assert "retention" in cli("cleanup", "--delete-after-days", "0", code=2)


def test_a_workshop_of_ones_own(cli, tmp_path):
    folder = tmp_path / "workshops"
    folder.mkdir()
    file = folder / "mine.yaml"
    file.write_text(
        "format: holdfast-workshop/1\nid: mine\nversion: '2'\ntitle: Mine\nsteps:\n"
        "  - {number: 1, name: Begin}\n  - {number: 2, name: End}\n"
    )
    assert "mine 2 is valid: 2 steps" in cli("workshop", "validate", str(file))
    assert "mine\t2\t2\tMine" in cli("workshop", "list", HOLDFAST_WORKSHOPS=str(folder))
    file.write_text(file.read_text().replace("number: 2", "number: 3"))
    assert "numbered" in cli("workshop", "validate", str(file), code=2)
    assert "mine.yaml" in cli("workshop", "list", code=3, HOLDFAST_WORKSHOPS=str(folder))
    assert "cannot be read" in cli("workshop", "validate", str(tmp_path / "nothing.yaml"), code=2)
