"""The five checks: each finds a planted fault of its kind, and only that; the older command's layout."""

import pytest

from holdfast.programs.skills.integrity import CHECKS, report, verify
from holdfast.programs.skills.skill import PRIMARY

A, E = "md5('a1')::uuid", "md5('e1,1')::uuid"
ONE = f"UPDATE holdfast.skill_assessments SET {{}} WHERE id = {A}"
PIECE = f"UPDATE holdfast.evidence SET {{}} WHERE id = {E}"
THREE = "SELECT id FROM holdfast.evidence WHERE assessment_id = md5('a1')::uuid ORDER BY id LIMIT 3"
NEW_PIECES = """
INSERT INTO holdfast.evidence (id, assessment_id, student_id, evidence_type, source, content, relevance_score)
SELECT gen_random_uuid(), md5('a1')::uuid, md5('s2')::uuid, 'linguistic', 't', 'c', 0.5
FROM generate_series(1, 16)"""
STRANGER = """
INSERT INTO holdfast.students (student_id, student_code, name) VALUES (md5('s9')::uuid, 'student_9', 'New')"""
HIS_INPUT = """
INSERT INTO holdfast.transcripts (transcript_id, student_id, source, language, speaker, content_hash)
VALUES (gen_random_uuid(), md5('s9')::uuid, 's', 'en', 'A', 'x')"""

FAULTS = {
    "score": (0, [ONE.format("score = 1.5")]),
    "score that is no number": (0, [ONE.format("score = 'NaN'")]),
    "confidence": (1, [ONE.format("confidence = -0.01")]),
    "student without assessment": (2, [STRANGER, HIS_INPUT]),
    "missing primary skill": (3, [f"DELETE FROM holdfast.skill_assessments WHERE id = {A}",
                                  f"DELETE FROM holdfast.evidence WHERE assessment_id = {A}"]),
    "orphan": (4, [f"UPDATE holdfast.evidence SET assessment_id = gen_random_uuid() WHERE id = {E}"]),
    "no evidence": (5, [f"DELETE FROM holdfast.evidence WHERE assessment_id = {A}"]),
    "little evidence": (6, [f"DELETE FROM holdfast.evidence WHERE id IN ({THREE})"]),
    "much evidence": (6, [NEW_PIECES]),
    "future": (7, [ONE.format("created_at = now() + '1 day', updated_at = now() + '2 days'")]),
    "future evidence": (7, [PIECE.format("updated_at = now() + '1 day'")]),
    "backward": (8, [ONE.format("updated_at = created_at - interval '1 second'")]),
    "backward evidence": (8, [PIECE.format("updated_at = created_at - interval '1 second'")]),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_check_finds_its_fault_and_no_other_does(archive, fault):
    place, statements = FAULTS[fault]
    assert [one.count for one in (await verify(archive.database)).found] == [0] * len(CHECKS)
    await archive.plant(*statements)
    counts = [one.count for one in (await verify(archive.database)).found]
    assert counts == [int(number == place) for number in range(len(CHECKS))]


async def test_issues_are_bad_and_warnings_are_not(archive):
    await archive.plant(*FAULTS["no evidence"][1])
    warned = await verify(archive.database)
    assert warned.is_healthy
    assert "1 warnings, told with --verbose" in list(report(warned, verbose=False))[-1]
    assert not any("no evidence records" in line for line in report(warned, verbose=False))
    assert "⚠ 1 assessments have no evidence records" in list(report(warned, verbose=True))
    await archive.plant(*FAULTS["score"][1])
    bad = await verify(archive.database)
    assert not bad.is_healthy
    assert "✗ 1 assessments have a score outside 0-1" in list(report(bad, verbose=False))


async def test_orphans_are_deleted_when_asked_and_count_all_the_same(archive):
    await archive.plant(*FAULTS["orphan"][1])
    fixed = await verify(archive.database, fix_orphans=True)
    assert fixed.removed == 1 and not fixed.is_healthy
    assert "✓ Deleted 1 orphaned evidence records" in list(report(fixed, verbose=False))
    assert (await verify(archive.database)).is_healthy
    assert await archive.counts() == (28, 139)


LAYOUT = """\
======================================================================
SKILL ASSESSMENT DATA INTEGRITY VERIFICATION
======================================================================

6. Database statistics:
  Total assessments: 28
    - empathy: 4
    - problem_solving: 4
    - self_regulation: 4
    - resilience: 4
    - adaptability: 4
    - communication: 4
    - collaboration: 4
  Total evidence records: 140
  Total students: 4
  Average assessments per student: 7.0

1. Checking score ranges...
✓ All scores are within valid range (0-1)
✓ All confidence scores are within valid range (0-1)

2. Checking student assessment coverage...
✓ All 4 students have assessments
✓ All students have all 4 primary skill assessments

3. Checking for orphaned evidence...
✓ No orphaned evidence records found

4. Checking evidence linking...
✓ All assessments have evidence records
✓ Evidence counts are reasonable for all assessments

5. Checking timestamp consistency...
✓ No future timestamps found
✓ All timestamps are consistent

======================================================================
SUMMARY
======================================================================
Issues found: 0
Warnings: 0

✓ All integrity checks passed! Data is healthy."""


async def test_the_report_has_the_layout_of_the_seed(archive):
    assert len(PRIMARY) == 4
    assert "\n".join(report(await verify(archive.database), verbose=True)) == LAYOUT
