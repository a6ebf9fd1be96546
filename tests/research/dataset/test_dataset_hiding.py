"""Pseudonyms, shifted dates and masked names."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from holdfast.research.codebook import TABLES
from holdfast.research.collecting import collect
from holdfast.research.deidentification import Masker, Person, StudyKey
from holdfast.research.sources.files import StudentFiles
from holdfast.research.sources.options import Options

KEY = StudyKey(b"a secret of sixteen bytes or more", "one study")
PEOPLE = (
    Person("Alice Smith", "alice.smith@example.com", ("alice_smith_lx3k9p2m7",)),
    Person("Zoë Müller-O'Brien", "zoe@example.org"),
    Person("Ľubica Šťastná"),
    Person("王小明"),
    Person("김민수"),
    Person("Иван Петров"),
    Person("अनिता शर्मा"),
    Person("Li An"),
    Person("Đorđe Łukasz"),
)
MASKER = Masker(PEOPLE)


@given(st.text(min_size=1), st.text(min_size=1))
def test_pseudonyms_are_stable_apart_and_no_numbers(one, other):
    name = KEY.pseudonym("student", one)
    assert name == StudyKey(b"a secret of sixteen bytes or more", "one study").pseudonym("student", one)
    assert name != StudyKey(b"a secret of sixteen bytes or more", "another").pseudonym("student", one)
    assert name != KEY.pseudonym("session", one)
    assert (name == KEY.pseudonym("student", other)) == (one == other)
    assert name.startswith("st") and name.isalnum() and len(name) == 15
    assert 1 <= KEY.weeks(one) <= 104


def test_a_short_secret_is_none():
    with pytest.raises(ValueError, match="16 bytes"):
        StudyKey(b"short", "study")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("ALICE SMITH's dose", "[name]'s dose"),
        ("ask alice, or Smith!", "ask [name], or [name]!"),
        ("malice and smithereens", "malice and smithereens"),
        ("alice2 AliceSmith alice_smith", "[name]2 [name]"),
        ("zoe mueller OBrien", "[name]"),
        ("write to Alice.Smith@EXAMPLE.com now", "write to [email] now"),
        ("anybody+else@sub.example.net", "[email]"),
        ("I am alice_smith_lx3k9p2m7.", "I am [id]."),
        ("lubica stastna, ĽUBICA", "[name]"),
        ("我是王小明。", "我是[name]。"),
        ("김민수가 왔다", "[name]가 왔다"),
        ("Спросите у ИВАН петров", "Спросите у [name]"),
        ("मैं अनिता शर्मा हूँ", "मैं [name] हूँ"),
        ("an order for Li and An", "an order for [name] and [name]"),
        ("dorde lukasz", "[name]"),
        ("A\u200blice and Zo\u0308e", "[name] and [name]"),
        ("token ws_1700000000000_abcdef0123 here", "token [id] here"),
        ("id 01890a5d-ac96-774b-bcce-b302099a8057", "id [id]"),
        ("nothing to hide: 15 l/min oxygen", "nothing to hide: 15 l/min oxygen"),
    ],
)
def test_what_is_masked(text, wanted):
    assert MASKER.mask(text) == wanted


@given(
    st.sampled_from([p.name for p in PEOPLE] + [p.email for p in PEOPLE if p.email]),
    st.sampled_from([str, str.upper, str.lower, str.title]),
    st.text(alphabet=" .,;:!?()\n\"'0123456789", max_size=4),
    st.text(alphabet=" .,;:!?()\n\"'0123456789", max_size=4),
)
def test_nobody_stays_wherever_they_are_planted(name, spelled, before, after):
    planted = spelled(name)
    masked = MASKER.mask(f"word{before or ' '}{planted}{after or ' '}word")
    assert planted.casefold() not in masked.casefold()
    assert masked.startswith("word") or "@" in name


@given(st.text(max_size=200))
def test_a_masker_that_knows_nobody_masks_forms_alone(text):
    if not any(sign in text for sign in "@_-."):
        assert Masker(()).mask(text) == text


START = datetime(2025, 11, 19, 9, tzinfo=UTC)


def folder_of(tmp_path, count=30):
    place = tmp_path / "in"
    place.mkdir()
    for number in range(count):
        begun = START + timedelta(days=number, minutes=7 * number)
        document = {
            "studentId": f"jane_doe_{number}",
            "studentName": f"Jane{number} Doe",
            "studentEmail": f"jane{number}@example.com",
            "group": "AB"[number % 2],
            "sessionId": f"session_{number:012d}",
            "timestamps": {
                "registered": begun.isoformat(),
                "sessionStarted": (begun + timedelta(minutes=5)).isoformat(),
                "sessionCompleted": (begun + timedelta(hours=30)).isoformat(),
            },
            "criticalActions": [
                {"action": f"Jane{number} Doe", "name": "by Doe", "timestamp": begun.isoformat(),
                 "details": {"note": f"jane{number}@example.com"}}
            ],
            "aarTranscript": [{"role": "user", "content": f"Jane Doe and jane{number}@example.com"}],
            "scenarios": [{"scenarioId": "x", "scenarioTitle": "Doe's patient"}],
        }  # fmt: skip
        (place / f"jane_doe_{number}.json").write_text(json.dumps(document), encoding="utf-8")
    return place


def test_days_move_together_and_by_whole_weeks(tmp_path):
    place = folder_of(tmp_path)
    true = asyncio.run(collect(StudentFiles(place), tmp_path / "true", Options(KEY, identified=True)))
    hidden = asyncio.run(collect(StudentFiles(place), tmp_path / "hidden", Options(KEY)))
    names = {row: KEY.pseudonym("student", row) for row in true.read("students_overview")["student_id"]}
    moments = ["registered_at", "session_started", "session_completed"]
    a = true.read("students_overview").with_columns(pl.col("student_id").replace(names)).sort("student_id")
    b = hidden.read("students_overview")
    assert a["student_id"].equals(b["student_id"])
    shifts = [(a[name] - b[name]).dt.total_seconds() for name in moments]
    assert all(shift.to_list() == shifts[0].to_list() for shift in shifts)
    assert (shifts[0] % (7 * 86_400)).unique().to_list() == [0]
    assert shifts[0].min() >= 7 * 86_400 and shifts[0].max() <= 104 * 7 * 86_400
    assert shifts[0].n_unique() > 10
    at = hidden.read("critical_actions_timeline")["timestamp"]
    assert at.to_list() == b["registered_at"].to_list()


@pytest.mark.parametrize("with_text", [False, True])
def test_the_default_dataset_names_nobody_even_in_its_bytes(tmp_path, with_text):
    place = folder_of(tmp_path)
    dataset = asyncio.run(collect(StudentFiles(place), tmp_path / "out", Options(KEY, with_text=with_text)))
    seen = [(tmp_path / "out" / "intake.json").read_bytes().decode()]
    for table in TABLES:
        frame = dataset.read(table.name)
        seen.append(str(frame.columns) + str(frame.to_dicts()))
        raw = (tmp_path / "out" / f"{table.name}.parquet").read_bytes()
        assert b"jane" not in raw.lower() and b"example.com" not in raw
    assert "jane" not in " ".join(seen).lower() and "doe" not in " ".join(seen).lower()
    assert "student_name" not in dataset.read("students_overview").columns
    assert ("content" in dataset.read("aar_transcripts").columns) is with_text
    assert not (tmp_path / "out" / ".collecting").exists()


def test_small_cells_are_counted(tmp_path):
    dataset = asyncio.run(collect(StudentFiles(folder_of(tmp_path, 13)), tmp_path / "out", Options(KEY)))
    cells = dataset.intake.small_cells
    assert (cells.cells, cells.small_cells, cells.smallest) == (2, 0, 6)
    dataset = asyncio.run(
        collect(StudentFiles(tmp_path / "in"), tmp_path / "known", Options(KEY, identified=True))
    )
    assert dataset.intake.small_cells is None
    assert "jane0@example.com" in dataset.read("students_overview")["student_email"].to_list()
