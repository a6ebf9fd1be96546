"""The commands: importing, listing, exporting and calibrating banks; verifying and simulating tests."""

import asyncio
import json
import random
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fixtures.banks import bank
from fixtures.service import SECRET
from holdfast.cli.main import app

LSAT6 = """item,a,b
1,0.82565952,-3.35881114
2,0.72274420,-1.37005762
3,0.89087453,-0.27966623
4,0.68836797,-1.86638103
5,0.65685594,-3.12590680
"""
"""Two-parameter estimates of the five LSAT items, as the R package ltm prints them."""


@pytest.fixture
def holdfast(database_url, stores, monkeypatch, tmp_path):
    """Run a command in this process; the result."""
    known = {"DATABASE_URL": database_url, "REDIS_URL": stores.redis_url, "HOLDFAST_SECRET": SECRET}
    for name, value in (known | {"HOLDFAST_DATA": str(tmp_path / "data"), "AGENT": "scripted"}).items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)

    async def run(*arguments):
        return await asyncio.to_thread(CliRunner().invoke, app, [str(a) for a in arguments])

    return run


def _write(path: Path, questions, **facts):
    path.write_text(json.dumps(facts | {"questions": questions}))
    return path


async def test_import_list_export_and_import_again(holdfast, tmp_path):
    file = _write(tmp_path / "bank.json", bank(6), name="Spring", concept_names=["algebra", "logic"])
    done = await holdfast("questions", "import", file)
    assert done.exit_code == 0, done.output
    assert "6 added, 0 changed, 0 unchanged (6 active)" in done.output
    again = await holdfast("questions", "import", file, "--pool", "Spring")
    assert "0 added, 0 changed, 6 unchanged" in again.output
    assert "Spring" in (await holdfast("questions", "list")).output
    listed = (await holdfast("questions", "list", "Spring")).output
    assert listed.splitlines()[1].startswith("item-000\t1\tactive")
    for form in ("csv", "json", "zip"):
        out = tmp_path / f"out.{form}"
        assert (await holdfast("questions", "export", "Spring", "--to", out)).exit_code == 0
        back = await holdfast("questions", "import", out, "--pool", "Spring")
        assert "0 added, 0 changed, 6 unchanged" in back.output, form
    assert (await holdfast("questions", "export", "Autumn")).exit_code == 4


async def test_a_wrong_file_imports_nothing_unless_partial(holdfast, tmp_path):
    questions = bank(4)
    questions[1]["correct_answer"] = "nowhere"
    file = _write(tmp_path / "bank.json", questions)
    refused = await holdfast("questions", "import", file, "--pool", "p")
    assert refused.exit_code == 2
    assert "bank.json questions.1: correct_answer: must be one of the options" in refused.output
    assert "nothing was imported" in refused.output
    assert (await holdfast("questions", "list", "p")).exit_code == 4
    partly = await holdfast("questions", "import", file, "--pool", "p", "--partial")
    assert partly.exit_code == 0
    assert "questions.1: correct_answer" in partly.output
    assert "3 added" in partly.output


async def test_lsat6_is_calibrated_into_new_versions(holdfast, tmp_path):
    """The five LSAT items from the published patterns, within 1e-4 of the converged estimates."""
    blank = {"difficulty": None, "discrimination": None}
    questions = [q | blank | {"id": str(n), "concepts": []} for n, q in enumerate(bank(5), 1)]
    file = _write(tmp_path / "lsat.json", questions, name="LSAT", parameterisation="a(theta-b)")
    assert (await holdfast("questions", "import", file)).exit_code == 0
    table = tmp_path / "lsat6.csv"
    table.write_text(_patterns())
    dry = await holdfast("questions", "calibrate", "LSAT", "--responses", table, "--dry-run")
    assert dry.exit_code == 0, dry.output
    assert "log-likelihood -2466.6534" in dry.output and "nothing stored" in dry.output
    done = await holdfast("questions", "calibrate", "LSAT", "--responses", table, "--activate")
    assert done.exit_code == 0, done.output
    out = tmp_path / "out.json"
    await holdfast("questions", "export", "LSAT", "--to", out)
    found = {q["id"]: q for q in json.loads(out.read_text())["questions"]}
    for line in LSAT6.splitlines()[1:]:
        item, a, b = line.split(",")
        assert found[item]["discrimination"] == pytest.approx(float(a), abs=1e-4)
        assert found[item]["difficulty"] == pytest.approx(float(b), abs=1e-4)
        assert found[item]["status"] == "active"
    unchanged = await holdfast("questions", "import", file)
    assert "5 unchanged" in unchanged.output
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("1,2\n1,x\n")
    refused = await holdfast("questions", "calibrate", "LSAT", "--responses", wrong)
    assert refused.exit_code == 2
    assert "wrong.csv line 2 2: 'x' is not 1, 0 or empty" in refused.output


