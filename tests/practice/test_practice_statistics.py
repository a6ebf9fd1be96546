"""Statistics and warm-up: what is counted, over which time, in which order."""

from datetime import UTC, datetime, timedelta

from holdfast.programs.practice.spacing import Card, Rating, reviewed


async def save(client, **given):
    body = {"session_type": "conversation", "duration_seconds": 100, **given}
    response = await client.post("/api/sessions/save", body)
    assert response.status_code == 200, response.text
    return response.json()


async def age(world, session, **ago):
    """Let a saved session have taken place earlier."""
    async with world.services.database.connection() as connection:
        await connection.execute(
            "UPDATE holdfast.session_results SET created_at = clock_timestamp() - $2::interval"
            " WHERE session_result_id = $1::uuid",
            session["session_result_id"],
            timedelta(**ago),
        )


async def stats(client, period="week"):
    return (await client.get("/api/sessions/stats", params={"period": period})).json()


async def test_a_missing_score_is_in_no_average(world):
    client, _ = await world.student()
    await save(client, pronunciation_score=80, grammar_score=None)
    await save(client, pronunciation_score=90, fluency_score=0)
    await save(client)
    seen = await stats(client)
    assert (seen["avg_pronunciation"], seen["avg_fluency"], seen["avg_grammar"]) == (85, 0, None)
    (day,) = seen["improvement_trends"]
    assert (day["pronunciation"], day["fluency"], day["grammar"]) == (85, 0, None)


async def test_a_day_without_any_score_is_in_no_trend(world):
    client, _ = await world.student()
    await save(client)
    seen = await stats(client)
    assert (seen["total_sessions"], seen["improvement_trends"]) == (1, [])


async def test_periods_are_rolling_hours(world):
    client, _ = await world.student()
    for ago in ({"hours": 167}, {"hours": 169}, {"hours": 719}, {"hours": 721}):
        await age(world, await save(client), **ago)
    assert (await stats(client))["total_sessions"] == 1
    assert (await stats(client, "month"))["total_sessions"] == 3
    assert (await client.get("/api/sessions/history")).json()["total"] == 4


async def test_trends_go_by_days_in_utc_and_rise(world):
    client, _ = await world.student()
    for days, score in ((2, 50), (0, 70), (1, 60), (1, 61)):
        await age(world, await save(client, fluency_score=score), days=days)
    seen = (await stats(client))["improvement_trends"]
    today = datetime.now(UTC).date()
    assert [day["date"] for day in seen] == [str(today - timedelta(days=n)) for n in (2, 1, 0)]
    assert [day["fluency"] for day in seen] == [50, 60.5, 70]


async def test_types_that_did_not_occur_are_not_listed(world):
    client, _ = await world.student()
    for kind, seconds in (("roleplay", 10), ("roleplay", 15), ("pronunciation", 7)):
        await save(client, session_type=kind, duration_seconds=seconds)
    assert (await stats(client))["sessions_by_type"] == {
        "roleplay": {"count": 2, "avg_duration": 13},
        "pronunciation": {"count": 1, "avg_duration": 7},
    }


async def test_phrases_are_counted_without_case_and_spaces_and_once_a_session(world):
    client, _ = await world.student()
    saved = await save(client, topics=["  Straße ", "STRASSE", "straße", "Café", "Cafe\u0301"])
    assert saved["topics"] == ["Straße", "Café"], "each once, in its first spelling"
    await save(client, topics=["strasse"])
    await save(client, topics=["Straße  ", "word  order"])
    assert (await stats(client))["common_topics"] == [
        {"topic": "Straße", "count": 3},
        {"topic": "Café", "count": 1},
        {"topic": "word order", "count": 1},
    ]


async def test_the_ten_most_common_are_listed_and_ties_go_by_the_alphabet(world):
    client, _ = await world.student()
    await save(client, topics=[f"t{n:02}" for n in range(20, 0, -1)], areas_to_improve=["b", "a", "c"])
    await save(client, topics=["t15"], areas_to_improve=["c"])
    seen = await stats(client)
    assert [t["topic"] for t in seen["common_topics"]] == ["t15", *[f"t{n:02}" for n in range(1, 10)]]
    assert [(a["area"], a["count"]) for a in seen["areas_to_improve"]] == [("c", 2), ("a", 1), ("b", 1)]


async def test_students_see_their_own_figures_only(world):
    one, _ = await world.student("One Student")
    two, _ = await world.student("Two Student")
    await save(one, topics=["mine"], vocabulary_learned=["mine"])
    assert (await stats(two))["total_sessions"] == 0
    assert (await two.get("/api/sessions/history")).json()["total"] == 0
    assert (await two.get("/api/sessions/warmup")).json()["vocabulary_review"] == []


