"""``holdfast legacy workshop`` as a person would use it, beside the stores it works on."""

import json
import os
import subprocess
import sys

import pytest
from benchmarks.legacy_workshop.older_workshop import build, rows

from fixtures.service import ENCRYPTION_KEY, SECRET


@pytest.fixture
def command(database_url, stores, tmp_path):
    known = {k: v for k, v in os.environ.items() if not k.endswith(("_URL", "_KEY"))}
    known |= {"DATABASE_URL": database_url, "REDIS_URL": stores.redis_url, "HOLDFAST_SECRET": SECRET}
    known |= {"HOLDFAST_DATA": str(tmp_path / "data"), "HOLDFAST_ENCRYPTION_KEY": ENCRYPTION_KEY}

    def run(*arguments, code=0, **environment):
        done = subprocess.run(
            [sys.executable, "-m", "holdfast", "legacy", "workshop", *arguments],
            env=known | environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done

    return run


@pytest.mark.crash
async def test_a_rehearsal_a_run_and_nothing_more_to_do(command, connection, tmp_path):
    await build(connection, "configured", rows("configured", 100))
    file = tmp_path / "report.json"
    nowhere = command("--report", str(tmp_path / "none" / "report.json"), code=2)
    assert "cannot be written" in nowhere.stderr
    rehearsed = command("--dry-run", "--report", str(file), code=2)
    assert (
        "Dry run, nothing was changed: would bring over 98 of 100 rows; 2 were refused." in rehearsed.stdout
    )
    assert json.loads(file.read_bytes())["dryRun"] is True
    assert await connection.fetchval("SELECT count(*) FROM public.workshop_students") == 100

    done = command("--report", str(file), code=2)
    assert done.stdout.splitlines()[-1] == "Brought over 98 of 100 rows; 2 were refused."
    report = json.loads(file.read_bytes())
    assert report["stats"]["sessions"] == 98
    assert len(report["errors"]) == 2 == len(done.stderr.strip().splitlines())
    assert all(error["key"] in done.stderr for error in report["errors"])
    assert "sk-secret" not in done.stdout + done.stderr + file.read_text()

    again = command()
    assert again.stdout.startswith("Nothing to do")
    assert await connection.fetchval("SELECT count(*) FROM holdfast.workshop_sessions") == 98
