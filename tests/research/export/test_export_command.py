"""The command: a folder of students' files becomes a bundle that gives back every text."""

import asyncio
import csv
import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest
from python_calamine import CalamineWorkbook
from typer.testing import CliRunner

from fixtures.hostile_rows import HOSTILE
from holdfast.cli.main import app
from holdfast.kit.errors import InvalidInput
from holdfast.research import service
from holdfast.research.export.formats import formats_in
from holdfast.research.export.labelled_files import read_labelled
from holdfast.research.service import Wish

SECRET = b"a secret of this installation, for tests"


def _student(number, *, name="Zebedee Quux", texts=()):
    return {
        "studentId": f"student_{number:03}",
        "studentName": name,
        "studentEmail": f"quux{number}@example.org",
        "group": "AB"[number % 2],
        "timestamps": {
            "registered": "2025-11-19T09:00:00Z",
            "sessionStarted": "2025-11-19T09:05:00Z",
            "sessionCompleted": "2025-11-19T10:15:00Z",
            "totalElapsed": "70 minutes 30 seconds",
        },
        "performance": {"overallScore": 60.0 + number, "totalCDPs": 4, "breakdown": {"optimal": number % 4}},
        "scenarios": [
            {
                "scenarioId": "asthma_patient_v2.0_final",
                "scenarioTitle": "Acute Asthma Exacerbation",
                "duration": "20 minutes 15 seconds",
                "finalState": "improving",
                "finalVitals": {"heartRate": 90, "respiratoryRate": 18, "spO2": 97},
            }
        ],
        "criticalActions": [],
        "challengePoints": [],
        "aarTranscript": [{"role": "user", "content": text} for text in texts],
        "metadata": {"sessionComplete": True, "scenariosCompleted": 1},
    }


def _folder(place, students):
    place.mkdir()
    for number, student in enumerate(students):
        text = student if isinstance(student, bytes) else json.dumps(student, ensure_ascii=False).encode()
        (place / f"{number:04}.json").write_bytes(text)
    return place


def _silent(done, total, what):
    pass


def _export(folder, out, **more):
    more = {"report": False, **more}
    return asyncio.run(service.export_files(folder, SECRET, Wish(out, **more), _silent))


def _hashes(place):
    return {
        path.relative_to(place).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in place.rglob("*")
        if path.is_file()
    }


def _texts_of(bundle):
    """The transcript's texts as each format has them."""
    parquet = pl.read_parquet(bundle / "parquet/aar_transcripts.parquet").sort("message_number")
    yield parquet["content"].to_list()
    with (bundle / "csv/aar_transcripts.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    guarded = tuple("=+-@\t\r\n\uff1d")
    yield [
        text[1:] if text.startswith("'") and text.lstrip("'").startswith(guarded) else text
        for text in (row["content"] for row in rows)
    ]
    header, *lines = (
        CalamineWorkbook.from_path(bundle / "student_data_analysis.xlsx")
        .get_sheet_by_name("AAR Transcripts")
        .to_python()
    )
    places = [place for place, name in enumerate(header) if name.startswith("content")]
    yield ["".join(str(line[place]) for place in places) for line in lines]
    yield read_labelled(bundle / "stata/aar_transcripts.dta")[0]["content"].to_list()


def test_hostile_files_become_a_bundle_and_every_format_gives_back_every_text(tmp_path):
    long = "long " * 8_000 + "end"
    texts = [*HOSTILE, long]
    broken = [b"\xff\xfe{", b'{"studentId": "nan", "performance": {"overallScore": NaN}}', b"[]", b""]
    students = [_student(0, name="=HYPERLINK(1)", texts=texts), *(_student(n) for n in range(1, 8))]
    twin = json.dumps(students[1], ensure_ascii=False).encode()
    bom = b"\xef\xbb\xbf" + json.dumps(_student(8)).encode()
    folder = _folder(tmp_path / "students", [*students, *broken, twin, bom])
    facts = _export(folder, tmp_path / "out", identified=True)
    counts = service.counts(facts)
    assert counts["found"] == 14
    assert counts["loaded"] == 9
    assert counts["quarantined"] == 4
    assert counts["duplicates"] == 1
    for found in _texts_of(tmp_path / "out"):
        assert [text or "" for text in found] == texts
    names = CalamineWorkbook.from_path(tmp_path / "out/student_data_analysis.xlsx")
    overview = names.get_sheet_by_name("Student Overview").to_python()
    assert "=HYPERLINK(1)" in [row[overview[0].index("student_name")] for row in overview]
    long_ones = [one for one in facts["notices"] if one["variable"] == "content"]
    assert {one["file"] for one in long_ones} == {"student_data_analysis.xlsx", "spss/aar_transcripts.sav"}


def test_the_same_folder_makes_the_same_bytes_and_nothing_that_names_somebody(tmp_path, monkeypatch):
    said = ["I am Zebedee Quux", "write to quux3@example.org", "ZEBEDEE  QUUX!"]
    folder = _folder(tmp_path / "students", [_student(n, texts=said) for n in range(12)])
    monkeypatch.chdir(tmp_path)
    _export(Path("students"), Path("one"), with_text=True)
    _export(folder, tmp_path / "two", with_text=True)
    assert _hashes(tmp_path / "one") == _hashes(tmp_path / "two")
    texts = [text for found in _texts_of(tmp_path / "one") for text in found]
    assert len(texts) == 4 * 36
    assert not any("quux" in str(text).lower() or "zebedee" in str(text).lower() for text in texts)
    for path in (tmp_path / "one").rglob("*"):
        if path.is_file():
            content = path.read_bytes().lower()
            assert b"quux" not in content, path
            assert b"student_00" not in content, path


def test_the_command_prints_what_became_of_every_file(tmp_path, monkeypatch):
    folder = _folder(tmp_path / "students", [*(_student(n) for n in range(12)), b"{"])
    monkeypatch.setenv("HOLDFAST_DATA", str(tmp_path / "data"))
    wanted = [
        "research",
        "export",
        "--from-files",
        str(folder),
        "--out",
        str(tmp_path / "out"),
        "--no-report",
    ]
    done = CliRunner().invoke(app, [*wanted, "--formats", "csv,excel"])
    assert done.exit_code == 0, done.output
    lines = [line.split() for line in done.output.splitlines()]
    for line in (["found", "13"], ["loaded", "12"], ["quarantined", "1"], ["duplicates", "0"]):
        assert line in lines
    again = CliRunner().invoke(app, wanted)
    assert again.exit_code == 5
    assert "--replace" in again.output
    verified = CliRunner().invoke(app, ["research", "verify", str(tmp_path / "out")])
    assert verified.exit_code == 0, verified.output
    (tmp_path / "out/README.txt").write_text("x")
    assert CliRunner().invoke(app, ["research", "verify", str(tmp_path / "out")]).exit_code == 1
    for bad in (["--from-files", str(tmp_path / "none")], ["--cohort", "x", "--from-files", "y"], []):
        command = ["research", "export", *bad, "--out", str(tmp_path / "no")]
        assert CliRunner().invoke(app, command).exit_code == 2
    assert not (tmp_path / "no").exists()


def test_a_kill_in_the_middle_leaves_no_bundle_and_the_next_run_cleans_up(tmp_path):
    folder = _folder(tmp_path / "students", [_student(n, texts=["a"] * 50) for n in range(300)])
    command = [sys.executable, "-m", "holdfast", "research", "export", "--from-files", str(folder)]
    environment = {**os.environ, "HOLDFAST_DATA": str(tmp_path / "data")}
    process = subprocess.Popen([*command, "--out", str(tmp_path / "out")], env=environment)
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob(".out.*/csv")):  # the dataset stands, the formats are under way
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.kill()
    assert process.wait(10) == -signal.SIGKILL
    assert not (tmp_path / "out").exists()
    assert len(list(tmp_path.glob(".out.*"))) == 1
    _export(folder, tmp_path / "out", formats=formats_in("csv"))
    assert list(tmp_path.glob(".out.*")) == []
    assert (tmp_path / "out/manifest.json").exists()