async def _due(world, word, **ago):
    async with world.services.database.connection() as connection:
        await connection.execute(
            "UPDATE holdfast.vocabulary_cards SET due_at = clock_timestamp() - $2::interval WHERE word = $1",
            word,
            timedelta(**ago),
        )


async def test_due_words_of_any_age_come_first_and_then_the_least_seen_of_the_week(world):
    client, _ = await world.student()
    old = await save(client, vocabulary_learned=["Ancient", "older", "not due"])
    await age(world, old, days=300)
    await save(client, vocabulary_learned=["often", "zebra", "apple"])
    await save(client, vocabulary_learned=["often"])
    await _due(world, "ancient", days=200)
    await _due(world, "older", days=250)
    await _due(world, "zebra", minutes=1)
    warmup = (await client.get("/api/sessions/warmup")).json()
    assert warmup["vocabulary_review"] == ["older", "Ancient", "zebra", "apple", "often"]
    assert [w["is_due"] for w in warmup["vocabulary_due"]] == [True, True, True, False, False]
    assert [w["word"] for w in warmup["vocabulary_due"]] == warmup["vocabulary_review"]


async def test_at_most_ten_words_and_five_areas_are_suggested(world):
    client, _ = await world.student()
    words = [f"word {n:02}" for n in range(30)]
    await save(client, vocabulary_learned=words, areas_to_improve=list("gfedcba"))
    await save(client, areas_to_improve=["g"])
    for word in words[15:27]:
        await _due(world, word, days=1)
    warmup = (await client.get("/api/sessions/warmup")).json()
    assert len(warmup["vocabulary_review"]) == 10
    assert set(warmup["vocabulary_review"]) <= set(words[15:27])
    assert warmup["focus_areas"] == ["g", "a", "b", "c", "d"]


async def test_focus_is_on_the_last_seven_days_and_the_summary_on_the_newest_session_of_any_age(world):
    client, _ = await world.student()
    saved = await save(client, areas_to_improve=["articles"], grammar_score=40)
    await age(world, saved, days=40)
    warmup = (await client.get("/api/sessions/warmup")).json()
    assert warmup["focus_areas"] == []
    assert warmup["last_session_summary"]["areas_to_improve"] == ["articles"]
    assert warmup["last_session_summary"]["grammar_score"] == 40


async def _card(world, word):
    async with world.services.database.connection() as connection:
        row = await connection.fetchrow(
            "SELECT stability, difficulty, due_at, reviewed_at, reviews, spelled"
            " FROM holdfast.vocabulary_cards WHERE word = $1",
            word,
        )
        log = await connection.fetch(
            "SELECT rating, rated FROM holdfast.vocabulary_reviews WHERE word = $1 ORDER BY reviewed_at", word
        )
    card = Card(row["stability"], row["difficulty"], row["due_at"], row["reviewed_at"])
    return card, row["reviews"], row["spelled"], [tuple(entry) for entry in log]


async def test_a_word_that_comes_up_again_is_reviewed_and_a_rating_counts(world):
    client, _ = await world.student()
    await save(client, vocabulary_learned=["Haus"])
    first, reviews, spelled, log = await _card(world, "haus")
    assert first == reviewed(None, Rating.GOOD, now=first.reviewed_at)
    assert (reviews, spelled, log) == (1, "Haus", [(3, False)])
    assert first.due_at - first.reviewed_at == timedelta(days=2)
    async with world.services.database.connection() as connection:
        await connection.execute(
            "UPDATE holdfast.vocabulary_cards SET reviewed_at = reviewed_at - interval '3 days',"
            " due_at = due_at - interval '3 days'"
        )
    earlier, *_ = await _card(world, "haus")
    await save(client, vocabulary_learned=[{"word": " HAUS ", "rating": 1}, "haus"])
    again, reviews, spelled, log = await _card(world, "haus")
    assert again == reviewed(earlier, Rating.AGAIN, now=again.reviewed_at)
    assert (reviews, spelled, log) == (2, "HAUS", [(3, False), (1, True)])
    assert again.stability < earlier.stability


async def test_of_two_ratings_for_one_word_the_lower_counts(world):
    client, _ = await world.student()
    rated = [{"word": "Der Hund", "rating": 4}, {"word": "der  hund", "rating": 2}]
    saved = await save(client, vocabulary_learned=rated)
    assert saved["vocabulary_learned"] == ["Der Hund"]
    assert (await _card(world, "der hund"))[3] == [(2, True)]
