"""Cohorts in the database as a dataset: a really played study, compared with the students' own records."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import polars as pl
import pytest

from fixtures.decoded import decoded
from fixtures.planted import plant, rows_of_every_program
from holdfast.kit.errors import Conflict, InvalidInput, NotFound
from holdfast.operations.simulated_students.player import Knowledge, Player
from holdfast.operations.simulated_students.skill import student_of
from holdfast.programs.simulation.record import student_record
from holdfast.research.codebook import TABLES
from holdfast.research.collecting import collect
from holdfast.research.dataset import Dataset, schema_of
from holdfast.research.deidentification import StudyKey
from holdfast.research.plan.default import default_plan
from holdfast.research.plan.document import write_plan
from holdfast.research.service import Wish, export_cohorts
from holdfast.research.sources.database import CohortsInDatabase
from holdfast.research.sources.options import Options

KEY = StudyKey(b"a secret of sixteen bytes or more", "default")
SECRET = b"a secret of this installation, for tests"
SCALE = 300.0


async def played(world, count):
    """Students who play their whole session, all at once."""
    knowledge = Knowledge()
    players = [
        Player(
            "http://holdfast.test",
            world.http,
            student_of(1, number),
            time_scale=SCALE,
            knowledge=knowledge,
            pace=0,
        )
        for number in range(1, count + 1)
    ]
    await asyncio.gather(*(player.play(None) for player in players))
    return players


async def cohort_of(world):
    async with world.services.database.connection() as connection:
        return await connection.fetchval("SELECT name FROM holdfast.cohorts LIMIT 1")


@pytest.fixture
async def study(make_world):
    async with make_world(time_scale=SCALE) as world:
        players = await played(world, 2)
        never, _ = await world.student("Never Begun")
        begun, _ = await world.student("Half Done", email="half@example.com")
        session = await world.session(begun)
        await world.to_scenario(begun, session)
        await begun.say(session, "My name is Half Done, write to half@example.com about oxygen.")
        gone, _ = await world.student("Gone Away")
        await gone.post("/api/student/consent/withdraw")
        yield world, players


def source(world, *cohorts):
    return CohortsInDatabase(world.services.database, cohorts)


async def test_a_played_study_as_a_dataset(study, tmp_path):
    """One study, since playing takes the time: looked at from every side, and spoilt only in the end."""
    world, players = study
    await comes_out_whole(world, players, tmp_path / "whole")
    await gives_the_same_again(world, tmp_path / "again")
    await refuses_what_is_not_there(world, tmp_path / "refused")
    await names_nobody(world, tmp_path / "hidden")


async def comes_out_whole(world, players, tmp_path):
    name = await cohort_of(world)
    dataset = await collect(source(world, name), tmp_path / "data", Options(KEY, identified=True))
    intake = dataset.intake
    assert (intake.found, intake.loaded, intake.excluded) == (5, 4, {"consent withdrawn": 1})
    assert intake.unfinished == 2
    for table in TABLES:
        assert dataset.read(table.name).schema == schema_of(table)
    for player in players:
        await compare_with_record(world, dataset, player)
    never = dataset.read("performance_metrics").filter(pl.col("session_id").is_null())
    assert never.select("overall_score", "medication_errors").rows() == [(None, None)]


async def compare_with_record(world, dataset, player):
    overview = dataset.read("students_overview").filter(pl.col("student_code") == player.student_code)
    student = overview["student_id"].item()
    own = {t.name: dataset.read(t.name).filter(pl.col("student_id") == student) for t in TABLES}
    async with world.services.database.connection() as connection:
        record = await student_record(connection, world.services.catalog, student)
    metrics = own["performance_metrics"].row(0, named=True)
    performance, totals = record["performance"], record["metadata"]["totals"]
    assert metrics["overall_score"] == performance["overallScore"] == totals["overallScore"]
    assert metrics["total_cdps"] == performance["totalCDPs"]
    assert metrics["not_performed_decisions"] == performance["breakdown"]["notPerformed"]
    assert metrics["safety_score"] == performance["safetyScore"] == totals["safetyScore"]
    assert metrics["critical_actions_missed"] == totals["criticalActionsMissed"]
    assert metrics["critical_actions_completed"] == totals["criticalActionsCompleted"]
    assert metrics["critical_actions_count"] == len(record["criticalActions"])
    assert metrics["medication_errors"] == len(record["metadata"]["medicationErrors"])
    assert metrics["challenge_points_count"] == totals["challengePointsCount"]
    assert own["messages"].height == len(record["messages"]) == overview["total_messages"].item()
    assert own["messages"]["content"].to_list() == [line["content"] for line in record["messages"]]
    assert own["aar_transcripts"].height == len(record["aarTranscript"]) > 0
    assert own["vital_signs"].height == len(record["vitalSigns"])
    assert own["vital_signs"]["diastolic"].null_count() == 0
    assert own["challenge_points_usage"].height == len(record["challengePoints"])
    assert own["cdp_evaluations"].height == sum(len(s["cdpEvaluations"]) for s in record["scenarios"])
    assert own["state_history"].height == sum(len(s["stateHistory"]) for s in record["scenarios"])
    assert own["pattern_analysis"].height == 18
    assert own["medications_administered"].height > 0
    scenarios = own["scenario_performance"]
    assert scenarios["score"].to_list() == [s["performance"]["overallScore"] for s in record["scenarios"]]
    assert scenarios["duration_s"].to_list() == [s["durationSeconds"] for s in record["scenarios"]]
    assert scenarios["final_hr"].to_list() == [s["finalVitals"]["HR"] for s in record["scenarios"]]
    actions = own["critical_actions_timeline"]
    assert actions["action_type"].to_list() == [entry["action"] for entry in record["criticalActions"]]
    assert actions["elapsed_s"].to_list() == [entry["elapsedTime"] for entry in record["criticalActions"]]


async def names_nobody(world, tmp_path):
    """Everybody's name, address and code, planted wherever words are kept, are in no file of a bundle."""
    database = world.services.database
    async with database.transaction() as connection:
        people = await connection.fetch("SELECT name, email, student_code, student_id FROM holdfast.students")
        everybody = " ".join(f"{p['name']} <{p['email']}> {p['student_code']}" for p in people)
        await rows_of_every_program(connection)
        await plant(connection, everybody)
        cohort = await connection.fetchval("SELECT name FROM holdfast.cohorts LIMIT 1")
    assert people[0]["name"] in cohort
    secrets = {
        str(value).casefold()
        for person in people
        for value in (person["name"], person["email"], person["student_code"], person["student_id"])
        if value
    }
    for with_text in (False, True):
        place = tmp_path / str(with_text)
        wish = Wish(place, with_text=with_text, report=not with_text)
        await export_cohorts(database, SECRET, [cohort], wish, lambda *_: None, actor="test")
        dataset, seen = Dataset(place / "parquet"), set()
        known = {dataset.read("students_overview")["student_id"][0], "group a"}
        for file, text in decoded(place):
            for secret in secrets:
                assert secret not in text, (file, secret, text[max(0, text.find(secret) - 200) :][:400])
            if any(word in text for word in known):  # what is there is found: the search is not blind
                seen.add(Path(file).suffix)
        assert {".parquet", ".csv", ".xlsx", ".sav", ".dta"} <= seen
        assert with_text or {".html", ".json", ".txt", ".toml"} <= seen
        assert with_text or shutil.which("pdftotext") is None or ".pdf" in seen
        assert ("content" in dataset.read("messages").columns) == with_text
        empty = {table.name for table in TABLES if not dataset.read(table.name).height}
        assert empty <= {"adaptive_responses", "challenge_points_usage"}  # those hold no words of people
        assert dataset.intake.title == dataset.intake.cohorts[0] != cohort
        assert set(dataset.read("students_overview")["cohort"]) == set(dataset.intake.cohorts)
    assert dataset.intake.masked["messages"] > 0
    for person in people:
        await refuses_a_plan_with_a_name(database, cohort, person["name"], tmp_path / "plan")


