"""Two small cohorts in one bundle, each with its own estimate; what was measured before reaches them."""

import asyncio
import json

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from fixtures.banks import bank
from fixtures.service import command_environment
from holdfast.cli.main import app
from holdfast.core import cohorts
from holdfast.core.cohorts import NewCohort
from holdfast.kit.errors import InvalidInput
from holdfast.research import service
from holdfast.research.export.formats import formats_in
from holdfast.research.service import Wish

COHORTS = ("Spring", "Autumn")
"""In the order in which they began, which is not that of their names."""
PLAN = """
version = 1
title = "Words"
[[arms]]
code = "B"
[[arms]]
code = "A"
[[outcomes]]
name = "words"
rank = "primary"
kind = "score"
table = "students_overview"
column = "total_messages"
label = "Messages"
definition = "Messages of both sides."
[population]
per_protocol = false
[analysis]
covariates = ["pretest", "ability"]
cluster = "cluster"
minimum_per_arm = 2
permutations = 999
bootstraps = 999
"""
BARE = {"report": False, "formats": formats_in("none")}


def _silent(done, total, what):
    pass


async def _cohort(world, name, pool):
    """Six students who took a test and then talked, each so often; the lines of their pretest."""
    async with world.services.database.transaction() as connection:
        made = await cohorts.create(connection, NewCohort(name, block_size=2, seed=7), actor="test")
    lines = ["student,class,pretest"]
    for number in range(6):
        client, told = await world.student(f"Zora Quux{name[0]}{number}", joinCode=made.join_code)
        await _tested(client, pool, right=number % 3)
        session = await world.session(client)
        for turn in range(1 + number % 3 + (told["group"] == "A") * (name == "Spring")):
            assert (await client.say(session, f"thought {turn}")).status_code == 200
        lines.append(f"{told['id']},room {number // 2},{number * 7 % 5 + number / 8}")
    return "\n".join(lines)


async def _tested(client, pool, *, right):
    body = {"question_pool_id": pool, "end_criteria": {"type": "fixed_length", "max_questions": 2}}
    state = (await client.post("/api/test/start", body)).json()
    session = state["session_id"]
    for turn in range(2):
        answer = {
            "session_id": session,
            "question_id": state["next_question"]["id"],
            "response": "right" if turn < right else "wrong",
        }
        response = await client.post("/api/test/submit", answer)
        assert response.status_code == 200, response.text
        state = response.json()


@pytest.fixture
async def study(world, database_url, stores, tmp_path, monkeypatch):
    """The world, its two cohorts, and a way to type commands."""
    monkeypatch.chdir(tmp_path)
    environment = command_environment(database_url, stores, tmp_path / "data")

    async def cli(*arguments, code=0):
        done = await asyncio.to_thread(CliRunner().invoke, app, ["research", *arguments], env=environment)
        assert done.exit_code == code, done.output
        return done.output

    uploaded = await world.staff("admin").post(
        "/api/questions/upload", {"pool_name": "Baseline", "questions": bank(8)}
    )
    pool = uploaded.json()["question_pool_id"]
    (tmp_path / "plan.toml").write_text(PLAN, encoding="utf-8")
    for name in COHORTS:
        (tmp_path / f"{name}.csv").write_text(await _cohort(world, name, pool), encoding="utf-8")
        await cli("covariates", "import", "--cohort", name, f"{name}.csv")
        await cli("covariates", "import", "--cohort", name, "--from-adaptive-test", "Baseline")
    return world, cli


async def _exported(world, out, **more):
    names = more.pop("names", COHORTS)
    wish = Wish(out, **{**BARE, **more})
    secret = b"a secret of this installation, for tests"
    return await service.export_cohorts(world.services.database, secret, names, wish, _silent, actor="test")


async def test_from_two_cohorts_to_one_report(study, tmp_path):
    """One study, since making it takes the time."""
    world, cli = study
    await cli("plan", "register", "plan.toml", "--cohort", "Autumn")
    out = tmp_path / "out"
    asked = ["export", "--cohort", "Spring", "--cohort", "Autumn", "--out", "out", "--formats", "csv"]
    said = await cli(*asked)
    assert ["found", "12"] in [line.split() for line in said.splitlines()]
    results = json.loads((out / "results.json").read_text(encoding="utf-8"))
    frame = _frame(out)
    _each_cohort(results, frame)
    _adjusted(results, frame)
    _clustered(results, frame)
    _told(out, results)
    await _plans(world, cli, tmp_path)
    with pytest.raises(InvalidInput, match="twice"):
        await _exported(world, tmp_path / "no", names=("Autumn", "Autumn"))
    await cli("export", "--cohort", "Autumn", "--cohort", "Winter", "--out", "no", code=4)
    assert not (tmp_path / "no").exists()


def _frame(out):
    covariates = pl.read_parquet(out / "parquet/baseline_covariates.parquet")
    assert covariates.height == 24
    assert set(covariates["source"]) == {"Autumn.csv", "Spring.csv", "adaptive test on Baseline"}
    overview = pl.read_parquet(out / "parquet/students_overview.parquet")
    assert overview.select("cohort", "cohort_order").unique().sort("cohort_order").rows() == [
        (name, number) for number, name in enumerate(COHORTS)
    ]
    wide = covariates.pivot("covariate", index="student_id", values="value")
    assert overview.group_by("cohort").len().sort("cohort").rows() == [("Autumn", 6), ("Spring", 6)]
    return overview.join(wide, on="student_id", validate="1:1").with_columns(
        y=pl.col("total_messages").cast(pl.Float64), treated=pl.col("ab_group") == "A"
    )


