"""A folder of students' files: every spelling, every broken file, and always the whole account."""

from __future__ import annotations

import asyncio
import json
import math
import os
from datetime import UTC, datetime

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from holdfast.kit.errors import InvalidInput
from holdfast.research.codebook import TABLES
from holdfast.research.collecting import collect
from holdfast.research.dataset import Dataset, Intake, schema_of
from holdfast.research.deidentification import StudyKey
from holdfast.research.sources import files as files_source
from holdfast.research.sources.file_chunks import read_chunk
from holdfast.research.sources.files import StudentFiles
from holdfast.research.sources.options import Options
from holdfast.research.sources.readings import Unreadable, duration_s, moment_us, pressure

KEY = StudyKey(b"a secret of sixteen bytes or more", "files")
IDENTIFIED = Options(KEY, identified=True)

STUDENT = {
    "studentId": "alice_smith_lx3k9p2m7",
    "studentName": "Alice Smith",
    "studentEmail": "alice@example.com",
    "group": "A",
    "sessionId": "session_17000000000_abc",
    "timestamps": {
        "registered": "2025-11-19T09:00:00Z",
        "sessionStarted": "2025-11-19T09:05:00Z",
        "sessionCompleted": "2025-11-19T10:15:30Z",
        "totalElapsed": "70 minutes 30 seconds",
    },
    "performance": {
        "overallScore": 87.5,
        "breakdown": {"optimal": 3, "acceptable": 0, "suboptimal": 1, "dangerous": 0},
        "totalCDPs": 4,
        "interpretation": "Good performance",
    },
    "scenarios": [
        {
            "scenarioId": "asthma_patient_v2.0_final",
            "scenarioTitle": "Acute Asthma Exacerbation",
            "duration": "20 minutes 15 seconds",
            "finalState": "improving",
            "finalVitals": {"heartRate": 96, "respiratoryRate": 20, "spO2": 97, "bloodPressure": "120/80"},
        }
    ],
    "criticalActions": [
        {"action": "treatment_given", "name": "oxygen", "timestamp": "2025-11-19T09:20:00Z",
         "details": {"dose": 15, "unit": "l_per_min", "note": "as Alice said"}},
    ],
    "challengePoints": [{"text": "Why?", "timestamp": "2025-11-19T09:21:00Z", "context": "oxygen"}],
    "aarTranscript": [{"role": "user", "content": "I am Alice Smith", "timestamp": "2025-11-19T10:00:00Z"}],
    "metadata": {"scenariosCompleted": 3, "totalMessages": 42, "challengePointsEnabled": True,
                 "sessionComplete": True, "medicationErrors": []},
}  # fmt: skip

OLD_SPELLINGS = {
    "student_id": "alice_smith_lx3k9p2m7",
    "student_name": "Alice Smith",
    "student_email": "alice@example.com",
    "ab_group": "A",
    "session_id": "session_17000000000_abc",
    "timestamps": {
        "registered_at": 1763542800000,
        "session_started": "2025-11-19T10:05:00+01:00",
        "session_completed": "2025-11-19 10:15:30",
        "total_elapsed": "1 h 10 min 30 s",
    },
    "performance": {
        "overall_score": 87.5,
        "breakdown": {"optimal_count": 3, "acceptable": 0, "suboptimal": 1, "dangerous": 0},
        "total_cdps": 4,
        "interpretation": "Good performance",
    },
    "scenarios": [
        {
            "scenario_id": "asthma_patient_v2.0_final",
            "title": "Acute Asthma Exacerbation",
            "totalTime": 1215,
            "final_state": "improving",
            "final_vitals": {"HR": 96, "RR": 20, "SpO2": 97, "BP": {"systolic": 120, "diastolic": 80}},
        }
    ],
    "criticalActionsLog": [
        {"action_type": "treatment_given", "treatment": "oxygen", "timestamp": 1763544000000,
         "detail": {"dose": 15, "unit": "l_per_min", "note": "as Alice said"}},
    ],
    "challengePointsUsed": [{"question": "Why?", "activatedAt": "2025-11-19T09:21:00Z", "context": "oxygen"}],
    "aar_transcript": [{"role": "user", "message": "I am Alice Smith", "timestamp": "2025-11-19T10:00:00Z"}],
    "metadata": {"scenarios_completed": 3, "total_messages": 42, "challenge_points_enabled": True,
                 "session_complete": True, "medication_errors": 0},
}  # fmt: skip


def write(folder, name, content):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    path.write_bytes(raw)
    return path


def student(name, **more):
    return STUDENT | {"studentId": name} | more


