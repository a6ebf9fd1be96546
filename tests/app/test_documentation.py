"""What the manual tells a reader to type works, and the examples in it are true."""

import asyncio
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
import yaml

from holdfast.core.cohorts import parse_plan
from holdfast.programs.simulation import engine
from holdfast.programs.simulation.interpreter import Vocabulary, interpret
from holdfast.programs.simulation.planning import simulation_plan
from holdfast.programs.simulation.scenario import library, notation
from holdfast.programs.simulation.scenario.loading import parse
from holdfast.programs.simulation.scenario.publishing import json_schema
from holdfast.store.embedded import EmbeddedStores

DOCS = Path(__file__).parents[2] / "docs"


def blocks(page, language):
    text = (DOCS / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


@pytest.mark.crash
async def test_the_session_of_the_guide_can_be_played(start_server, database_url, stores, tmp_path):
    for program in ("bash", "curl", "python3"):
        if shutil.which(program) is None:
            pytest.skip(f"the commands of the guide need {program}")
    tried = [block for block in blocks("api.md", "bash") if block.startswith("# try\n")]
    assert len(tried) >= 8
    server = start_server(database_url=database_url, redis_url=stores.redis_url)
    programs = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    known = {"PATH": programs, "HOLDFAST": server.url, "HOLDFAST_DATA": str(tmp_path / "data")}
    done = await asyncio.to_thread(
        subprocess.run,
        ["bash", "-euo", "pipefail", "-c", "\n".join(tried)],
        env=server.environment | known,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert re.findall(r'"code":"(\w+)"', done.stdout) == ["wrong_step"], "one refusal, the one that is shown"
    assert re.search(r'"vitals":{"SpO2":\d', done.stdout)
    assert "event: delta" in done.stdout
    streamed, repeated = re.findall(r'"messageSeq":13,"replySeq":(\d+)', done.stdout)
    assert streamed == repeated
    assert '"sessionComplete":true' in done.stdout
    assert '"sessionCompleted":"' in done.stdout, "the record"
    assert '"scenario_queue":["asthma","stemi"]' in done.stdout, "the cohort with a plan"
    assert '"expiresAt":"' in done.stdout.splitlines()[-1], "the one-time link"


@pytest.fixture(scope="module")
def example():
    (text,) = blocks("scenarios.md", "yaml")
    return text


def test_the_example_scenario_is_valid(example):
    assert parse(example, source="docs/scenarios.md").id == "hypoglycaemia"
    check = jsonschema.Draft202012Validator(json_schema())
    assert [error.message for error in check.iter_errors(notation.read(example).data)] == []


def test_the_example_scenario_plays(example):
    scenario = parse(example, source="docs/scenarios.md")
    vocabulary = Vocabulary.of(scenario)
    arrival = engine.begin(scenario, seed=1, challenges=False)
    alone, _ = engine.advance(scenario, arrival, 500)
    assert alone.patient_state == "unconscious"
    cared = arrival
    for at_s, text in (
        (20, "Check his blood sugar"),
        (40, "Give 15 g of oral glucose"),
        (300, "GCS, glucose"),
    ):
        cared, _ = engine.act(scenario, cared, interpret(vocabulary, text), at_s)
    assert cared.patient_state == "awake"
    assert (set(cared.done), dict(cared.rated)) == ({"measure", "sugar"}, {"recheck": "optimal"})
    assert engine.measured(cared).keys() == {"glucose", "gcs"}
    rested, _ = engine.advance(scenario, cared, 1000)
    assert rested.outcome == "stabilised"


def test_the_example_scenario_knows_what_is_unsafe(example):
    scenario = parse(example, source="docs/scenarios.md")
    vocabulary = Vocabulary.of(scenario)

    def errors(text, at_s):
        state, _ = engine.act(
            scenario, engine.begin(scenario, seed=1, challenges=False), interpret(vocabulary, text), at_s
        )
        return state.errors

    assert errors("Give 15 g glucose gel orally", 30) == 0
    assert errors("Give 15 g glucose gel orally", 700) == 1, "he cannot swallow by then"
    assert errors("Give 150 ml glucose 10 % IV", 30) == 1, "there is no cannula"
    assert errors("Give 10 units of insulin subcutaneously", 30) == 1


def test_the_example_plan_is_a_plan():
    (text,) = blocks("simulation.md", "yaml")
    plan = parse_plan(yaml.safe_load(text))
    section = simulation_plan(plan)
    assert plan.programs == ("simulation",)
    assert plan.opens_at < plan.closes_at
    assert all(library.find(name) for name in section.scenario_queue)
    assert section.challenges_for("A", asked=None)
    assert not section.challenges_for("B", asked=True)


@pytest.mark.crash
def test_the_backup_of_the_manual_can_be_restored(tmp_path):
    unset = ("DATABASE_URL", "REDIS_URL", "HOLDFAST_DATA", "HOLDFAST_SECRET")
    environment = {name: value for name, value in os.environ.items() if name not in unset}

    def run(*arguments, data=".holdfast"):
        command = [sys.executable, *arguments]
        known = environment | {"HOLDFAST_DATA": data}
        done = subprocess.run(
            command, env=known, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    backup, restore = blocks("operations.md", "python")
    holdfast = ("-m", "holdfast")
    with EmbeddedStores.acquire(tmp_path / ".holdfast"):  # so that they need not be started for each command
        run(*holdfast, "cohort", "create", "Study")
        run(*holdfast, "student", "add", "Ada Test", "--cohort", "Study", "--consent")
        before = run(*holdfast, "student", "list")
        (tmp_path / "backup.py").write_text(backup, encoding="utf-8")
        run("backup.py")
    with EmbeddedStores.acquire(tmp_path / "restored"):
        (tmp_path / "restore.py").write_text(restore, encoding="utf-8")
        run("restore.py")
        after = run(*holdfast, "student", "list", data="restored")
        assert "0 contradictions" in run(*holdfast, "session", "verify", data="restored")
    assert "Ada Test" in before
    assert after == before