async def refuses_a_plan_with_a_name(database, cohort, name, place):
    plan = write_plan(default_plan(title=f"As {name.upper()} would have it"))
    wish = Wish(place, plan=plan, report=False)
    with pytest.raises(InvalidInput, match="names somebody"):
        await export_cohorts(database, SECRET, [cohort], wish, lambda *_: None, actor="test")
    assert not place.exists()


async def gives_the_same_again(world, tmp_path):
    name = await cohort_of(world)
    first = await collect(source(world, name), tmp_path / "one", Options(KEY))
    again = await collect(source(world, name), tmp_path / "two", Options(KEY))
    for table in TABLES:
        file = f"{table.name}.parquet"
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()
    other = await collect(source(world, name), tmp_path / "three", Options(StudyKey(b"x" * 16, "default")))
    one, three = (set(d.read("students_overview")["student_id"]) for d in (first, other))
    assert not one & three
    assert set(again.read("messages")["student_id"]) <= one


async def refuses_what_is_not_there(world, tmp_path):
    name = await cohort_of(world)
    with pytest.raises(NotFound, match="nowhere"):
        await collect(source(world, "nowhere"), tmp_path / "a", Options(KEY))
    with pytest.raises(InvalidInput):
        await collect(source(world), tmp_path / "b", Options(KEY))
    await collect(source(world, name), tmp_path / "c", Options(KEY))
    with pytest.raises(Conflict):
        await collect(source(world, name), tmp_path / "c", Options(KEY))