def collected(folder, out, options=IDENTIFIED) -> Dataset:
    return asyncio.run(collect(StudentFiles(folder), out, options))


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "students"
    place.mkdir()
    return place


def test_both_spellings_say_the_same(folder, tmp_path):
    write(folder, "one/a.json", STUDENT)
    write(folder, "two/a.json", OLD_SPELLINGS)
    new, old = (collected(folder / name, tmp_path / name) for name in ("one", "two"))
    for table in TABLES:
        assert new.read(table.name).equals(old.read(table.name)), table.name
        assert new.read(table.name).schema == schema_of(table)
    overview = new.read("students_overview").row(0, named=True)
    assert (overview["total_duration_s"], overview["session_completed"]) == (
        4230.0,
        datetime(2025, 11, 19, 10, 15, 30, tzinfo=UTC),
    )
    scenario = new.read("scenario_performance").row(0, named=True)
    assert (scenario["duration_s"], scenario["final_systolic"], scenario["final_diastolic"]) == (
        1215,
        120,
        80,
    )
    action = new.read("critical_actions_timeline").row(0, named=True)
    assert (action["dose"], action["details"]) == (15.0, '{"note":"as Alice said"}')
    assert new.read("medications_administered").height == 1


def test_a_students_record_of_holdfast_itself_is_read(folder, tmp_path):
    scenarios = [
        STUDENT["scenarios"][0]
        | {"scenarioIndex": 0, "durationSeconds": 1215.0, "outcome": "handed_over", "performance": {
            "overallScore": 80.0, "breakdown": {"optimal": 2, "acceptable": 1, "suboptimal": 0, "dangerous": 0,
                                                "notPerformed": 1}, "totalCDPs": 3, "safetyScore": 95.0,
            "checklistResults": {"points": 45.0, "maxPoints": 90.0, "completed": [{}, {}], "missed": [{}]}},
           "cdpEvaluations": [{"cdp_id": "d1", "rating": "optimal", "elapsedSeconds": 90.0, "elapsedTime": 1.5}],
           "stateHistory": [{"state": "improving", "elapsedTime": 60.0, "timeSinceStart": 1.0,
                             "vitals": {"HR": 90}}]}
    ]  # fmt: skip
    write(folder, "a.json", student("a", scenarios=scenarios))
    dataset = collected(folder, tmp_path / "out")
    row = dataset.read("scenario_performance").row(0, named=True)
    assert (row["score"], row["score_not_performed_zero"], row["not_performed_decisions"]) == (80.0, 68.75, 1)
    assert (row["critical_actions_missed"], row["checklist_percentage"]) == (1, 50.0)
    assert dataset.read("cdp_evaluations")["elapsed_s"].to_list() == [90.0]
    assert dataset.read("state_history")["heart_rate"].to_list() == [90.0]
    assert dataset.read("performance_metrics")["critical_actions_missed"].to_list() == [1]


