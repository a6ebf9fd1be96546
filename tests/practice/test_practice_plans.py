"""History, statistics and warm-up are read by an index; `benchmarks/practice.py` measures them at size."""

import asyncpg
import pytest
from benchmarks.practice import WORK, fill, plan_of, scans


@pytest.fixture
async def filled(database_url):
    connection = await asyncpg.connect(database_url)
    await fill(connection, students=300, sessions_each=60)
    yield connection
    await connection.close()


async def test_each_look_is_by_an_index(filled):
    student_id = await filled.fetchval("SELECT student_id FROM holdfast.students ORDER BY student_id LIMIT 1")
    for name, values in WORK.items():
        found = scans(await plan_of(filled, name, values, student_id))
        assert found, name
        assert "Seq Scan" not in {kind for kind, _ in found}, (name, found)
        indexes = {index for _, index in found if index}
        assert indexes <= {
            "session_results_student_id_created_at_idx",
            "vocabulary_cards_student_id_due_at_idx",
            "vocabulary_cards_pkey",
        }, (name, indexes)


async def test_without_its_index_the_check_would_see_it(filled):
    await filled.execute("DROP INDEX holdfast.session_results_student_id_created_at_idx")
    student_id = await filled.fetchval("SELECT student_id FROM holdfast.students LIMIT 1")
    found = scans(await plan_of(filled, "history", WORK["history"], student_id))
    assert "Seq Scan" in {kind for kind, _ in found}


async def test_sessions_about_a_topic_word_or_area_are_found_by_the_arrays_indexes(filled):
    for kind, index in (
        ("topic", "session_results_topics_idx"),
        ("word", "session_results_vocabulary_learned_idx"),
        ("area", "session_results_areas_to_improve_idx"),
    ):
        values = {"kind": kind, "key": "a phrase nobody has", "limit": 20, "offset": 0}
        found = scans(await plan_of(filled, "sessions_about", values, None))
        assert index in {name for _, name in found}, found
