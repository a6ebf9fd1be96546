"""``holdfast research plan``, ``covariates`` and ``power``, as a researcher types them."""

import asyncio

import asyncpg
import pytest
import typer
from typer.testing import CliRunner

from fixtures.service import command_environment
from holdfast.cli import research_planning
from holdfast.core import cohorts, students
from holdfast.core.cohorts import NewCohort, Plan
from holdfast.research.plan.document import read_plan
from holdfast.store.database import Database

app = typer.Typer()
research_planning.install(app)


@pytest.fixture
def cli(database_url, stores, tmp_path, monkeypatch):
    """Run a command on the test's database, in a directory of its own."""
    monkeypatch.chdir(tmp_path)
    environment = command_environment(database_url, stores, tmp_path / "data")

    def run(*arguments, code=0):
        done = CliRunner().invoke(app, [str(one) for one in arguments], env=environment)
        assert done.exit_code == code, done.output
        return done.output

    return run


async def _study(database_url):
    database = Database(database_url)
    section = {"simulation": {"challenge_points": {"x": False, "y": True}}}
    async with database.transaction() as connection:
        new = NewCohort("Study", ("x", "y"), plan=Plan.model_validate(section))
        cohort = await cohorts.create(connection, new, actor="test")
        one = await students.register(
            connection, name="Ada Test", email=None, consent=True, cohort=cohort, actor="test"
        )
    await database.close()
    return one.student.student_code


def test_a_plan_from_its_beginning_to_its_registration(cli, database_url, tmp_path):
    asyncio.run(_study(database_url))
    cli("plan", "init", "--cohort", "Study")
    text = (tmp_path / "plan.toml").read_text(encoding="utf-8")
    plan = read_plan(text)
    assert (plan.title, plan.codes, plan.population.challenge_points) == ("Study", ("x", "y"), "y")
    assert "is there already" in cli("plan", "init", code=2)
    assert plan.sha256 in cli("plan", "check", "plan.toml")
    assert "before the first outcome" in cli("plan", "register", "plan.toml", "--cohort", "Study")
    listed = cli("plan", "list", "--cohort", "Study").splitlines()
    assert len(listed) == 2 and plan.sha256[:12] in listed[1]
    assert cli("plan", "show", listed[1].split("\t")[0]).strip() == text.strip()
    (tmp_path / "wrong.toml").write_text(text.replace("alpha = 0.05", "alpha = 5.0"), encoding="utf-8")
    assert "plan.analysis.alpha: line" in cli("plan", "check", "wrong.toml", code=2)
    assert "no cohort" in cli("plan", "register", "plan.toml", "--cohort", "Nowhere", code=4)
    assert "wrong.txt" in cli("plan", "check", "wrong.txt", code=2)


def test_covariates_are_imported_all_or_none(cli, database_url, tmp_path):
    code = asyncio.run(_study(database_url))
    file = tmp_path / "pretest.csv"
    file.write_text(f"student,pretest\n{code},3.5\nnobody,4\n", encoding="utf-8")
    assert "line 3: 'nobody'" in cli("covariates", "import", "--cohort", "Study", file, code=2)
    file.write_text(f"student,pretest\n{code},3.5\n", encoding="utf-8")
    assert "1 values of 1 students written" in cli("covariates", "import", "--cohort", "Study", file)
    assert "1 there already" in cli("covariates", "import", "--cohort", "Study", file)
    assert "either a file" in cli("covariates", "import", "--cohort", "Study", code=2)

    async def stored():
        connection = await asyncpg.connect(database_url)
        rows = await connection.fetch("SELECT name, value, source FROM holdfast.research_covariates")
        await connection.close()
        return [tuple(row) for row in rows]

    assert asyncio.run(stored()) == [("pretest", 3.5, "pretest.csv")]


def test_power_is_a_table():
    run = CliRunner().invoke
    told = run(app, ["power", "--effect", "0.5", "--power", "0.8"]).output
    assert "students to recruit (computed)\t64\t64" in told
    classes = run(
        app, ["power", "--effect", "0.5", "--power", "0.8", "--class-size", "20", "--icc", "0.05"]
    ).output
    assert "classes\t8\t8" in classes and "design effect\t1.950" in classes
    rates = run(app, ["power", "--control", "0.6", "--second", "0.8", "--students", "82"]).output
    assert "proportion\t0.6000\t0.8000" in rates and "power (computed)\t0.80" in rates
    for wrong in (["power"], ["power", "--effect", "0.5", "--students", "a"], ["power", "--second", "0.5"]):
        assert run(app, wrong).exit_code == 2
