"""The weekly summary: when it is due, what it counts, and that it shows no outcome."""

from datetime import UTC, datetime, timedelta

import pytest
import typer
from typer.testing import CliRunner

from holdfast.app.jobs import write_weekly_summary
from holdfast.cli import research_summary
from holdfast.research.report.as_text import as_text
from holdfast.research.report.summarising import due, named, summarise
from holdfast.research.report.summary import ArmStanding, CohortStanding, summary_of

MONDAY = datetime(2026, 11, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "now", "end"),
    [
        ("monday", MONDAY + timedelta(hours=3), MONDAY),
        ("monday", MONDAY + timedelta(days=6, hours=23), MONDAY),
        ("monday", MONDAY - timedelta(seconds=1), MONDAY - timedelta(days=7)),
        ("sunday", MONDAY, MONDAY - timedelta(days=1)),
        ("off", MONDAY, None),
    ],
)
def test_a_week_is_due_from_its_day_on_until_it_is_written(tmp_path, day, now, end):
    assert due(day, now, tmp_path) == end
    if end:
        named(tmp_path, end, "html").touch()
        assert due(day, now, tmp_path) is None


def test_attrition_is_told_by_arm_and_no_outcome_is(tmp_path):
    arms = (ArmStanding("A", 10, 1, 6, 1, 4, 2, 2, 1), ArmStanding("B", 8, 0, 5, 0, 5, 0, 3, 0))
    standing = CohortStanding("au\x07tumn *1*", arms, {"sessions": 17, "several": 1})
    text = as_text(summary_of((standing,), MONDAY - timedelta(days=7), MONDAY))
    assert max(map(len, text.splitlines())) <= 80
    assert "1. COHORT AU TUMN *1*" in text
    attrition = next(line for line in text.splitlines() if line.startswith("Attrition"))
    assert attrition.split() == ["Attrition", "30.0", "%", "0.0", "%"]
    assert "students with several sessions of one program" in text
    assert not any(word in text.lower() for word in ("score", "mean", "p =", "difference"))


async def test_the_job_writes_what_the_database_holds_once(make_world, tmp_path):
    async with make_world(data=tmp_path / "data") as world:
        ada, _ = await world.student("Ada Test", email="ada@example.com")
        await world.session(ada)
        await world.student("Ben Test", email="ben@example.com")
        soon = datetime.now(UTC) + timedelta(minutes=1)
        paths = await summarise(world.services.database, tmp_path / "here", soon)
        assert await write_weekly_summary(world.services) == 2
        assert await write_weekly_summary(world.services) == 0
    text = " ".join(paths[0].read_text("utf-8").split())
    assert "2 students are enrolled, 2 of them since the beginning of the period" in text
    assert "Not begun" in text and "Ada" not in text and "example.com" not in text
    assert paths[1].read_text("utf-8").startswith("<!doctype html>")
    assert {path.name for path in (tmp_path / "here").iterdir()} == {path.name for path in paths}
    assert len(list((tmp_path / "data" / "reports").iterdir())) == 2


def test_the_command_names_its_options():
    research = typer.Typer()
    research_summary.install(research)
    research.callback()(lambda: None)
    shown = CliRunner().invoke(research, ["summary", "--help"])
    assert shown.exit_code == 0 and "--days" in shown.output and "--out" in shown.output
