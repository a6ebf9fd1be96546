"""Cohorts in the database as a dataset: a really played study, compared with the students' own records."""

from __future__ import annotations

import asyncio

import polars as pl
import pytest

from holdfast.kit.errors import Conflict, InvalidInput, NotFound
from holdfast.operations.simulated_students.player import Knowledge, Player
from holdfast.operations.simulated_students.skill import student_of
from holdfast.programs.simulation.record import student_record
from holdfast.research.codebook import TABLES
from holdfast.research.collecting import collect
from holdfast.research.dataset import schema_of
from holdfast.research.deidentification import StudyKey
from holdfast.research.sources.database import CohortsInDatabase
from holdfast.research.sources.options import Options

KEY = StudyKey(b"a secret of sixteen bytes or more", "default")
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
    name = await cohort_of(world)
    async with world.services.database.connection() as connection:
        people = await connection.fetch("SELECT name, email, student_code, student_id FROM holdfast.students")
        everybody = " ".join(f"{p['name']} <{p['email']}> {p['student_code']}" for p in people)
        await connection.execute("UPDATE holdfast.messages SET content = content || ' ' || $1", everybody)
        await connection.execute(
            "UPDATE holdfast.simulation_occurrences SET detail = detail || jsonb_build_object("
            "'name', $1::text, 'reason', $1, 'title', $1, 'explanation', $1, 'question', $1, 'context', $1,"
            "'response', $1, 'action', $1)",
            everybody,
        )
    for options in (Options(KEY), Options(KEY, with_text=True)):
        place = tmp_path / str(options.with_text)
        dataset = await collect(source(world, name), place, options)
        text = (
            " ".join(str(dataset.read(t.name).to_dicts()) for t in TABLES)
            + (place / "intake.json").read_text()
        )
        for person in people:
            for secret in (
                person["name"],
                person["email"],
                person["student_code"],
                str(person["student_id"]),
            ):
                assert not secret or secret.casefold() not in text.casefold(), secret
        assert ("content" in dataset.read("messages").columns) == options.with_text
    assert dataset.intake.masked["messages"] > 0


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
