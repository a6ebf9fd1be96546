"""People at the pages: playing, being interrupted, coming back. Real browser, real server, real kills."""

from __future__ import annotations

import os
import re
import signal
from typing import Any
from uuid import uuid4

import httpx
import pytest

from fixtures.service import SECRET
from holdfast.core.access import Role, TokenAuthority
from holdfast.kit.clock import utc_now

pytestmark = [pytest.mark.browser, pytest.mark.crash, pytest.mark.timeout(480)]

SOON_MS = 60_000
REASON = "I would call for help early and reassess, because the first look can deceive."
REFLECTION = "I saw it in the vital signs and acted; next time I would reassess sooner. Let us finish."


@pytest.fixture
def server(start_server, database_url, stores):
    return start_server(database_url=database_url, redis_url=stores.redis_url)


class Staff:
    """An instructor over the interface, to check by other means what pages show."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.token = TokenAuthority(SECRET).issue(Role.INSTRUCTOR, str(uuid4()), now=utc_now())

    def get(self, path: str) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"}
        return httpx.get(self.url + path, headers=headers, timeout=20).raise_for_status().json()

    def post(self, path: str, body: dict[str, Any]) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"}
        return httpx.post(self.url + path, json=body, headers=headers, timeout=20).raise_for_status().json()

    def session(self) -> str:
        (only,) = self.get("/api/sessions/active")["sessions"]
        return str(only["sessionId"])

    def messages(self, session: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.get(f"/api/sessions/{session}/messages")["messages"]
        return found


@pytest.fixture
def staff(server) -> Staff:
    made = Staff(server.url)
    plan = {"simulation": {"scenario_queue": ["stemi", "asthma_acute_severe"], "coach_questions": 2}}
    made.post("/api/cohorts", {"name": "Ward 7", "joinCode": "ward-7", "plan": plan})
    return made


class Student:
    """Somebody who joins with a browser and plays. A page that reports an error fails the test."""

    def __init__(self, url: str, context: Any, page: Any) -> None:
        self.url, self.context, self.page = url, context, page
        self.wrong: list[str] = []
        page.set_default_timeout(SOON_MS)
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("dialog", self._unexpected)

    @classmethod
    async def opened(cls, browser: Any, url: str) -> Student:
        context = await browser.new_context()
        return cls(url, context, await context.new_page())

    async def _unexpected(self, dialog: Any) -> None:
        self.wrong.append(dialog.message)
        await dialog.dismiss()

    async def join(self) -> None:
        await self.page.goto(f"{self.url}/join/ward-7")
        await self.page.get_by_label("Your name").fill("Žofia Ňová")
        await self.page.get_by_label("I agree").check()
        await self.press("Join and begin")
        await self.press("Begin")
        await self.page.locator(".message").first.wait_for()

    async def write(self, text: str) -> None:
        await self.page.get_by_label("Your message").fill(text)
        await self.page.get_by_label("Your message").press("Enter")

    def own(self, text: str) -> Any:
        return self.page.locator(".message.user", has_text=text)

    def unsaved(self, text: str) -> Any:
        return self.own(text).get_by_label("not saved yet")

    async def ticked(self, text: str) -> None:
        await self.own(text).last.get_by_label("saved", exact=True).wait_for()

    async def say(self, text: str) -> None:
        """Say something and wait for the tick and the saved reply."""
        replies = self.page.locator('.message.assistant[data-mark="saved"]')
        before = await replies.count()
        await self.write(text)
        await replies.nth(before).wait_for()
        await self.ticked(text)

    async def say_until(self, text: str, step: str) -> None:
        for _ in range(40):
            if await self.page.locator(f'[data-step="{step}"]').count():
                return
            await self.say(text)
            await self.page.wait_for_timeout(100)
        raise AssertionError(f"never came to {step}")

    async def press(self, name: str) -> None:
        await self.page.get_by_role("button", name=name, exact=True).click()

    async def reads(self, text: str) -> None:
        await self.page.get_by_text(text).first.wait_for()

    async def no_longer_reads(self, text: str) -> None:
        await self.page.get_by_text(text).first.wait_for(state="hidden")

    async def hand_over(self) -> None:
        await self.press("Hand over patient")
        await self.press("Yes")

    async def to_patient(self) -> None:
        await self.press("Skip the warm-up")
        await self.say_until("ready", "begin-scenario")
        await self.press("Go to the first patient")
        await self.reads("not measured")


@pytest.fixture
async def player(browser, staff):
    made = await Student.opened(browser, staff.url)
    await made.join()
    yield made
    assert made.wrong == []
    await made.context.close()


async def _interrupt(server, player: Student, text: str) -> None:
    """Say something to a server that is frozen, kill it, and start another on the same port."""
    os.kill(server.process.pid, signal.SIGSTOP)  # so that the message is surely under way
    await player.write(text)
    await player.unsaved(text).wait_for()
    server.kill()
    await player.reads("Connection lost")
    assert await player.unsaved(text).count() == 1
    server.start()


async def test_a_whole_session_with_the_server_killed_in_every_part(server, staff, player):
    session = staff.session()
    await player.say(f"{REASON} Before.")
    await _interrupt(server, player, f"{REASON} Coach.")
    await player.ticked("Coach.")
    await player.no_longer_reads("Connection lost")
    await player.say_until(REASON, "begin-scenario")

    await player.press("Go to the first patient")
    await player.say("I measure the heart rate.")
    await _interrupt(server, player, "I record a 12-lead ECG.")
    await player.ticked("12-lead ECG")
    await player.say("I give aspirin 300 mg orally.")
    assert re.search(r"\d+", await player.page.locator(".sign.hr dd").inner_text())
    await player.hand_over()
    await player.reads("the next one waits")

    server.kill()
    await player.press("Next scenario")  # a step is carried out too, once the server is back
    await player.reads("Connection lost")
    server.start()
    await player.say("I measure the oxygen saturation.")
    await player.hand_over()
    await player.press("Start review")
    await player.say("I feel well.")
    await _interrupt(server, player, "That ECG made it clear.")
    await player.ticked("made it clear")
    await player.say_until(REFLECTION, "results")
    await player.press("See my results")
    await player.page.get_by_role("heading", name="your session is complete").wait_for()
    assert await player.page.locator(".figure").count() == 3

    messages = staff.messages(session)
    said = [m["content"] for m in messages if m["role"] == "user"]
    for once in ("Coach.", "12-lead ECG", "aspirin 300", "made it clear", "oxygen saturation"):
        assert sum(once in text for text in said) == 1, once
    assert [m["seq"] for m in messages] == list(range(1, len(messages) + 1))
    assert {m["replyTo"] for m in messages if m["replyTo"]} == {
        m["seq"] for m in messages if m["role"] == "user"
    }
    assert staff.get(f"/api/sessions/{session}/check")["status"] == "COMPLETED"


async def test_what_was_not_saved_outlives_a_reload(server, staff, player):
    session = staff.session()
    await _interrupt(server, player, "Said to a dead server.")
    server.wait()
    await player.page.reload()
    await player.ticked("dead server")
    said = [m["content"] for m in staff.messages(session) if m["role"] == "user"]
    assert said == ["Said to a dead server."]


async def test_an_answer_that_is_lost_on_the_way_doubles_nothing(staff, player):
    session, lost = staff.session(), []

    async def lose(route):
        answer = await route.fetch()  # the server has done it; the page never hears of it
        lost.append(await answer.text())
        await route.abort()

    await player.page.route("**/message", lose, times=1)
    await player.write("Is anybody there?")
    await player.ticked("anybody there")
    assert "event: saved" in lost[0]
    said = [m["content"] for m in staff.messages(session) if m["role"] == "user"]
    assert said == ["Is anybody there?"]


async def test_messages_written_faster_than_they_are_answered_keep_their_order(staff, player):
    words = [f"Thought number {n}." for n in range(1, 4)]
    for text in words:
        await player.write(text)
    for text in words:
        await player.ticked(text)
    stored = staff.messages(staff.session())
    assert [m["content"] for m in stored if m["role"] == "user"] == words
    shown = await player.page.locator(".message > p").all_inner_texts()
    assert [text.split() for text in shown] == [m["content"].split() for m in stored]


async def test_a_one_time_link_brings_a_student_back_on_another_device_once(server, staff, player, browser):
    session = staff.session()
    link = staff.post(f"/api/students/{staff.get('/api/students')['students'][0]['studentId']}/link", {})
    await player.say("I am ready.")
    other = await Student.opened(browser, server.url)
    await other.page.goto(f"{server.url}/recover#{link['link']}")
    await other.ticked("I am ready.")
    assert link["link"] not in other.page.url
    await other.say(f"{REASON} Elsewhere.")
    await player.own("Elsewhere.").wait_for()  # the first device hears of it
    assert len(staff.messages(session)) == 5
    used = await Student.opened(browser, server.url)
    await used.page.goto(f"{server.url}/recover#{link['link']}")
    await used.reads("does not work any more")
    assert other.wrong == used.wrong == []


async def test_markup_that_a_student_writes_stays_text(player):
    await player.to_patient()
    nasty = '<img src=x onerror="alert(1)"><script>alert(2)</script>'
    await player.say(nasty)
    assert await player.own(nasty).count() == 1
    assert await player.page.locator("#log img, #log script").count() == 0
    await player.page.reload()
    await player.own(nasty).wait_for()
    assert await player.page.locator("#log img, #log script").count() == 0


async def test_an_instructor_watches_pauses_resumes_voids_and_reopens(server, staff, player, browser):
    await player.to_patient()
    watching = await browser.new_page()
    watching.set_default_timeout(SOON_MS)
    await watching.goto(f"{server.url}/enter#{staff.token}")
    await watching.wait_for_url("**/watch")
    assert "#" not in watching.url
    await watching.get_by_role("link", name="Žofia Ňová").click()
    await watching.get_by_text("Vital signs").wait_for()

    await player.say("I measure the heart rate.")
    await watching.locator(".transcript").get_by_text("I measure the heart rate.").wait_for()

    await watching.get_by_role("button", name="Pause").click()
    await player.reads("has paused the session")
    assert await player.page.get_by_label("Your message").is_disabled()
    stood = await player.page.locator("#clock").inner_text()
    await watching.get_by_role("button", name="Resume").click()
    await player.no_longer_reads("has paused the session")
    assert _seconds(await player.page.locator("#clock").inner_text()) <= _seconds(stood) + 3

    watching.on("dialog", lambda dialog: dialog.accept())
    await watching.get_by_role("button", name="Void").click()
    await player.reads("was closed by your instructor")
    await watching.get_by_role("button", name="Reopen").click()
    await player.no_longer_reads("was closed by your instructor")
    await player.say("I record a 12-lead ECG.")
    await watching.close()


def _seconds(clock: str) -> int:
    minutes, rest = clock.split(":")
    return int(minutes) * 60 + int(rest)


async def test_an_instructor_makes_a_cohort_and_its_link_works(server, staff, browser):
    page = await browser.new_page()
    page.set_default_timeout(SOON_MS)
    await page.goto(f"{server.url}/enter#{staff.token}")
    await page.wait_for_url("**/watch")
    await page.get_by_role("link", name="Cohorts").click()
    await page.get_by_label("Name", exact=True).fill("Ward 8 <b>&")
    await page.get_by_label("Join code").fill("ward-8")
    await page.get_by_label("Chest pain in a 61-year-old man").check()
    await page.get_by_role("button", name="Create").click()
    await page.get_by_text(f"{server.url}/join/ward-8").wait_for()
    made = next(c for c in staff.get("/api/cohorts")["cohorts"] if c["joinCode"] == "ward-8")
    assert made["plan"]["simulation"] == {"scenario_queue": ["stemi"]}
    await page.goto(f"{server.url}/join/ward-8")
    assert await page.get_by_role("heading", name="Ward 8 <b>&").is_visible()
    await page.close()


@pytest.mark.parametrize("size", [(1280, 800), (390, 844)])
async def test_the_page_fits_and_is_labelled(player, size):
    await player.page.set_viewport_size({"width": size[0], "height": size[1]})
    await player.to_patient()
    wide = await player.page.evaluate("document.documentElement.scrollWidth")
    assert wide <= size[0]
    nameless = await player.page.evaluate(
        "[...document.querySelectorAll('button, input, textarea, select')]"
        ".filter((e) => !(e.textContent.trim() || e.labels?.length || e.ariaLabel)).map((e) => e.outerHTML)"
    )
    assert nameless == []
    box = await player.page.get_by_role("button", name="Send").bounding_box()
    assert box["y"] + box["height"] <= size[1]
