"""A session goes on where it was: after a kill in each phase, and from one server to another."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import cycle
from uuid import uuid4

import pytest
from benchmarks.durability.trial import Setting, Trial
from benchmarks.durability.wire import Wire

pytestmark = [pytest.mark.crash, pytest.mark.timeout(240)]

LOOKS = ("state", "check", "messages", "vitals", "performance", "aar/status")


def without_clock(seen):
    """What was seen without the running clinical time; the times of messages stay, for they are stored."""
    return {
        look: {name: part for name, part in body.items() if name != "clinicalTimeS"}
        for look, body in seen.items()
    }


def last_stored_s(seen):
    """The clinical time of the newest message of the patient's scenario; the clock never falls below it."""
    index = seen["state"]["currentScenarioIndex"]
    times = [m["clinicalTimeS"] or 0.0 for m in seen["messages"]["messages"] if m["scenarioIndex"] == index]
    return max(times, default=0.0)


@dataclass
class Player:
    """A student who talks to any of the servers."""

    ports: list[int]
    token: str | None = None
    session: str = ""

    async def ask(self, method, path, body=None, *, at=0, **more):
        wire = Wire(self.ports[at])
        try:
            reply = await wire.ask(method, path, body, token=self.token, **more)
        finally:
            wire.close()
        assert reply.status in {200, 201}, (path, reply)
        return reply.body

    async def enter(self):
        """Start a session in the study group that has challenge points."""
        asked = {"scenarioQueue": ["asthma", "stemi"]}
        started = {"challengePointsEnabled": False}
        while not started["challengePointsEnabled"]:
            self.token = None
            body = {"name": "Ada Test", "consent": True}
            self.token = (await self.ask("POST", "/api/student/register", body))["token"]
            started = await self.ask("POST", "/api/sessions/start", asked)
        self.session = started["sessionId"]

    async def do(self, step, text=None, *, at=0):
        """A step of the session; a message when there is a text."""
        body = {} if text is None else {"message": text}
        return await self.ask("POST", f"/api/sessions/{self.session}/{step}", body, at=at, key=str(uuid4()))

    async def act(self, target, *, at=0, **more):
        path = f"/api/sessions/{self.session}/action"
        return await self.ask("POST", path, {"target": target, **more}, at=at, key=str(uuid4()))

    async def seen(self, *, at=0):
        """Everything that the client can see of the session."""
        path = f"/api/sessions/{self.session}"
        return {look: await self.ask("GET", f"{path}/{look}", at=at) for look in LOOKS}


async def to_the_end_of_the_review(player):
    for _ in range(40):
        answer = await player.do("aar/message", "I would give oxygen earlier because she was hypoxic.")
        if answer["sessionComplete"]:
            return answer
    raise AssertionError("the review does not end")


async def test_a_killed_server_resumes_every_phase(tmp_path):
    async with Trial(Setting(students=0), tmp_path) as trial:
        server = trial.servers[0]
        player = Player([server.port])

        async def killed_in(phase):
            before = await player.seen()
            assert before["state"]["phase"] == phase
            server.kill()
            await server.start()
            after = await player.seen()
            assert without_clock(after) == without_clock(before)
            assert (after["vitals"]["clinicalTimeS"] or 0.0) >= last_stored_s(before)
            return after

        await player.enter()
        await player.do("message", "I am ready.")
        await killed_in("coach")
        await player.do("message", "skip")
        answer = await player.do("message", "airway first, reassess, falling saturation")
        assert answer["readyToTransition"]
        await killed_in("ready")
        await player.do("begin-scenario")
        await player.do("message", "Measure the SpO2 and the blood pressure.")
        measured = (await killed_in("scenario"))["vitals"]["measuredVitals"]
        assert set(measured) >= {"spo2", "systolic"}
        opened = (await player.do("message", "Give oxygen 15 l/min by mask."))["activeChallenge"]
        assert opened is not None
        still_open = (await killed_in("scenario"))["state"]["activeChallenge"]
        assert still_open["challengeId"] == opened["challengeId"]
        answer = await player.do(
            "message", "Because she needs a high fraction of oxygen, aiming for 94 to 98 %."
        )
        assert answer["challengeAnswered"] == opened["challengeId"]
        await player.act("salbutamol", dose=5, unit="mg", route="nebulised")
        await player.do("complete")
        await killed_in("between")
        await player.do("next-scenario")
        await player.do("complete")
        await killed_in("review_due")
        await player.do("aar/start")
        await player.do("aar/message", "It went well; I was calm.")
        await killed_in("review")
        await to_the_end_of_the_review(player)
        await killed_in("complete")


STEPS = (
    ("message", "skip"),
    ("message", "airway first, reassess, falling saturation"),
    ("begin-scenario", None),
    ("message", "Hello, I am Kim, a paramedic. What happened?"),
    ("message", "Measure the SpO2, the heart rate and the respiratory rate."),
    ("message", "Listen to the chest."),
    ("message", "Give oxygen 15 l/min by mask."),
    ("message", "skip"),
    ("message", "Give salbutamol 5 mg nebulised."),
    ("complete", None),
    ("next-scenario", None),
    ("message", "Where is the pain?"),
    ("complete", None),
    ("aar/start", None),
    ("aar/message", "It went well; I was calm."),
)
DIFFERENT = {"clinicalTimeS", "measuredVitals", "vitals", "atS", "clinicalTimeText"}


def shape(answer):
    """What is the same in two sessions with the same inputs: all but times and measured values."""
    if isinstance(answer, dict):
        return {name: shape(part) for name, part in answer.items() if name not in DIFFERENT}
    return [shape(part) for part in answer] if isinstance(answer, list) else answer


async def test_two_servers_serve_one_session_alternately(tmp_path):
    async with Trial(Setting(students=0, servers=2), tmp_path) as trial:
        ports = [server.port for server in trial.servers]
        shared, alone = Player(ports), Player(ports)
        await shared.enter()
        await alone.enter()
        turn = cycle((0, 1))
        for step, text in STEPS:
            expected = await alone.do(step, text)
            answer = await shared.do(step, text, at=next(turn))
            assert set(answer) == set(expected)
            for name in ("messageSeq", "replySeq", "phase", "expected", "currentAgent", "sessionComplete"):
                assert answer.get(name) == expected.get(name), (step, text, name)
            if answer.get("phase") == "scenario":
                assert shape(answer) == shape(expected)
            first, second = await shared.seen(at=0), await shared.seen(at=1)
            assert without_clock(first) == without_clock(second)
        one, other = await alone.seen(), await shared.seen(at=1)
        assert [m["seq"] for m in one["messages"]["messages"]] == [
            m["seq"] for m in other["messages"]["messages"]
        ]
