"""A provider that fails in every way the wire allows, over real HTTP."""

from __future__ import annotations

import asyncio
import logging
import socket
import traceback
from contextlib import aclosing

import pytest
from librarian import KEY, Actor, Opener, Stopwatch, heard, shown, speech_of
from stub_provider import Call, Drop, Fail, FailInStream, Garbage, Hang, Reply, Say, Stall, StubProvider

from holdfast.agents.attempts import Timing
from holdfast.agents.gateway import Silence
from holdfast.agents.provider import ProviderGateway, open_gateway
from holdfast.agents.speech import Draft, Restart, Speech
from holdfast.kit.errors import AgentUnavailable

BOTH = pytest.mark.parametrize("provider", ["anthropic", "openai"])
EITHER_WAY = pytest.mark.parametrize("streaming", [False, True])


async def spoken(gateway: ProviderGateway, actor: Actor, *, streaming: bool) -> Speech:
    return speech_of(await heard(gateway, actor)) if streaming else await gateway.speak(actor)


@BOTH
@EITHER_WAY
async def test_a_rate_limit_is_waited_out(
    opener: Opener, stub: StubProvider, actor: Actor, stopwatch: Stopwatch, provider: str, *, streaming: bool
):
    stub.then(Fail(429, "rate_limit_error", headers={"retry-after": "7"}), Say("Here I am."))

    speech = await spoken(opener(provider), actor, streaming=streaming)

    assert speech.text == "Here I am."
    assert stopwatch.pauses == [7.0]
    assert speech.usage is not None
    assert speech.usage.attempts == 2


async def test_a_rate_limit_longer_than_the_deadline_is_not_waited_for(
    opener: Opener, stub: StubProvider, actor: Actor, stopwatch: Stopwatch
):
    stub.then(Fail(429, "rate_limit_error", headers={"retry-after": "120"}))

    with pytest.raises(Silence) as failure:
        await opener().speak(actor)

    assert failure.value.details == {"retry_after_s": 120.0}
    assert (stopwatch.pauses, len(stub.received)) == ([], 1)


@BOTH
@EITHER_WAY
@pytest.mark.parametrize("fault", [Fail(500), Fail(529, "overloaded_error"), Fail(503), Garbage()])
async def test_three_failures_are_silence(
    opener: Opener,
    stub: StubProvider,
    actor: Actor,
    stopwatch: Stopwatch,
    provider: str,
    fault: Reply,
    *,
    streaming: bool,
):
    stub.then(fault, fault, fault)

    with pytest.raises(AgentUnavailable) as failure:
        await spoken(opener(provider), actor, streaming=streaming)

    assert isinstance(failure.value, Silence)
    assert (failure.value.usage.attempts, len(stub.received)) == (3, 3)
    assert stopwatch.pauses == [0.5, 1.0]
    assert "saved" in failure.value.message
    assert failure.value.details == {}


@EITHER_WAY
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b'"text"',
        b"<html>gateway</html>",
        b'{"content": null}',
        b'{"content": [{}]}',
    ],
)
async def test_a_body_that_is_no_answer_is_asked_again(
    opener: Opener, stub: StubProvider, actor: Actor, body: bytes, *, streaming: bool
):
    stub.then(Garbage(body), Say("Now then."))

    speech = await spoken(opener(), actor, streaming=streaming)

    assert speech.text == "Now then."
    assert len(stub.received) == 2


@BOTH
@pytest.mark.parametrize(
    "fault",
    [
        Fail(400, "invalid_request_error"),
        Fail(401, "authentication_error"),
        Fail(403, "permission_error"),
        Fail(404, "not_found_error"),
        Fail(402, "billing_error"),
    ],
)
async def test_a_refused_request_is_not_sent_again(
    opener: Opener, stub: StubProvider, actor: Actor, provider: str, fault: Fail
):
    stub.then(fault)

    with pytest.raises(Silence):
        await opener(provider).speak(actor)

    assert len(stub.received) == 1


@BOTH
@EITHER_WAY
async def test_a_slow_reply_is_given_up(
    opener: Opener, stub: StubProvider, actor: Actor, provider: str, *, streaming: bool
):
    stub.then(Hang(), Say("At last."))

    speech = await spoken(opener(provider, timeout_s=0.2), actor, streaming=streaming)

    assert speech.text == "At last."
    assert len(stub.received) == 2


@BOTH
async def test_a_stream_that_is_alive_and_says_nothing_is_given_up(
    opener: Opener, stub: StubProvider, actor: Actor, provider: str
):
    stub.then(Stall(), Say("At last."))

    utterances = await heard(opener(provider, timeout_s=0.3, deadline_s=5.0), actor)

    assert speech_of(utterances).text == "At last."


