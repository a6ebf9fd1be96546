"""The test flows of the seed's own plan, over the public interface and on real processes."""

import asyncio

import httpx
import pytest

pytestmark = pytest.mark.crash


@pytest.fixture
def visit():
    visitors = []

    def make(url):
        visitors.append(Visitor(url))
        return visitors[-1]

    yield make
    for visitor in visitors:
        visitor.http.close()


class Visitor:
    def __init__(self, url):
        self.http = httpx.Client(base_url=url, timeout=60)

    def post(self, path, body=None):
        response = self.http.post(path, json=body or {})
        assert response.status_code < 300, response.text
        return response.json()

    def get(self, path):
        response = self.http.get(path)
        assert response.status_code == 200, response.text
        return response.json()

    def register(self, name):
        known = self.post("/api/student/register", {"name": name, "consent": True})
        self.http.headers["Authorization"] = f"Bearer {known['token']}"
        return known


def test_single_session(start_server, database_url, stores, visit):
    server = start_server(database_url=database_url, redis_url=stores.redis_url)
    alice = visit(server.url)
    known = alice.register("Alice Test")
    body = {"scenarioId": "asthma_patient_v2.0_final", "scenarioQueue": ["asthma", "stemi", "epilepsy"]}
    session = alice.post("/api/sessions/start", body)["sessionId"]
    found = alice.get(f"/api/sessions/{session}/check")
    assert (found["studentName"], found["group"]) == ("Alice Test", known["group"])
    assert found["challengePointsEnabled"] is (known["group"] == "A")
    for text in ("Hi, I'm ready to start.", "skip", "I am ready"):
        alice.post(f"/api/sessions/{session}/message", {"message": text})
    assert len(alice.get(f"/api/sessions/{session}/messages")["messages"]) == 7
    alice.post(f"/api/sessions/{session}/begin-scenario")
    alice.post(f"/api/sessions/{session}/message", {"message": "Measure all the vital signs"})
    panel = alice.get(f"/api/sessions/{session}/vitals")["vitals"]
    assert {"HR", "RR", "SpO2", "BP"} <= panel.keys()
    for _ in range(3):
        alice.post(f"/api/sessions/{session}/complete")
        alice.post(f"/api/sessions/{session}/next-scenario")
    assert alice.get(f"/api/sessions/{session}/performance")["scenariosCompleted"] == 3
    alice.post(f"/api/sessions/{session}/aar/start")
    for _ in range(60):
        if alice.post(f"/api/sessions/{session}/aar/message", {"message": "I stayed calm."})["aarComplete"]:
            break
    status = alice.get(f"/api/sessions/{session}/aar/status")
    assert status["complete"] and len(status["patternAnalysis"]) > 0
    totals = alice.get(f"/api/sessions/{session}/performance")["totals"]
    assert totals["scenariosCompleted"] == 3


def test_restart_persistence(start_server, database_url, stores, visit):
    first = start_server(database_url=database_url, redis_url=stores.redis_url)
    visitor = visit(first.url)
    visitor.register("Restart Test")
    session = visitor.post("/api/sessions/start")["sessionId"]
    visitor.post(f"/api/sessions/{session}/message", {"message": "Hello"})
    before = visitor.get(f"/api/sessions/{session}/messages")
    assert first.stop() == 0
    start_server(database_url=database_url, redis_url=stores.redis_url, port=first.port)
    assert visitor.get(f"/api/sessions/{session}/messages") == before
    visitor.post(f"/api/sessions/{session}/message", {"message": "I can go on"})


async def test_concurrent_sessions(start_server, database_url, stores, visit):
    server = start_server(database_url=database_url, redis_url=stores.redis_url)
    visitors = [visit(server.url) for _ in range(5)]

    def play(number):
        visitor = visitors[number]
        visitor.register(f"Student {number}")
        session = visitor.post("/api/sessions/start", {"scenarioQueue": ["asthma"]})["sessionId"]
        visitor.post(f"/api/sessions/{session}/message", {"message": "Test message"})
        return session

    sessions = await asyncio.gather(*(asyncio.to_thread(play, number) for number in range(5)))
    assert len(set(sessions)) == 5
    for visitor, session in zip(visitors, sessions, strict=True):
        messages = visitor.get(f"/api/sessions/{session}/messages")["messages"]
        assert [m["content"] for m in messages if m["role"] == "user"] == ["Test message"]


def test_the_database_goes_and_comes_back_without_a_restart(start_server, tmp_path, visit):
    import os
    import signal
    import time

    from holdfast.store.embedded import EmbeddedStores

    with EmbeddedStores.acquire(tmp_path / "own") as own:
        server = start_server(database_url=own.database_url, redis_url=own.redis_url)
        visitor = visit(server.url)
        visitor.register("Outage Test")
        session = visitor.post("/api/sessions/start")["sessionId"]
        os.kill(own.process_ids()["postgres"], signal.SIGKILL)
        seen, deadline = set(), time.monotonic() + 20
        while time.monotonic() < deadline:
            response = visitor.http.post(f"/api/sessions/{session}/message", json={"message": "still there?"})
            seen.add(response.status_code)
            if response.status_code == 503:
                assert int(response.headers["Retry-After"]) >= 1
            if response.status_code == 200 and (503 in seen or time.monotonic() > deadline - 17):
                break
            time.sleep(0.02)
        assert seen <= {200, 503}
        assert response.status_code == 200
        numbers = [m["seq"] for m in visitor.get(f"/api/sessions/{session}/messages")["messages"]]
        assert numbers == list(range(1, len(numbers) + 1))
