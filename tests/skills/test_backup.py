"""Backups in the older system's format: what they hold, and that they come back as they were."""

import json
from collections import Counter
from datetime import date, datetime
from uuid import UUID

import pytest

from holdfast.kit.clock import utc_now
from holdfast.kit.errors import InvalidInput, NotFound
from holdfast.programs.skills.backup.restoring import Duplicates, Fate, ImportRefused
from holdfast.programs.skills.backup.writing import ON_REQUEST, SCHEDULED, remove_old
from holdfast.programs.skills.skill import Skill

RECORD = [
    "id",
    "student_id",
    "skill_type",
    "score",
    "confidence",
    "reasoning",
    "recommendations",
    "feature_importance",
    "created_at",
    "updated_at",
    "evidence",
]
PIECE = [
    "id",
    "assessment_id",
    "evidence_type",
    "source",
    "content",
    "relevance_score",
    "created_at",
    "updated_at",
]


def read(path):
    return json.loads(path.read_text())


async def test_the_file_has_the_shape_of_the_seed(archive):
    done = await archive.write()
    file = read(done.path)
    assert list(file) == ["export_timestamp", "export_filters", "total_assessments", "assessments"]
    none = {"student_id": None, "skill_type": None, "start_date": None, "end_date": None}
    assert file["export_filters"] == none
    assert datetime.fromisoformat(file["export_timestamp"]).tzinfo is None
    assert file["total_assessments"] == len(file["assessments"]) == done.total == 28
    for record in file["assessments"]:
        assert list(record) == RECORD
        assert [list(piece) for piece in record["evidence"]] == [PIECE] * 5
        assert {piece["assessment_id"] for piece in record["evidence"]} == {record["id"]}
    assert file["assessments"][0]["feature_importance"] == '{"word_count": 0.4}'
    assert [r["created_at"] for r in file["assessments"]] == sorted(
        r["created_at"] for r in file["assessments"]
    )
    assert done.path.stat().st_mode & 0o077 == 0


async def test_filters_choose_and_are_told_and_the_end_day_is_included(archive):
    student = UUID(read((await archive.write()).path)["assessments"][0]["student_id"])
    one = read((await archive.write(student_id=student)).path)
    assert {r["student_id"] for r in one["assessments"]} == {str(student)} and one["total_assessments"] == 7
    skill = read((await archive.write(skill=Skill.EMPATHY)).path)
    assert {r["skill_type"] for r in skill["assessments"]} == {"empathy"}
    day = read((await archive.write(start_date=date(2024, 1, 2), end_date=date(2024, 1, 2))).path)
    assert {r["created_at"][:10] for r in day["assessments"]} == {"2024-01-02"}
    assert day["total_assessments"] == 17  # hours 12 to 28 after noon of the first
    assert day["export_filters"]["end_date"] == "2024-01-02"
    with pytest.raises(InvalidInput, match="end-date"):
        await archive.write(start_date=date(2024, 1, 2), end_date=date(2024, 1, 1))
    with pytest.raises(NotFound):
        await archive.write(student_id=UUID(int=7))


async def test_a_failure_leaves_the_old_file_and_no_other(archive, monkeypatch):
    before = (await archive.write()).path.read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(InvalidInput, match="No space"):
        await archive.write()
    assert [file.name for file in archive.folder.iterdir()] == ["backup.json"]
    assert (archive.folder / "backup.json").read_bytes() == before


async def test_out_and_in_and_out_is_the_same_but_for_the_moment(archive):
    first = (await archive.write("first.json")).path
    await archive.clear()
    tally = await archive.restore(first)
    assert tally.counts == Counter({Fate.IMPORTED: 28})
    second = (await archive.write("second.json")).path
    assert first.read_bytes().split(b",", 1)[1] == second.read_bytes().split(b",", 1)[1]


@pytest.mark.parametrize("named", ["export_timestamp", "backup_timestamp"])
async def test_both_spellings_of_the_older_system_are_read(archive, named):
    path = (await archive.write()).path
    file, old = read(path), read(path)
    old = {named: "2025-11-29T21:51:32.123456", "total_assessments": 28, "assessments": old["assessments"]}
    for record in old["assessments"]:
        record["skill_type"] = record["skill_type"].upper()
        for piece in record["evidence"]:
            piece["evidence_type"] = piece["evidence_type"].upper()
    path = archive.folder / "old.json"
    path.write_text(json.dumps(old, indent=2))
    await archive.clear()
    await archive.restore(path)
    assert archive.said[:2] == [
        "Found 28 assessments in backup file",
        "Backup timestamp: 2025-11-29T21:51:32.123456",
    ]
    assert read((await archive.write()).path)["assessments"] == file["assessments"]


