"""The command line on real embedded stores, as a person would use it."""

import os
import subprocess
import sys

import pytest

from fixtures.service import SECRET
from holdfast.store.embedded import EmbeddedStores

pytestmark = pytest.mark.crash


@pytest.fixture(scope="module")
def cli(tmp_path_factory):
    data = tmp_path_factory.mktemp("cli") / "data"
    known = {k: v for k, v in os.environ.items() if not k.endswith(("_URL", "_KEY"))}
    environment = known | {"HOLDFAST_DATA": str(data), "HOLDFAST_SECRET": SECRET, "COLUMNS": "200"}

    def run(*arguments, code=0, stdin=None):
        done = subprocess.run(
            [sys.executable, "-m", "holdfast", *arguments],
            env=environment,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout if code == 0 else done.stdout + done.stderr

    run("migrate")  # starts the stores and stops them again, as every command alone does
    with EmbeddedStores.acquire(data):
        yield run


def test_the_commands_one_needs_first(cli, tmp_path):
    assert cli("--version").startswith("holdfast ")
    assert "already" in cli("migrate")
    assert "join code study-1" in cli("cohort", "create", "Study", "--join-code", "study-1", "--seed", "7")
    assert "exists" in cli("cohort", "create", "Study", code=5)
    code, arm = cli("student", "add", "Žofia Ň.", "--cohort", "Study", "--consent").split()
    assert arm in {"A", "B"}
    assert "consent" in cli("student", "add", "Bob", "--cohort", "Study", code=2)
    assert "no cohort" in cli("student", "add", "Bob", "--consent", "--cohort", "Other", code=4)
    file = tmp_path / "students.csv"
    file.write_text("name,email\nAda,ada@example.org\nX,\nBob,not an address\n")
    refused = cli("student", "import", str(file), "--cohort", "Study", "--consent", code=2)
    assert "line 3: name" in refused and "line 4: email" in refused and "nothing was imported" in refused
    assert "1 students registered, 2 lines refused" in cli(
        "student", "import", str(file), "--cohort", "Study", "--consent", "--partial", code=2
    )
    listed = cli("student", "list", "--cohort", "Study")
    assert "Žofia Ň." in listed and "ada@example.org" in listed and "Bob" not in listed
    assert "Study" in cli("cohort", "list")
    token = cli("token", "issue", "--role", "student", "--student", code).strip()
    assert token.count(".") == 2
    assert "--student" in cli("token", "issue", "--role", "student", code=2)
    assert "--yes" in cli("student", "erase", code, code=2)
    assert "erased" in cli("student", "erase", code, "--yes")
    assert "no such student" in cli("student", "erase", code, "--yes", code=4)


def test_scenarios(cli, tmp_path):
    listed = cli("scenario", "list")
    assert len(listed.strip().splitlines()) == 5
    text = cli("scenario", "show", "asthma_patient_v2.0_final")
    mine = tmp_path / "mine.yaml"
    mine.write_text(text)
    assert "is valid" in cli("scenario", "validate", str(mine))
    broken = tmp_path / "broken.yaml"
    broken.write_text(text.replace("heart_rate: ", "heart_rate: fast # ", 1))
    assert "line" in cli("scenario", "validate", str(broken), code=2)
    changed = tmp_path / "changed.yaml"
    changed.write_text(
        text.replace("asthma_acute_severe", "my_asthma").replace("aliases:", "aliases: []\nx_aliases:", 1)
    )
    assert "x_aliases" in cli("scenario", "validate", str(changed), code=2)


def test_accounts_and_settings(cli):
    cli(
        "account",
        "add",
        "boss@example.org",
        "--name",
        "The Boss",
        "--role",
        "admin",
        stdin="a long password\n",
    )
    assert "at least 12" in cli("account", "add", "x@example.org", "--name", "Xy", stdin="short\n", code=2)
    shown = cli("settings")
    assert "HOLDFAST_SECRET\t(set)" in shown and SECRET not in shown


def test_verify_and_record(cli):
    assert "0 sessions verified, 0 contradictions" in cli("session", "verify")
    cli("cohort", "create", "Recorded")
    code = cli("student", "add", "Recorded One", "--consent", "--cohort", "Recorded").split()[0]
    assert "no such session" in cli("student", "record", code, code=4)
