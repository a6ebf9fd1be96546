"""How files are read: by processes that end with whoever started them, and quickly where they spell alike."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from pathlib import Path

import msgspec
import pytest

from holdfast.research.collecting import collect
from holdfast.research.deidentification import StudyKey
from holdfast.research.sources import files as files_source
from holdfast.research.sources.files import StudentFiles
from holdfast.research.sources.options import Options
from holdfast.research.sources.reading_processes import ReadingFailed
from holdfast.research.sources.shapes import _FIELDS, Dialect, _shapes_in
from holdfast.research.sources.student_file import Student

KEY = StudyKey(b"a secret of sixteen bytes or more", "reading")
NEW = {
    "studentId": "a",
    "group": "A",
    "timestamps": {"registered": "2025-11-19T09:00:00Z", "totalElapsed": "70 minutes 30 seconds"},
    "scenarios": ["named only", {"scenarioId": "x", "finalVitals": {"spO2": 97, "bloodPressure": "120/80"}}],
    "criticalActions": [{"action": "treatment_given", "name": "oxygen", "details": {"dose": 15}}, {}],
    "metadata": {"sessionComplete": True, "medicationErrors": ["dose", {"medication": "aspirin"}]},
}
OLD = {
    "student_id": "a",
    "ab_group": "A",
    "scenarios": [{"scenario_id": "x", "final_vitals": {"SpO2": 97, "BP": {"systolic": 120, "dia": 80}}}],
    "critical_actions": [{"action_type": "treatment_given", "treatment": "oxygen", "detail": None}],
    "metadata": {"session_complete": True, "medication_errors": 2},
}


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "students"
    place.mkdir()
    return place


def _many(folder, count=40):
    for number in range(count):
        (folder / f"{number:03d}.json").write_text(json.dumps(NEW | {"studentId": f"s{number:03d}"}))


def _in_processes(monkeypatch):
    monkeypatch.setattr(files_source, "CHUNK", 5)
    monkeypatch.setattr(files_source, "_FEW", 1)


def _readers():
    """The reading processes that this one started."""
    tasks = Path(f"/proc/{os.getpid()}/task").glob("*/children")
    children = {int(pid) for task in tasks for pid in task.read_text().split()}
    return {pid for pid in children if b"reading_processes" in Path(f"/proc/{pid}/cmdline").read_bytes()}


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="asks Linux for the processes")
def test_a_reading_process_that_is_killed_is_told_and_nothing_stays(folder, tmp_path, monkeypatch):
    _many(folder)
    _in_processes(monkeypatch)

    def kill(_done, _total, _what):
        for pid in _readers():
            os.kill(pid, signal.SIGKILL)

    with pytest.raises(ReadingFailed, match="SIGKILL"):
        asyncio.run(collect(StudentFiles(folder), tmp_path / "out", Options(KEY, workers=2), kill))
    assert _readers() == set()
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="asks Linux for the processes")
def test_an_interrupt_ends_the_reading_processes(folder, tmp_path, monkeypatch):
    _many(folder)
    _in_processes(monkeypatch)

    async def interrupted():
        begun = asyncio.Event()
        loop = asyncio.get_running_loop()
        task = asyncio.create_task(
            collect(
                StudentFiles(folder), tmp_path / "out", Options(KEY, workers=2),
                lambda *_: loop.call_soon_threadsafe(begun.set),
            )
        )  # fmt: skip
        await begun.wait()
        task.cancel()
        await task

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(interrupted())
    assert _readers() == set()
    assert not (tmp_path / "out" / ".collecting").exists()


def _told(decoded, form=Student):
    """Every value of a decoded file, by the fields of the form with all spellings."""
    if isinstance(decoded, list):
        return [_told(each, form) for each in decoded]
    fields = _FIELDS.get(form)
    if fields is None or isinstance(decoded, str | int | float | dict | None):
        return decoded
    inner = {field: next(iter(_shapes_in(kind)), None) for field, (kind, _) in fields.items()}
    return {field: _told(getattr(decoded, field), inner[field]) for field in fields}


@pytest.mark.parametrize("document", [NEW, OLD])
def test_a_dialect_reads_the_same_or_leaves_it(document):
    learnt = msgspec.json.Decoder(Dialect(Student, document | {"unheard": {"of": [1]}}).form)
    every = msgspec.json.Decoder(Student)
    raw = json.dumps(document).encode()
    assert _told(learnt.decode(raw)) == _told(every.decode(raw))
    other = OLD if document is NEW else NEW
    with pytest.raises(msgspec.ValidationError):
        learnt.decode(json.dumps(other).encode())


def test_a_document_in_two_spellings_gives_no_dialect():
    with pytest.raises(ValueError, match="two spellings"):
        Dialect(Student, {"studentId": "a", "student_id": "b"})