def test_a_plan_that_is_none_ends_it_before_anything_is_read(tmp_path):
    with pytest.raises(InvalidInput, match="TOML"):
        _export(tmp_path / "nowhere", tmp_path / "out", plan="= x")


def test_a_disk_without_room_is_told_and_nothing_is_left(tmp_path):
    folder = _folder(
        tmp_path / "students", [_student(n, texts=["many words " * 400] * 40) for n in range(10)]
    )
    code = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000));"
        "from holdfast.cli.main import run; run()"
    )
    command = [sys.executable, "-c", code, "research", "export", "--with-text", "--from-files", str(folder)]
    environment = {**os.environ, "HOLDFAST_DATA": str(tmp_path / "data")}
    done = subprocess.run(
        [*command, "--out", str(tmp_path / "out")],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2, done.stderr[-2000:]
    assert "cannot be written" in done.stderr
    assert not (tmp_path / "out").exists()
    assert list(tmp_path.glob(".out.*")) == []


async def test_names_of_the_registry_are_masked_in_files_too(world, database_url, stores, tmp_path):
    """A study of files is masked by the database where there is one, and starts none where there is none."""
    await world.student("Wilhelmina Vogelsang", email="mina@example.org")
    folder = _folder(tmp_path / "Vogelsang", [_student(n, texts=["ask Wilhelmina"]) for n in range(4)])
    environment = {"HOLDFAST_DATA": str(tmp_path / "data"), "DATABASE_URL": database_url}
    wanted = ["research", "export", "--from-files", str(folder), "--with-text", "--no-report"]
    wanted += ["--formats", "csv", "--replace", "--out", str(tmp_path / "out")]

    async def masked(*more, **environment):
        done = await asyncio.to_thread(CliRunner().invoke, app, [*wanted, *more], env=environment)
        assert done.exit_code == 0, done.output
        contents = [path.read_bytes().lower() for path in (tmp_path / "out").rglob("*") if path.is_file()]
        manifest = json.loads((tmp_path / "out/manifest.json").read_text())
        assert list(pl.read_csv(tmp_path / "out/csv/aar_transcripts.csv")["content"].unique()) == [
            "ask [name]" if "registry" in manifest["names_known_from"] else "ask Wilhelmina"
        ]
        named = any(b"vogelsang" in one or b"wilhelmina" in one for one in contents)
        return named, manifest["names_known_from"], manifest["title"]

    assert await masked(**environment) == (False, ["files", "registry"], "[name]")
    assert await masked("--no-registry", **environment) == (True, ["files"], "Vogelsang")
    del environment["DATABASE_URL"]
    assert await masked(**environment) == (True, ["files"], "Vogelsang")
    assert not (tmp_path / "data/postgres").exists()
