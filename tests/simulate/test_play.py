"""Whole sessions over HTTP on a real server process, and through the death of that process."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from fixtures.processes import Server, StartServer
from fixtures.stores import EmbeddedStores
from holdfast.operations.simulated_students.crowd import Crowd, Wishes
from holdfast.operations.simulated_students.health import health, time_scale_of
from holdfast.operations.simulated_students.player import Phase, Player
from holdfast.operations.simulated_students.skill import student_of

TIME_SCALE = 300.0


@pytest.fixture
def join_code(cohort: Any) -> str:
    return str(cohort.join_code)


@dataclass
class Log:
    """What the students were told was saved: outside of the server, as a student remembers it."""

    turns: dict[str, list[tuple[str, str, Mapping[str, Any]]]] = field(default_factory=dict)
    count: int = 0
    reached: dict[int, asyncio.Event] = field(default_factory=dict)

    def __call__(self, session: str, key: str, text: str, answer: Mapping[str, Any]) -> None:
        self.turns.setdefault(session, []).append((key, text, answer))
        self.count += 1
        for number, event in self.reached.items():
            if self.count >= number:
                event.set()

    def after(self, number: int) -> asyncio.Event:
        return self.reached.setdefault(number, asyncio.Event())


async def stored(url: str, player: Player) -> list[dict[str, Any]]:
    """The conversation as the server has it."""
    async with httpx.AsyncClient() as client:
        response = await client.get(
            f"{url}/api/sessions/{player.session_id}/messages?limit=1000",
            headers={"Authorization": f"Bearer {player.connection.token}"},
        )
        found = response.json()
    assert found["pending"] == []
    messages: list[dict[str, Any]] = found["messages"]
    return messages


async def check_nothing_lost_or_doubled(url: str, player: Player, log: Log) -> None:
    """Every acknowledged turn is there once, with its reply, in the order in which it was said."""
    messages = await stored(url, player)
    said = [(m["idempotencyKey"], m["content"]) for m in messages if m["role"] == "user"]
    assert said == [(key, text) for key, text, _ in log.turns[player.session_id or ""]]
    replies = {m["seq"]: m for m in messages if m["role"] == "assistant"}
    answered = Counter(m["replyTo"] for m in replies.values() if m["replyTo"] is not None)
    assert set(answered.values()) == {1}
    for _, _, answer in log.turns[player.session_id or ""]:
        assert replies[answer["replySeq"]]["content"] == answer["message"]
        assert replies[answer["replySeq"]]["replyTo"] == answer["messageSeq"]


async def test_students_play_whole_sessions(server: Server, join_code: str):
    log = Log()
    scale = await time_scale_of(server.url)
    wishes = Wishes(students=4, seed=11, concurrency=4, join_code=join_code)
    crowd = Crowd(server.url, wishes, scale, on_acknowledged=log)

    played = await crowd.play()

    assert [p.problem for p in played] == [None] * 4
    assert all(p.finished and p.retries == 0 for p in played)
    assert sorted(p.student.arm or "" for p in played) == ["A", "A", "B", "B"]
    for p in played:
        totals = (p.performance or {})["totals"]
        assert totals["scenariosCompleted"] == len(p.queue) == 3
        assert totals["overallScore"] is not None
        assert (totals["challengePointsCount"] > 0) == (p.challenges > 0)
        assert p.challenges == 0 or p.student.arm == "A"
    assert sum(p.challenges for p in played) > 0
    assert crowd.share == 1.0
    for player in crowd.players:
        assert player.phase is Phase.COMPLETE
        await check_nothing_lost_or_doubled(server.url, player, log)


async def test_delays_are_clinical_time(server: Server):
    """A student's own pace, not the machine's, decides when things are done."""
    async with httpx.AsyncClient(timeout=30) as client:
        player = Player(server.url, client, student_of(11, 1), time_scale=TIME_SCALE)
        performance = await player.play()
        status = await player.connection.get(f"/api/sessions/{player.session_id}/check")
        messages = await stored(server.url, player)

    assert status["complete"]
    assert performance["complete"]
    for index in range(3):
        times = [m["clinicalTimeS"] for m in messages if m["scenarioIndex"] == index]
        assert times == sorted(times)
        assert 240 < times[-1] <= 1200


async def test_the_same_student_does_the_same_again(
    start_server: StartServer, stores: EmbeddedStores, make_cohort: Any
):
    """Where the clock hardly moves and no challenge comes by chance, words are the same to the letter."""
    server = start_server(database_url=stores.database_url, redis_url=stores.redis_url)
    nobody = {"simulation": {"challenge_points": {"A": False, "B": False}}}
    join_code = make_cohort(plan=nobody).join_code

    async def words() -> list[str]:
        log = Log()
        async with httpx.AsyncClient(timeout=30) as client:
            player = Player(
                server.url,
                client,
                student_of(23, 5),
                time_scale=1.0,
                effect=0.0,
                pace=0.0,
                on_acknowledged=log,
            )
            await player.enrol(join_code)
            await player.start(("traumatic_brain_injury",))
            for text in ("skip", "ready"):
                await player.say(text)
            await player.begin_first()
            await player.treat()
        return [text for _, text, _ in log.turns[player.session_id or ""]]

    first, second = await words(), await words()
    assert len(first) > 8
    assert first == second


async def test_a_scenario_that_nobody_was_taught_is_played_by_the_general_approach(server: Server):
    async with httpx.AsyncClient(timeout=30) as client:
        player = Player(server.url, client, student_of(3, 2), time_scale=TIME_SCALE)
        player._knowledge = Ignorance()
        performance = await player.play()

    assert performance["complete"]
    assert all(
        s["criticalActionsCompleted"] >= 0
        for s in performance["scenarios"]
        if "criticalActionsCompleted" in s
    )
    assert any(s["checklistResults"]["completed"] for s in performance["scenarios"])


class Ignorance:
    """Knows no scenario."""

    def of(self, _: str) -> None:
        return None


@pytest.mark.crash
async def test_sessions_survive_the_death_of_the_server(
    start_server: StartServer, database_url: str, stores: EmbeddedStores
):
    """SIGKILL in the middle of the coach, of scenarios and of reviews; students notice a pause."""
    server = start_server(database_url=database_url, redis_url=stores.redis_url, time_scale=TIME_SCALE)
    log = Log()
    wishes = Wishes(students=6, seed=5, concurrency=6, patience_s=60)
    crowd = Crowd(server.url, wishes, TIME_SCALE, on_acknowledged=log)
    playing = asyncio.create_task(crowd.play())

    for turns in (15, 100, 230):
        await asyncio.wait_for(log.after(turns).wait(), 60)
        server.kill()
        assert await health(server.url) is None
        await asyncio.to_thread(server.start)
    played = await asyncio.wait_for(playing, 120)

    assert [p.problem for p in played] == [None] * 6
    assert all(p.finished for p in played)
    assert sum(p.retries for p in played) > 0
    for player in crowd.players:
        await check_nothing_lost_or_doubled(server.url, player, log)
    async with httpx.AsyncClient() as client:
        player = crowd.players[0]
        mine = await client.get(
            f"{server.url}/api/sessions/mine",
            headers={"Authorization": f"Bearer {player.connection.token}"},
        )
    assert len(mine.json()["sessions"]) == 1
