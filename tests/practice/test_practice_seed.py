"""Every request and response example of the seed, with its field names."""

import asyncio

import pytest

# The body of the seed's "Save a Session", unchanged.
EXAMPLE = {
    "session_type": "conversation",
    "duration_seconds": 300,
    "words_spoken": 120,
    "pronunciation_score": 85.5,
    "fluency_score": 78.0,
    "grammar_score": 82.5,
    "topics": ["travel", "hotels"],
    "vocabulary_learned": ["reservation", "available"],
    "areas_to_improve": ["past tense", "prepositions"],
}
STORED = {"session_result_id", "user_id", "metadata", "created_at", "updated_at"}


async def save(client, **changes):
    response = await client.post("/api/sessions/save", EXAMPLE | changes)
    assert response.status_code == 200, response.text
    return response.json()


async def test_a_saved_session_comes_back_with_id_and_timestamps(world):
    client, registered = await world.student()
    saved = await save(client)
    assert saved.keys() >= EXAMPLE.keys() | STORED
    assert {name: saved[name] for name in EXAMPLE} == EXAMPLE
    assert saved["user_id"] == registered["id"]
    assert saved["metadata"] == {}
    assert saved["created_at"] == saved["updated_at"]
    history = (await client.get("/api/sessions/history")).json()["sessions"]
    assert history == [{k: v for k, v in saved.items() if k != "milestones_reached"}]


async def test_each_session_type_and_its_metadata_is_kept(world):
    client, _ = await world.student()
    metadata = {
        "conversation": {
            "scenario_id": "hotel",
            "difficulty": "B1",
            "ai_tutor_mode": True,
            "user_level": "A2",
        },
        "pronunciation": {"focus_phoneme": "ř", "attempts": [1, 2.5, None, {"deep": ["er"]}]},
        "roleplay": {"job_role": "receptionist 🛎"},
    }
    for kind, sent in metadata.items():
        saved = await save(client, session_type=kind, metadata=sent)
        assert (saved["session_type"], saved["metadata"]) == (kind, sent)


async def test_what_is_not_sent_has_its_default_and_scores_stay_missing(world):
    client, _ = await world.student()
    response = await client.post("/api/sessions/save", {"session_type": "roleplay", "duration_seconds": 0})
    saved = response.json()
    assert (saved["words_spoken"], saved["topics"], saved["metadata"]) == (0, [], {})
    assert [saved[f"{s}_score"] for s in ("pronunciation", "fluency", "grammar")] == [None] * 3
    zero = await save(client, pronunciation_score=0, grammar_score=None)
    assert (zero["pronunciation_score"], zero["grammar_score"]) == (0, None)


async def test_weekly_statistics_have_the_seeds_shape(world):
    client, _ = await world.student()
    saved = await save(client)
    stats = (await client.get("/api/sessions/stats", params={"period": "week"})).json()
    assert stats == {
        "total_sessions": 1,
        "total_duration": 300,
        "total_words_spoken": 120,
        "avg_pronunciation": 85.5,
        "avg_fluency": 78.0,
        "avg_grammar": 82.5,
        "sessions_by_type": {"conversation": {"count": 1, "avg_duration": 300}},
        "improvement_trends": [
            {"date": saved["created_at"][:10], "pronunciation": 85.5, "fluency": 78.0, "grammar": 82.5}
        ],
        "common_topics": [{"topic": "hotels", "count": 1}, {"topic": "travel", "count": 1}],
        "areas_to_improve": [{"area": "past tense", "count": 1}, {"area": "prepositions", "count": 1}],
    }


async def test_warm_up_content_has_the_seeds_shape_and_due_dates_beside_it(world):
    client, _ = await world.student()
    saved = await save(client)
    warmup = (await client.get("/api/sessions/warmup")).json()
    due = warmup.pop("vocabulary_due")
    assert warmup == {
        "focus_areas": ["past tense", "prepositions"],
        "vocabulary_review": ["available", "reservation"],
        "last_session_summary": {
            "session_type": "conversation",
            "duration_seconds": 300,
            "pronunciation_score": 85.5,
            "fluency_score": 78.0,
            "grammar_score": 82.5,
            "areas_to_improve": ["past tense", "prepositions"],
            "created_at": saved["created_at"],
        },
    }
    assert [(d["word"], d["is_due"]) for d in due] == [("available", False), ("reservation", False)]
    assert all(d["due_at"] > saved["created_at"] for d in due)