def _welch(frame):
    a, b = (frame.filter(pl.col("treated") == treated)["y"].to_numpy() for treated in (True, False))
    return a.mean() - b.mean(), a.var(ddof=1) / len(a) + b.var(ddof=1) / len(b)


def _each_cohort(results, frame):
    found = results["longitudinal"]
    assert [one["cohort"] for one in found["cohorts"]] == list(COHORTS)
    by_hand = [_welch(frame.filter(pl.col("cohort") == name)) for name in COHORTS]
    for one, (difference, variance) in zip(found["cohorts"], by_hand, strict=True):
        assert one["difference"]["estimate"] == pytest.approx(difference, abs=1e-12)
        assert one["difference"]["extra"]["se"] == pytest.approx(variance**0.5, rel=1e-12)
    weights = [1 / variance for _, variance in by_hand]
    pooled = sum(w * d for w, (d, _) in zip(weights, by_hand, strict=True)) / sum(weights)
    assert by_hand[0] != by_hand[1]
    assert found["summary"]["estimate"] == pytest.approx(pooled, rel=1e-12)
    assert found["summary"]["extra"]["method"] == "common"
    assert results["study"]["cohorts"] == sorted(COHORTS)


def _clustered(results, frame):
    """Rooms of one name in two cohorts are two classes."""
    assert sorted(set(frame["cluster"])) == ["room 0", "room 1", "room 2"]
    statistics = results["outcomes"][0]["populations"][0]["statistics"]
    cr2 = next(one for one in statistics if one["name"] == "cr2")
    assert (cr2["extra"]["clusters_treated"], cr2["extra"]["n_treated"]) == (6, 6)
    assert cr2["estimate"] == pytest.approx(_welch(frame)[0], abs=1e-12)


def _adjusted(results, frame):
    statistics = results["outcomes"][0]["populations"][0]["statistics"]
    lin = next(one for one in statistics if one["name"] == "lin")
    z = frame.select("pretest", "ability").to_numpy()
    assert np.linalg.matrix_rank(z - z.mean(axis=0)) == 2
    z = z - z.mean(axis=0)
    arm = frame["treated"].to_numpy().astype(float)
    design = np.column_stack([np.ones(len(arm)), arm, z, arm[:, None] * z])
    coefficients, *_ = np.linalg.lstsq(design, frame["y"].to_numpy(), rcond=None)
    assert lin["estimate"] == pytest.approx(coefficients[1], rel=1e-9)
    plain = next(one for one in statistics if one["name"] == "welch")
    assert lin["estimate"] != pytest.approx(plain["estimate"], rel=1e-6)


def _told(out, results):
    text = (out / "ab_testing_report.txt").read_text(encoding="utf-8")
    section = text[text.upper().index("SEVERAL COHORTS") :]
    assert all(name in section for name in COHORTS)
    summary = results["longitudinal"]["summary"]
    assert f"{summary['estimate']:.2f}" in section
    assert "Several cohorts" in (out / "report.html").read_text(encoding="utf-8")
    assert results["plan"]["status"] == "not_registered"
    assert ["not_registered", "cohort Spring"] in [
        [one["kind"], one["what"]] for one in results["deviations"]
    ]


async def _plans(world, cli, place):
    """The cohorts' plans agree, differ, or one of them has none: each is told."""
    await cli("plan", "register", "plan.toml", "--cohort", "Spring")
    facts = await _exported(world, place / "agreed")
    assert facts["analysis"]["plan_status"] == "registered"
    looks = json.loads((place / "agreed/results.json").read_text())["looks"]["looks"]
    assert len(looks) == 1  # the same students were looked at before: no new look
    (place / "other.toml").write_text(PLAN.replace("minimum_per_arm = 2", "minimum_per_arm = 3"))
    await cli("plan", "register", "other.toml", "--cohort", "Spring")
    with pytest.raises(InvalidInput, match="Autumn, Spring registered different plans"):
        await _exported(world, place / "refused")
    other = (place / "other.toml").read_text()
    facts = await _exported(world, place / "given", plan=other)
    assert facts["analysis"]["plan_status"] == "differs"
    results = json.loads((place / "given/results.json").read_text())
    assert "cohort Autumn: plan" in [one["what"] for one in results["deviations"]]
    again = service.analyse_again(place / "given", None, None, _silent)
    assert again.to_json() == (place / "given/results.json").read_text()
    async with world.services.database.connection() as connection:
        rows = await connection.fetch(
            "SELECT c.name, l.observed, count(*) FROM holdfast.research_looks l"
            " JOIN holdfast.cohorts c USING (cohort_id) GROUP BY 1, 2 ORDER BY 1"
        )
    assert [tuple(row) for row in rows] == [("Autumn", 6, 3), ("Spring", 6, 3)]