def _patterns():
    """Bock and Lieberman's (1970) 1,000 response patterns with their counts."""
    counts = {
        "00000": 3, "00001": 6, "00010": 2, "00011": 11, "00100": 1, "00101": 1, "00110": 3, "00111": 4,
        "01000": 1, "01001": 8, "01011": 16, "01101": 3, "01110": 2, "01111": 15, "10000": 10, "10001": 29,
        "10010": 14, "10011": 81, "10100": 3, "10101": 28, "10110": 15, "10111": 80, "11000": 16,
        "11001": 56, "11010": 21, "11011": 173, "11100": 11, "11101": 61, "11110": 28, "11111": 298,
    }  # fmt: skip
    lines = [f"{','.join(pattern)},{count}" for pattern, count in counts.items()]
    return "\n".join(["1,2,3,4,5,count", *lines, ""])


async def test_pretest_questions_come_onto_the_scale_of_the_others(holdfast, tmp_path):
    rng = random.Random(5)
    questions = bank(8)
    truth = {q["id"]: (q["discrimination"], q["difficulty"]) for q in questions}
    for question in questions[6:]:
        question |= {"difficulty": None, "discrimination": None, "status": "pretest"}
    file = _write(tmp_path / "bank.json", questions, name="p", parameterisation="a*theta-b")
    await holdfast("questions", "import", file)
    lines = [",".join(truth)]
    for _ in range(1500):
        theta = rng.gauss(0.5, 1)
        chances = (1 / (1 + 2.718281828459045 ** -(a * theta - b)) for a, b in truth.values())
        lines.append(",".join(str(int(rng.random() < chance)) for chance in chances))
    table = tmp_path / "answers.csv"
    table.write_text("\n".join(lines))
    done = await holdfast("questions", "calibrate", "p", "--responses", table)
    assert done.exit_code == 0, done.output
    assert "6 anchors, 2 new versions" in done.output
    await holdfast("questions", "export", "p", "--to", tmp_path / "out.json")
    found = {q["id"]: q for q in json.loads((tmp_path / "out.json").read_text())["questions"]}
    for question in questions[6:]:
        a, b = truth[question["id"]]
        assert found[question["id"]]["discrimination"] == pytest.approx(a, abs=0.3)
        assert found[question["id"]]["difficulty"] == pytest.approx(b, abs=0.3)
        assert found[question["id"]]["status"] == "pretest"


async def test_a_test_is_simulated_from_a_file_and_from_a_pool(holdfast, tmp_path):
    file = _write(tmp_path / "bank.json", bank(60), name="sim", concept_names=["a", "b"])
    rules = tmp_path / "rules.yaml"
    rules.write_text("stopping: {minimum: 10, maximum: 10}\nexposure: {rate: 0.4}\n")
    out = tmp_path / "report"
    arguments = ("--examinees", 200, "--rules", rules, "--seed", 7)
    done = await holdfast("test", "simulate", file, *arguments, "--to", out)
    assert done.exit_code == 0, done.output
    names = {path.name for path in out.iterdir()}
    assert {"simulation.json", "measures.csv", "bands.csv", "exposure.csv", "accuracy.png"} <= names
    report = json.loads((out / "simulation.json").read_text())
    assert report["rules"]["exposure"]["rate"] == 0.4
    values = {m["name"]: m["value"] for m in report["measures"]}
    assert 0.2 < values["rmse"] < 0.8
    assert values["mean_length"] == 10
    await holdfast("questions", "import", file)
    stored = await holdfast("test", "simulate", "sim", *arguments)
    assert stored.output.splitlines()[:-1] == done.output.splitlines()[: len(stored.output.splitlines()) - 1]
    assert (await holdfast("test", "simulate", file, "--examinees", 0)).exit_code == 2
    rules.write_text("magic: 1\n")
    assert (await holdfast("test", "simulate", file, "--rules", rules)).exit_code == 2


async def test_verify_tells_what_contradicts(holdfast, world, upload, take, database):
    await upload(bank(12))
    client, _ = await world.student()
    started = (await client.post("/api/test/start", {})).json()
    await take(client, started, most=3)
    done = await holdfast("test", "verify")
    assert done.exit_code == 0, done.output
    assert "1 tests verified, 0 contradictions" in done.output
    async with database.connection() as connection:
        await connection.execute("UPDATE holdfast.test_responses SET ability_after = 0 WHERE position = 2")
    found = await holdfast("test", "verify", started["session_id"])
    assert found.exit_code == 1
    assert found.output.split()[:3] == [started["session_id"], "position", "2"]
    assert (await holdfast("test", "verify", "nobody")).exit_code == 4