HOSTILE = {
    "list.json": (b"[1, 2]", "Expected `object`, got `array`"),
    "empty.json": (b"", "empty"),
    "half.json": (b'{"studentId": "half", "scen', "incomplete"),
    "nan.json": (b'{"studentId": "n", "performance": {"overallScore": NaN}}', "NaN is no number"),
    "infinity.json": (b'{"studentId": "n", "performance": {"overallScore": -Infinity}}', "Infinity is no number"),
    "latin.json": ('{"studentId": "é"}'.encode("latin-1"), "not UTF-8"),
    "latin_elsewhere.json": ('{"studentId": "e", "unknown": "é"}'.encode("latin-1"), "not UTF-8"),
    "text_score.json": (student("t", performance={"overallScore": "80"}), "performance.overallScore"),
    "wrong_type.json": (student("w", scenarios={"a": 1}), "scenarios"),
    "no_id.json": ({"group": "A"}, "studentId"),
    "number_id.json": (student("x", studentId=7), "studentId"),
    "too_good.json": (student("g", performance={"overallScore": 140}), "140 is not possible (0 to 100)"),
    "spo2.json": (student("s", scenarios=[{"finalVitals": {"SpO2": 130}}]), "final_spo2: 130"),
    "negative.json": (student("m", metadata={"scenariosCompleted": -1}), "scenarios_completed: -1"),
    "deep.json": (b'{"studentId": "d", "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "recursion"),
}  # fmt: skip


def test_broken_files_are_put_aside_with_reasons_and_lose_nobody_else(folder, tmp_path):
    for name, (content, _) in HOSTILE.items():
        write(folder, name, content)
    write(folder, "zz_good.json", b"\xef\xbb\xbf" + json.dumps(student("good")).encode())
    write(folder, "notes.txt", b"no student")
    write(folder, ".hidden.json", b"{")
    intake = collected(folder, tmp_path / "out").intake
    assert (intake.found, intake.loaded) == (len(HOSTILE) + 1, 1)
    reasons = {refused.record: refused.reason for refused in intake.quarantined}
    for name, (_, wanted) in HOSTILE.items():
        assert wanted in reasons[name], (name, reasons[name])
    hidden = collected(folder, tmp_path / "hidden", Options(KEY)).intake
    assert [r.record for r in hidden.quarantined] == [f"file {n} of 16" for n in range(1, 16)]


def test_null_absent_and_zero_are_not_the_same(folder, tmp_path):
    write(folder, "a.json", {"studentId": "absent"})
    nulls = dict.fromkeys(STUDENT) | {"studentId": "null"}
    write(folder, "b.json", nulls)
    write(folder, "c.json", student("zero", performance={"overallScore": 0, "totalCDPs": 2}))
    write(folder, "d.json", student("nothing_rated", performance={"overallScore": 0, "totalCDPs": 0}))
    write(folder, "e.json", student("none", criticalActions=[], metadata={"medicationErrors": []}))
    dataset = collected(folder, tmp_path / "out")
    rows = {r["student_id"]: r for r in dataset.read("performance_metrics").rows(named=True)}
    assert [rows[n]["overall_score"] for n in ("absent", "null", "zero", "nothing_rated")] == [
        None,
        None,
        0,
        None,
    ]
    assert [rows[n]["medication_errors"] for n in ("absent", "null", "none")] == [None, None, 0]
    assert [rows[n]["critical_actions_count"] for n in ("absent", "null", "none")] == [None, None, 0]
    complete = dict(dataset.read("students_overview").select("student_id", "session_complete").rows())
    assert (complete["absent"], complete["null"]) == (False, False)
    assert dataset.intake.unfinished == 2


def test_duplicates_count_once_and_contradictions_not_at_all(folder, tmp_path):
    write(folder, "a.json", student("copied"))
    write(
        folder, "backups/2025-11-19/a.json", json.dumps(student("copied"), indent=3, sort_keys=True).encode()
    )
    write(folder, "b.json", student("torn", group="A"))
    write(folder, "c.json", student("torn", group="B"))
    write(folder, "d.json", student("single"))
    dataset = collected(folder, tmp_path / "out")
    assert dataset.read("students_overview")["student_id"].to_list() == ["copied", "single"]
    # In the order of whole paths "a.json" stands before "backups/…", so the copy is the later one.
    assert [r.record for r in dataset.intake.duplicates] == ["backups/2025-11-19/a.json"]
    assert {r.record for r in dataset.intake.quarantined} == {"b.json", "c.json"}
    assert dataset.read("critical_actions_timeline").height == 2


def test_ids_and_groups_stay_what_they_are(folder, tmp_path):
    names = ["007", "1e5", "NA", "true", " padded ", "=1+1", "ünï"]
    for number, name in enumerate(names):
        write(folder, f"{number}.json", student(name, group=("NA", "a", None)[number % 3]))
    overview = collected(folder, tmp_path / "out").read("students_overview")
    assert sorted(overview["student_id"].to_list()) == sorted(names)
    assert overview["ab_group"].value_counts().sort("ab_group").rows() == [(None, 2), ("NA", 3), ("a", 2)]


def test_texts_that_say_nothing_are_missing_and_counted(folder, tmp_path):
    vitals = {"RR": "12-20", "BP": "high", "HR": 80}
    write(folder, "a.json", student("a", scenarios=[{"duration": "unknown", "finalVitals": vitals}],
                                    timestamps={"sessionStarted": "yesterday"}))  # fmt: skip
    dataset = collected(folder, tmp_path / "out")
    row = dataset.read("scenario_performance").row(0, named=True)
    assert (row["final_hr"], row["final_rr"], row["final_systolic"], row["duration_s"]) == (
        80,
        None,
        None,
        None,
    )
    assert dataset.intake.notes == {
        "scenarios.duration: unreadable": 1,
        "scenarios.finalVitals.bloodPressure: unreadable": 1,
        "scenarios.finalVitals.respiratory_rate: unreadable": 1,
        "timestamps.sessionStarted: unreadable": 1,
    }


def test_an_empty_folder_and_no_folder_are_told(folder, tmp_path):
    with pytest.raises(InvalidInput, match="no student's file"):
        collected(folder, tmp_path / "out")
    with pytest.raises(InvalidInput, match="no folder"):
        collected(folder / "nowhere", tmp_path / "out")
    assert not (tmp_path / "out" / ".collecting").exists()


def test_a_file_that_changes_while_it_is_read_is_incomplete(folder, tmp_path, monkeypatch):
    path = write(folder, "a.json", student("a"))
    write(folder, "b.json", student("b"))
    os.utime(path, ns=(0, 0))
    seen = []
    stat = type(path).stat

    def later(self, **more):
        if self == path and seen.append(1) is None and len(seen) == 2:
            os.utime(path, ns=(1, 1))
        return stat(self, **more)

    monkeypatch.setattr(type(path), "stat", later)
    (refused,) = collected(folder, tmp_path / "out").intake.quarantined
    assert refused.reason == "incomplete: it changed while it was read"


def test_a_large_file_and_a_long_transcript(folder, tmp_path):
    long = "x" * 40_000
    line = {"role": "user", "content": long}
    write(folder, "a.json", student("a", aarTranscript=[line] * 1_300))
    frame = collected(folder, tmp_path / "out").read("aar_transcripts")
    assert (frame.height, frame["characters"].unique().to_list()) == (1_300, [40_000])


def test_several_processes_and_many_runs_give_the_same_bytes(folder, tmp_path, monkeypatch):
    for number in range(90):
        write(folder, f"{number:03d}.json", student(f"s{number}", group="AB"[number % 2]))
    one = collected(folder, tmp_path / "one", Options(KEY, with_text=True))
    monkeypatch.setattr(files_source, "CHUNK", 20)
    monkeypatch.setattr(files_source, "_FEW", 1)
    monkeypatch.setattr("holdfast.research.sources.parts.ROWS_AT_ONCE", 7)
    many = collected(folder, tmp_path / "many", Options(KEY, with_text=True, workers=2))
    for table in TABLES:
        frame = many.read(table.name)
        assert frame.equals(one.read(table.name)), table.name
        keys = frame.select(c for c in table.key if c in frame.columns)
        assert keys.equals(keys.sort(pl.all()))
    assert one.intake == many.intake
    assert read_chunk.__module__ == "holdfast.research.sources.file_chunks"


files = st.lists(
    st.one_of(
        st.builds(lambda n: student(f"s{n}"), st.integers(0, 4)),
        st.builds(
            lambda n, g: student(f"s{n}", group=g), st.integers(0, 4), st.sampled_from(["A", "B", None])
        ),
        st.builds(lambda v: student("v", performance={"overallScore": v}), st.floats(-50, 150)),
        st.binary(max_size=40),
        st.recursive(
            st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.sampled_from([*STUDENT, "x"]), inner, max_size=5)
            ),
            max_leaves=8,
        ),
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(contents=files)
def test_found_is_always_accounted_for(contents, tmp_path_factory):
    place = tmp_path_factory.mktemp("any")
    for number, content in enumerate(contents):
        write(place / "in", f"{number}.json", content)
    dataset = collected(place / "in", place / "out", Options(KEY, with_text=True))
    intake = dataset.intake
    assert intake.found == len(contents)
    assert intake.found == intake.loaded + len(intake.quarantined) + len(intake.duplicates)
    students = dataset.read("students_overview")["student_id"]
    assert students.len() == intake.loaded == students.n_unique()
    for table in TABLES:
        assert set(dataset.read(table.name)["student_id"]) <= set(students)
    assert Intake.from_json(intake.to_json()) == intake


def test_an_account_that_does_not_add_up_is_a_defect():
    with pytest.raises(AssertionError, match="found 3"):
        Intake("files", datetime(2026, 1, 1, tzinfo=UTC), found=3, loaded=1)


@given(st.integers(0, 500), st.integers(0, 59))
def test_durations_in_words(minutes, seconds):
    wanted = 60 * minutes + seconds
    texts = (f"{minutes} minutes {seconds} seconds", f"{minutes} min {seconds} s", f"{minutes}:{seconds:02d}")
    assert [duration_s(text) for text in texts] == [wanted] * 3
    assert duration_s(float(wanted)) == wanted


@pytest.mark.parametrize("text", ["", "soon", "-5 minutes", "minutes", "12", "1:99"])
def test_what_is_no_duration(text):
    with pytest.raises(Unreadable):
        duration_s(text)


@given(st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)))
def test_moments_are_read_exactly(moment):
    wanted = math.floor(moment.timestamp()) * 1_000_000 + moment.microsecond
    assert moment_us(moment.isoformat()) == moment_us(moment.isoformat().replace("+00:00", "Z")) == wanted


def test_blood_pressure():
    assert pressure(" 120/80 mmHg") == (120.0, 80.0)
    for wrong in ("120", "120/", "a/b", "1200/80"):
        with pytest.raises(Unreadable):
            pressure(wrong)