async def test_a_duplicate_is_an_error_and_nothing_is_imported(archive):
    path = (await archive.write()).path
    await archive.run("DELETE FROM holdfast.skill_assessments WHERE skill_type <> 'empathy'")
    before = await archive.counts()
    with pytest.raises(ImportRefused, match="nothing was imported") as refused:
        await archive.restore(path)
    numbers = [problem.number for problem in refused.value.tally.refused]
    assert len(numbers) == before[0] and "exists already" in str(refused.value.tally.refused[0])
    assert await archive.counts() == before


async def test_skipping_keeps_what_is_there_and_updating_replaces_it_with_its_times(archive):
    path = (await archive.write()).path
    await archive.run("DELETE FROM holdfast.skill_assessments WHERE skill_type <> 'empathy'")
    await archive.run("UPDATE holdfast.skill_assessments SET score = 0.123, reasoning = 'changed'")
    await archive.run("DELETE FROM holdfast.evidence WHERE relevance_score > 0.3")
    kept, _ = await archive.counts()
    tally = await archive.restore(path, Duplicates.SKIP)
    assert tally.counts == Counter({Fate.IMPORTED: 28 - kept, Fate.SKIPPED: kept})
    assert await archive.value("SELECT count(*) FROM holdfast.skill_assessments WHERE score = 0.123") == kept
    tally = await archive.restore(path, Duplicates.UPDATE)
    assert tally.counts == Counter({Fate.UPDATED: 28})
    again = (await archive.write("again.json")).path
    assert again.read_bytes().split(b",", 1)[1] == path.read_bytes().split(b",", 1)[1]


async def test_an_update_does_not_take_an_assessment_from_its_student(archive):
    path = (await archive.write()).path
    await archive.run("UPDATE holdfast.skill_assessments SET student_id = md5('s1')::uuid")
    tally = await archive.restore(path, Duplicates.UPDATE)
    assert tally.counts == Counter({Fate.UPDATED: 7, Fate.REFUSED: 21})
    assert "another student" in str(tally.refused[0])


async def test_progress_is_told_for_each_hundred(archive):
    await archive.run("DELETE FROM holdfast.students")
    await archive.fill(students=10, assessments=250)
    path = (await archive.write()).path
    rows = "SELECT id FROM holdfast.skill_assessments ORDER BY created_at, id OFFSET 100"
    await archive.run(f"DELETE FROM holdfast.skill_assessments WHERE id IN ({rows})")
    await archive.restore(path, Duplicates.SKIP)
    assert archive.said[2:] == ["Progress: 100/250 (skipped duplicate)", "Progress: 200/250 (imported)"]


async def test_evidence_that_another_assessment_has_is_refused_alone(archive):
    file = read((await archive.write()).path)
    await archive.run("DELETE FROM holdfast.skill_assessments WHERE skill_type <> 'empathy'")
    present = await archive.value("SELECT id FROM holdfast.evidence LIMIT 1")
    absent = next(r for r in file["assessments"] if r["skill_type"] == "resilience")
    absent["evidence"][0]["id"] = str(present)
    path = archive.folder / "stolen.json"
    path.write_text(json.dumps(file))
    tally = await archive.restore(path, Duplicates.SKIP)
    assert [problem.number for problem in tally.refused] == [file["assessments"].index(absent) + 1]
    assert tally.counts[Fate.IMPORTED] == 28 - 4 - 1
    assert "with another assessment" in str(tally.refused[0])


def test_only_old_backups_of_ours_are_removed(tmp_path):
    import os

    for name, age in (
        (f"{SCHEDULED}old.json", 40),
        (f"{SCHEDULED}new.json", 3),
        (f"{ON_REQUEST}old.json", 400),
    ):
        file = tmp_path / name
        file.write_text("{}")
        moment = utc_now().timestamp() - age * 86_400
        os.utime(file, (moment, moment))
    gone = remove_old(tmp_path, older_than_days=30, now=utc_now())
    assert [file.name for file in gone] == [f"{SCHEDULED}old.json"]
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        f"{ON_REQUEST}old.json",
        f"{SCHEDULED}new.json",
    ]
