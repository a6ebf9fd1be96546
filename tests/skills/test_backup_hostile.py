"""Backup files that are broken or mean harm: refused with the record's number, and nothing is changed."""

import copy
import json

import pytest

from holdfast.kit.errors import InvalidInput
from holdfast.programs.skills.backup.restoring import Duplicates, Fate, ImportRefused

NOBODY = "00000000-0000-4000-8000-000000000000"
THIRD = 2


def _change(record, **values):
    record.update(values)


def _piece(record, **values):
    record["evidence"][1].update(values)


HARM = {
    "score above one": (lambda r: _change(r, score=1.01), "score"),
    "score as text": (lambda r: _change(r, score="0.5"), "score"),
    "score as truth": (lambda r: _change(r, score=True), "score"),
    "huge score": (lambda r: _change(r, score=10**300), "score"),
    "no score": (lambda r: r.pop("score"), "score"),
    "null score": (lambda r: _change(r, score=None), "score"),
    "negative confidence": (lambda r: _change(r, confidence=-0.1), "confidence"),
    "unknown skill": (lambda r: _change(r, skill_type="juggling"), "skill_type"),
    "unknown student": (lambda r: _change(r, student_id=NOBODY), "no student"),
    "id that is none": (lambda r: _change(r, id="17"), "id"),
    "id as number": (lambda r: _change(r, id=17), "id"),
    "day that is none": (lambda r: _change(r, created_at="2024-02-30T00:00:00"), "created_at"),
    "moment as number": (lambda r: _change(r, created_at=1700000000), "created_at"),
    "NUL": (lambda r: _change(r, reasoning="a\x00b"), "reasoning"),
    "endless text": (lambda r: _change(r, reasoning="x" * 200_000), "reasoning"),
    "evidence that is none": (lambda r: _change(r, evidence={"a": 1}), "evidence"),
    "evidence of another": (lambda r: _piece(r, assessment_id=NOBODY), "another assessment"),
    "evidence twice": (lambda r: r["evidence"].append(r["evidence"][0]), "stands twice"),
    "relevance out of range": (lambda r: _piece(r, relevance_score=2), "relevance_score"),
    "unknown kind": (lambda r: _piece(r, evidence_type="hearsay"), "evidence_type"),
    "unknown key": (lambda r: _change(r, surprise=1), "surprise"),
}


@pytest.fixture
async def emptied(archive):
    """A backup as a value, and the database without what is in it."""
    path = (await archive.write()).path
    await archive.clear()
    archive.file = json.loads(path.read_text())
    return archive


async def _refused(archive, text, match, duplicates=Duplicates.REFUSE):
    path = archive.folder / "hostile.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    before = await archive.counts()
    with pytest.raises(InvalidInput) as error:
        await archive.restore(path, duplicates)
    told = str(error.value)
    if isinstance(error.value, ImportRefused):
        told += "".join(f"\n{problem}" for problem in error.value.tally.refused)
    assert match in told, told
    assert await archive.counts() == before
    return told


@pytest.mark.parametrize("duplicates", [Duplicates.REFUSE, Duplicates.SKIP])
async def test_a_bad_record_is_told_by_number_and_nothing_changes(emptied, duplicates):
    for what, (harm, field) in HARM.items():
        file = copy.deepcopy(emptied.file)
        harm(file["assessments"][THIRD])
        told = await _refused(emptied, json.dumps(file), "record 3: ", duplicates)
        assert field in told.split("record 3: ", 1)[1].split("\n")[0], what
        assert "record 2:" not in told and "record 4:" not in told, what


async def test_with_partial_the_good_records_are_taken_and_the_bad_one_is_told(emptied):
    emptied.file["assessments"][THIRD]["score"] = 7
    path = emptied.folder / "one_bad.json"
    path.write_text(json.dumps(emptied.file))
    tally = await emptied.restore(path, partial=True)
    assert (tally.counts[Fate.IMPORTED], tally.counts[Fate.REFUSED]) == (27, 1)
    assert [problem.number for problem in tally.refused] == [3]
    assert await emptied.counts() == (27, 135)


async def test_a_version_that_is_not_known_is_refused(emptied):
    for version in (2, "9.0", None):
        for name in ("version", "format_version"):
            await _refused(emptied, json.dumps({name: version, **emptied.file}), "is not known")


async def test_a_file_that_was_cut_off_is_refused_by_the_record_where_it_ends(emptied):
    whole = json.dumps(emptied.file)
    cut = whole.index(emptied.file["assessments"][10]["id"]) + 60
    assert "record 11: the file ends" in await _refused(emptied, whole[:cut], "record 11")
    assert "record 11: the file ends" in await _refused(emptied, whole[:cut], "record 11", Duplicates.SKIP)


