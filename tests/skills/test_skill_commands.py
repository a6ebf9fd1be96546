"""The older system's three scripts as commands on a real database; one is a process, which is killed."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import time

import asyncpg
import pytest
from typer.testing import CliRunner

from fixtures.service import SECRET
from holdfast.cli.main import app

pytestmark = pytest.mark.crash


class Commands:
    """The commands on the test's database.

    They run in this process, because a new one spends its time on imports; only what is to be killed is a
    process of its own.
    """

    def __init__(self, folder):
        self._folder = folder

    async def __call__(self, *arguments, code=0):
        """What a command printed; on failure with what it complained of."""
        done = await asyncio.to_thread(CliRunner().invoke, app, [str(each) for each in arguments])
        assert done.exit_code == code, done.output
        return done.stdout if code == 0 else done.output

    def start(self, *arguments):
        """The same as a process."""
        return subprocess.Popen(
            [sys.executable, "-m", "holdfast", *map(str, arguments)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=self._folder,
        )


@pytest.fixture
def command(archive, database_url, stores, monkeypatch, tmp_path):
    for name in os.environ:
        if name.endswith(("_URL", "_KEY")):
            monkeypatch.delenv(name)
    settings = {
        "DATABASE_URL": database_url,
        "REDIS_URL": stores.redis_url,
        "HOLDFAST_DATA": str(tmp_path / "data"),
        "HOLDFAST_SECRET": SECRET,
        "COLUMNS": "200",
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    return Commands(tmp_path)


async def test_the_scripts_of_the_seed(archive, command, tmp_path):
    out = await command("assessments", "export", "--output", "data/exports/backup.json")
    assert out == "✓ Successfully exported 28 assessments\n✓ Saved to: data/exports/backup.json\n"
    file = tmp_path / "data" / "exports" / "backup.json"
    stamp = json.loads(file.read_text())["export_timestamp"]
    out = await command("assessments", "import", "--input", file, "--skip-duplicates")
    assert out.splitlines() == [
        "Starting assessment import...",
        f"Input file: {file}",
        "Duplicate handling: skip",
        "Found 28 assessments in backup file",
        f"Backup timestamp: {stamp}",
        "✓ Import complete:",
        "  - Imported: 0",
        "  - Skipped: 28",
        "  - Updated: 0",
    ]
    refused = await command("assessments", "import", "--input", file, code=2)
    assert "record 28: id: an assessment" in refused and "nothing was imported" in refused
    both = ("--skip-duplicates", "--update-duplicates")
    assert "cannot go with" in await command("assessments", "import", "--input", file, *both, code=2)
    assert "must be one of" in await command(
        "assessments", "export", "--skill-type", "juggling", "--output", "x.json", code=2
    )
    assert not (tmp_path / "x.json").exists()
    out = await command(
        "assessments", "export", "--skill-type", "empathy", "--start-date", "2024-01-01",
        "--end-date", "2024-12-31", "--student-id", "student_2", "--output", "some.json",
    )  # fmt: skip
    assert "exported 1 assessments" in out
    assert "All integrity checks passed" in await command("verify", "--verbose")
    await archive.plant(
        "UPDATE holdfast.evidence SET assessment_id = gen_random_uuid() WHERE id = md5('e1,1')::uuid"
    )
    assert "✗ 1 orphaned evidence records found" in await command("verify", code=1)
    assert "Deleted 1 orphaned" in await command("verify", "--fix-orphans", code=1)
    assert "Issues found: 0" in await command("verify")
    bad = json.loads(file.read_text())
    bad["assessments"][4]["score"] = 3
    (tmp_path / "bad.json").write_text(json.dumps(bad))
    await archive.clear()
    assert "record 5: score" in await command("assessments", "import", "--input", "bad.json", code=2)
    assert await archive.counts() == (0, 0)
    out = await command("assessments", "import", "--input", "bad.json", "--partial", code=2)
    assert "Imported: 27" in out and "Refused: 1" in out


async def test_killed_in_mid_import_the_next_run_completes_it(archive, command, tmp_path):
    await archive.run("DELETE FROM holdfast.students")
    await archive.fill(students=50, assessments=6000)
    file = (await archive.write("big.json")).path
    await archive.clear()
    process = command.start("assessments", "import", "--input", file, "--skip-duplicates")
    connection = await asyncpg.connect(archive.database.url)
    deadline = time.monotonic() + 60
    while await connection.fetchval("SELECT count(*) FROM holdfast.skill_assessments") < 500:
        assert time.monotonic() < deadline and process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=30)
    assert process.returncode == -signal.SIGKILL
    await connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name = 'holdfast'"
        " AND state = 'idle in transaction'"
    )
    present, pieces = await archive.counts()
    assert 500 <= present < 6000 and present % 100 == 0 and pieces == 5 * present
    out = await command("assessments", "import", "--input", file, "--skip-duplicates")
    found = {name: int(count) for name, count in re.findall(r"- (\w+): (\d+)", out)}
    present, _ = await archive.counts()
    assert present == 6000
    assert found["Imported"] + found["Skipped"] == 6000 and found["Skipped"] % 100 == 0
    assert "Progress: 6000/6000 (imported)" in out
    again = (await archive.write("again.json")).path
    assert again.read_bytes().split(b",", 1)[1] == file.read_bytes().split(b",", 1)[1]
    await connection.close()


def _line(student, number, **more):
    turns = [{"speaker": "A", "text": f"We try again with plan {number}."}]
    body = {"kind": "transcript", "student": student, "speaker": "A", "turns": turns}
    return json.dumps(body | more)


async def test_inputs_are_loaded_by_the_file(archive, command, tmp_path):
    game = {
        "kind": "game_session", "student": "7-A", "system": "corpus", "game": "bridges",
        "events": [{"type": "action", "at_s": 1}],
    }  # fmt: skip
    file = tmp_path / "inputs.jsonl"
    lines = [_line("student_1", 1), "", _line("7-A", 2, system="corpus"), json.dumps(game)]
    file.write_text("\n".join(lines))
    refused = await command("skills", "load", file, code=2)
    assert "line 3: student" in refused and "line 4: student" in refused and "nothing was loaded" in refused
    assert await archive.value("SELECT count(*) FROM holdfast.transcripts") == 0
    loaded = (
        "2 transcripts and 1 game sessions stored, 0 known already, 1 students registered, 0 lines refused\n"
    )
    assert await command("skills", "load", file, "--register") == loaded
    assert "0 transcripts and 0 game sessions stored, 3 known" in await command(
        "skills", "load", file, "--register"
    )
    bad = [_line("student_2", 1), "{", _line("student_2", 2, turns=[]), '{"kind": "essay"}', "[" * 5000]
    file.write_text("\n".join(bad))
    told = await command("skills", "load", file, "--partial", code=2)
    assert all(f"line {number}: " in told for number in (2, 3, 4, 5))
    assert "1 transcripts and 0 game sessions stored" in told
    assert "consent" in await command("skills", "load", file, "--register", "--cohort", "default", code=2)
