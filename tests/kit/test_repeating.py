"""Repetition in the background: it goes on after failures and always ends with its block."""

import asyncio

from holdfast.kit import repeating as module
from holdfast.kit.repeating import repeating


async def test_it_repeats_and_goes_on_after_a_failure():
    times = 0
    enough = asyncio.Event()

    async def job():
        nonlocal times
        times += 1
        if times == 3:
            enough.set()
        raise ValueError("every time")

    async with repeating(0.001, job):
        await asyncio.wait_for(enough.wait(), 5)
    ended = times
    await asyncio.sleep(0.02)
    assert times == ended


async def test_a_block_that_ends_early_never_begins():
    async def job():
        raise AssertionError("it began")

    async with repeating(60, job, at_once=False):
        pass


async def test_what_is_under_way_is_finished_first():
    began, done = asyncio.Event(), False

    async def job():
        nonlocal done
        began.set()
        await asyncio.sleep(0.05)
        done = True

    async with repeating(60, job):
        await began.wait()
    assert done


async def test_a_job_that_swallows_its_cancellation_does_not_keep_the_block(monkeypatch):
    monkeypatch.setattr(module, "PATIENCE_S", 0.01)
    began, release = asyncio.Event(), asyncio.Event()

    async def stubborn():
        began.set()
        while not release.is_set():
            try:
                await release.wait()
            except asyncio.CancelledError:
                continue

    async with asyncio.timeout(10):
        async with repeating(60, stubborn):
            await began.wait()
    release.set()
    await asyncio.sleep(0.01)