LINES = {
    "cut in a record": (lambda lines: [*lines[:11], lines[11][:90]], "record 11: the file ends"),
    "cut behind a record": (lambda lines: lines[:12], "record 12: the file ends"),
    "no comma": (lambda lines: [*lines[:5], lines[5].rstrip(","), *lines[6:]], "record 5: no comma"),
    "a comma too many": (lambda lines: [*lines[:28], lines[28] + ",", *lines[29:]], "record 29: no record"),
    "two in one line": (lambda lines: [*lines[:5], lines[5] + lines[6], *lines[7:]], "record 5: is no JSON"),
    "something behind": (lambda lines: [*lines, "{}"], "something stands behind"),
    "half a pair": (lambda lines: [*lines[:3], lines[3].replace("Ř", "\\ud800"), *lines[4:]], "record 3"),
    "deep": (lambda lines: [lines[0], "[" * 200_000, *lines[2:]], "record 1: "),
    "wrong value": (lambda lines: [*lines[:4], lines[4].replace('"score":', '"score":1'), *lines[5:]],
                    "record 4: score"),
}  # fmt: skip


@pytest.mark.parametrize("duplicates", [Duplicates.REFUSE, Duplicates.SKIP])
async def test_a_file_of_our_own_form_that_was_damaged_is_refused(emptied, duplicates):
    lines = (emptied.folder / "backup.json").read_text().splitlines()
    for change, match in LINES.values():
        await _refused(emptied, "\n".join(change(lines)), match, duplicates)


async def test_a_file_with_fewer_records_than_it_says_is_refused(emptied):
    emptied.file["assessments"].pop()
    await _refused(emptied, json.dumps(emptied.file), "record 28: the file says 28 assessments and holds 27")


DEEP = 200_000


NO_BACKUP = [
    (b"", "ends in the middle"),
    (b"\x00\x01\x02", "is no JSON"),
    (b"[]", "is not an object"),
    (b'"text"', "is not an object"),
    (b"{}", "no list of assessments"),
    (b'{"total_assessments": 1}', "no list of assessments"),
    (b'{"total_assessments": 1, "assessments": {}}', "must be a list"),
    (b'{"total_assessments": -1, "assessments": []}', "total_assessments"),
    (b'{"total_assessments": true, "assessments": []}', "total_assessments"),
    (b'{"total_assessments": "1", "assessments": []}', "total_assessments"),
    (b'{"assessments": []}', "total_assessments"),
    (b'{"total_assessments": 1, "assessments": [1]}', "record 1"),
    (b'{"total_assessments": 1, "assessments": [' + b"[" * DEEP + b"]" * DEEP + b"]}", "record 1"),
    (b'{"total_assessments": 1, "assessments": [' + b'{"a":' * DEEP, "record 1"),
    (b'{"total_assessments": 1, "assessments": [{"score": ' + b"9" * 100_000 + b"}]}", "record 1"),
    (b'{"total_assessments": 1, "assessments": [{"score": 1e999999}]}', "record 1"),
    (b'{"total_assessments": 1, "assessments": [{"id": "\xff\xfe"}]}', "record 1"),
    (b'{"total_assessments": 1, "assessments": [{"id": "\\ud800"}]}', "record 1"),
    (b'{"total_assessments": 1, "assessments": [{"score": NaN}]}', "record 1"),
    (b'{"total_assessments": 0, "assessments": []} trailing', "no JSON"),
    (b'{"total_assessments": ' + b"9" * 100_000 + b', "assessments": []}', ""),
]


@pytest.mark.parametrize("duplicates", [Duplicates.REFUSE, Duplicates.UPDATE])
async def test_what_is_no_backup_is_refused(emptied, duplicates):
    for text, match in NO_BACKUP:
        await _refused(emptied, text, match, duplicates)


async def test_a_surrogate_in_a_text_is_refused_or_made_harmless(emptied):
    file = copy.deepcopy(emptied.file)
    file["assessments"][THIRD]["reasoning"] = "MARK"
    text = json.dumps(file).replace("MARK", "\\ud83d")
    path = emptied.folder / "surrogate.json"
    path.write_text(text)
    try:
        await emptied.restore(path)
    except InvalidInput:
        assert await emptied.counts() == (0, 0)
    else:
        stored = await emptied.value("SELECT count(*) FROM holdfast.skill_assessments WHERE reasoning = '?'")
        assert stored == 1


async def test_a_file_that_is_not_there_is_told_so(emptied):
    with pytest.raises(InvalidInput, match="No such file"):
        await emptied.restore(emptied.folder / "nothing.json")