@EITHER_WAY
async def test_the_deadline_ends_it(opener: Opener, stub: StubProvider, actor: Actor, *, streaming: bool):
    stub.default = Hang()

    with pytest.raises(Silence) as failure:
        await spoken(opener(timeout_s=5.0, deadline_s=0.3), actor, streaming=streaming)

    assert len(stub.received) == 1
    assert 0.25 < failure.value.usage.latency_s < 4


@BOTH
@pytest.mark.parametrize(
    "fault",
    [
        Drop("Good mor"),
        Drop("Good mor", clean=True),
        FailInStream("Good mor"),
        FailInStream("Good mor", "api_error"),
        Hang("Good mor"),
    ],
)
async def test_a_stream_that_breaks_off_begins_anew(
    opener: Opener, stub: StubProvider, actor: Actor, provider: str, fault: Reply
):
    stub.then(fault, Say("Good morning to you all."))

    utterances = await heard(opener(provider, timeout_s=0.5), actor)

    speech = speech_of(utterances)
    assert speech.text == "Good morning to you all."
    assert shown(utterances) == speech.text
    assert utterances.count(Restart()) == 1
    assert isinstance(utterances[0], Draft)
    assert len(stub.received) == 2


async def test_tokens_of_a_broken_stream_are_counted(opener: Opener, stub: StubProvider, actor: Actor):
    stub.then(Drop("Good mor"), Say("Good morning.", input_tokens=100))

    speech = speech_of(await heard(opener(), actor))

    assert speech.usage is not None
    assert speech.usage.input_tokens == 200


async def test_a_break_after_a_tool_round_keeps_that_round(opener: Opener, stub: StubProvider, actor: Actor):
    stub.then(
        Say("One moment.", calls=(Call("fetch_book", {"title": "Emma"}),)), Drop("Here "), Say("Here it is.")
    )

    utterances = await heard(opener(), actor)

    speech = speech_of(utterances)
    assert speech.text == "One moment.\n\nHere it is."
    assert shown(utterances) == speech.text
    assert len(speech.proposals) == 1
    assert len(actor.answered) == 1


async def test_no_server_at_all_is_silence(actor: Actor, stopwatch: Stopwatch):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    gateway = open_gateway(
        "anthropic", "claude-sonnet-5-5", api_key=KEY, base_url=url, timing=Timing(sleep=stopwatch.sleep)
    )

    with pytest.raises(Silence) as failure:
        await gateway.speak(actor)

    await gateway.aclose()
    assert failure.value.usage.attempts == 3
    assert failure.value.usage.input_tokens == 0


async def test_whoever_stops_listening_hangs_up(opener: Opener, stub: StubProvider, actor: Actor):
    stub.then(Hang("Good morning, "))

    async with aclosing(opener().stream(actor)) as stream:
        assert isinstance(await anext(stream), Draft)

    assert await asyncio.to_thread(stub.hung_up.wait, 5)


@BOTH
@EITHER_WAY
@pytest.mark.parametrize(
    "fault",
    [Fail(401, "authentication_error", f"invalid key {KEY}"), Fail(500, message="patient secret"), Garbage()],
)
async def test_neither_key_nor_words_are_shown(
    opener: Opener,
    stub: StubProvider,
    actor: Actor,
    caplog: pytest.LogCaptureFixture,
    provider: str,
    fault: Reply,
    *,
    streaming: bool,
):
    stub.default = fault
    gateway = opener(provider)
    words = "a sentence that only the student wrote"

    with caplog.at_level(logging.DEBUG, logger="holdfast"), pytest.raises(Silence) as failure:
        await spoken(gateway, actor.asked(words), streaming=streaming)

    error = failure.value
    shown_somewhere = "\n".join(
        [caplog.text, repr(gateway), str(error), repr(error.__dict__), *traceback.format_exception(error)]
    )
    assert KEY not in shown_somewhere
    assert words not in shown_somewhere
    assert "patient secret" not in shown_somewhere
    assert error.__cause__ is None
    assert error.__context__ is None
    assert "attempt 1 of 3" in caplog.text


@BOTH
async def test_the_client_libraries_do_not_log_the_key(
    opener: Opener, stub: StubProvider, actor: Actor, caplog: pytest.LogCaptureFixture, provider: str
):
    with caplog.at_level(logging.DEBUG):
        await opener(provider).speak(actor)

    assert stub.received
    assert caplog.records
    assert KEY not in caplog.text