async def test_nothing_practised_is_empty_and_no_error(world):
    client, _ = await world.student()
    stats = (await client.get("/api/sessions/stats", params={"period": "month"})).json()
    assert [stats[n] for n in ("total_sessions", "total_duration", "total_words_spoken")] == [0, 0, 0]
    assert [stats[f"avg_{n}"] for n in ("pronunciation", "fluency", "grammar")] == [None] * 3
    assert stats["sessions_by_type"] == {}
    assert [stats[n] for n in ("improvement_trends", "common_topics", "areas_to_improve")] == [[], [], []]
    assert (await client.get("/api/sessions/warmup")).json() == {
        "focus_areas": [],
        "vocabulary_review": [],
        "vocabulary_due": [],
        "last_session_summary": None,
    }
    assert (await client.get("/api/sessions/history")).json() == {
        "sessions": [],
        "total": 0,
        "limit": 20,
        "offset": 0,
    }


async def test_history_is_paged_filtered_and_counts_truly(world):
    client, _ = await world.student()
    kinds = ["conversation", "pronunciation", "roleplay", "conversation", "conversation"]
    saved = [(await save(client, session_type=kind))["session_result_id"] for kind in kinds]

    async def page(**asked):
        body = (await client.get("/api/sessions/history", params=asked)).json()
        return (
            [s["session_result_id"] for s in body["sessions"]],
            body["total"],
            body["limit"],
            body["offset"],
        )

    newest_first = saved[::-1]
    assert await page() == (newest_first, 5, 20, 0)
    assert await page(limit=2, offset=2) == (newest_first[2:4], 5, 2, 2)
    assert await page(limit=0, offset=-3) == (newest_first[:1], 5, 1, 0), "clamped, not refused"
    assert (await page(limit=1000))[2] == 100
    assert await page(offset=50) == ([], 5, 20, 50), "the total is true behind the end, too"
    chats = [saved[4], saved[3], saved[0]]
    assert await page(session_type="conversation", limit=2) == (chats[:2], 3, 2, 0)


async def test_sessions_of_one_moment_keep_their_order_over_pages(world):
    client, _ = await world.student()
    saved = {(await save(client))["session_result_id"] for _ in range(7)}
    async with world.services.database.connection() as connection:
        await connection.execute("UPDATE holdfast.session_results SET created_at = '2027-01-01T00:00:00Z'")
    seen = []
    for offset in range(0, 7, 2):
        body = (await client.get("/api/sessions/history", params={"limit": 2, "offset": offset})).json()
        seen += [s["session_result_id"] for s in body["sessions"]]
    assert seen == sorted(saved, reverse=True)


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/api/sessions/stats?period=day", "period"),
        ("/api/sessions/history?session_type=karaoke", "session_type"),
        ("/api/sessions/history?limit=many", "limit"),
    ],
)
async def test_a_wrong_question_is_told_which_field(world, path, field):
    client, _ = await world.student()
    response = await client.get(path)
    assert (response.status_code, response.json()["field"]) == (400, field)


async def test_names_of_practice_are_no_session_ids_and_the_other_way_round(world):
    client, _ = await world.student()
    session = await world.session(client)
    saved = await save(client)
    assert (await client.get(f"/api/sessions/{session}/check")).json()["exists"] is True
    assert (await client.get("/api/sessions/history/check")).json() == {"exists": False}
    assert (await client.get(f"/api/sessions/{saved['session_id']}/check")).json() == {"exists": False}
    assert (await client.delete("/api/sessions/history")).status_code == 404


async def test_a_saved_session_is_a_completed_session_and_an_event(world):
    client, registered = await world.student()
    saved = await save(client)
    async with world.services.database.connection() as connection:
        row = await connection.fetchrow(
            "SELECT program, status, student_id::text, enrolment_id IS NOT NULL AS enrolled,"
            " completed_at - started_at AS took FROM holdfast.sessions WHERE session_id = $1",
            saved["session_id"],
        )
        types = await connection.fetch(
            "SELECT type, object FROM holdfast.events WHERE session_id = $1 ORDER BY created_at",
            saved["session_id"],
        )
    assert (row["program"], row["status"], row["student_id"]) == ("practice", "COMPLETED", registered["id"])
    assert (row["enrolled"], row["took"].total_seconds()) == (True, 300)
    assert [tuple(t) for t in types] == [
        ("practice.saved", saved["session_result_id"]),
        ("practice.milestone_reached", "sessions_1"),
    ]


async def test_the_same_key_saves_once(world):
    client, _ = await world.student()
    answers = await asyncio.gather(
        *(client.post("/api/sessions/save", EXAMPLE, key="once") for _ in range(5))
    )
    assert {a.status_code for a in answers} == {200}
    assert len({a.json()["session_result_id"] for a in answers}) == 1
    other = await client.post("/api/sessions/save", EXAMPLE | {"duration_seconds": 1}, key="once")
    assert other.status_code == 422
    assert (await client.get("/api/sessions/history")).json()["total"] == 1


async def test_sessions_saved_at_once_are_all_there_and_counted_once_each(world):
    client, _ = await world.student()
    answers = await asyncio.gather(*(client.post("/api/sessions/save", EXAMPLE) for _ in range(20)))
    assert {a.status_code for a in answers} == {200}
    stats = (await client.get("/api/sessions/stats")).json()
    totals = (await client.get("/api/practice/milestones")).json()["totals"]
    assert (stats["total_sessions"], stats["total_duration"]) == (20, 6000)
    assert (totals["sessions"], totals["seconds"], totals["words_spoken"]) == (20, 6000, 2400)
    assert (totals["words_learned"], totals["streak_days"]) == (2, 1)
    async with world.services.database.connection() as connection:
        reviews = await connection.fetch("SELECT word, reviews FROM holdfast.vocabulary_cards ORDER BY word")
    assert [tuple(r) for r in reviews] == [("available", 20), ("reservation", 20)]


async def test_a_plan_without_practice_refuses_it_and_one_with_a_window_counts_the_beginning(world):
    staff = world.staff()
    for name, plan in (
        ("simulation", {"programs": ["simulation"]}),
        ("closed", {"closes_at": "2020-01-01T00:00:00Z"}),
        ("open", {"programs": ["practice"], "opens_at": "2020-01-01T00:00:00Z"}),
    ):
        body = {"name": name, "joinCode": f"join-{name}", "plan": plan}
        assert (await staff.post("/api/cohorts", body)).status_code == 201
    results = []
    for name in ("simulation", "closed", "open"):
        client, _ = await world.student(joinCode=f"join-{name}")
        results.append((await client.post("/api/sessions/save", EXAMPLE)).status_code)
    assert results == [409, 409, 200]


async def test_an_erased_student_leaves_nothing_of_practice_behind(world):
    client, registered = await world.student()
    await save(client)
    await client.post("/api/practice/shares", {})
    admin = world.staff("admin")
    assert (await admin.delete(f"/api/students/{registered['id']}")).status_code == 200
    async with world.services.database.connection() as connection:
        for table in (
            "sessions",
            "session_results",
            "vocabulary_cards",
            "vocabulary_reviews",
            "practice_standings",
            "practice_milestones",
            "practice_shares",
        ):
            assert await connection.fetchval(f"SELECT count(*) FROM holdfast.{table}") == 0, table
        left = await connection.fetch("SELECT type, student_id FROM holdfast.events WHERE type LIKE 'pract%'")
    assert left == []
    for path in ("history", "stats", "warmup"):
        assert (await client.get(f"/api/sessions/{path}")).status_code == 401
    assert (await client.post("/api/sessions/save", EXAMPLE)).status_code == 401
