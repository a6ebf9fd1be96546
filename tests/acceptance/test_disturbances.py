"""The short forms of `python -m benchmarks chaos`: the stores disturbed under load."""

from __future__ import annotations

import pytest
from benchmarks.durability import crowding, disturbances
from benchmarks.durability.trial import Setting, Trial

pytestmark = [pytest.mark.crash, pytest.mark.timeout(180)]

SETTING = Setting(students=6, seed=3)


@pytest.fixture
def holds(figures):
    """Assert an outcome and show its figures."""

    def check(outcome):
        figures(outcome.name, outcome.lines()[1:])
        assert outcome.holds, "\n".join(outcome.lines())

    return check


async def test_backends_terminated_every_50_ms(holds):
    holds(await disturbances.terminated_backends(SETTING, 3))


async def test_connections_torn_at_random_bytes_and_after_commits(holds):
    holds(await disturbances.torn_connections(SETTING, 6))


async def test_postgres_stopped_for_a_while(holds):
    holds(await disturbances.frozen_postgres(SETTING, (1, 6)))


async def test_servers_replaced_while_turns_are_in_flight(holds):
    holds(await disturbances.deployed(SETTING, 2))


async def test_redis_flushed_and_killed(holds):
    holds(await disturbances.redis_lost(SETTING, 3))


@pytest.mark.skipif(disturbances.FAKETIME is None, reason="faketime is not installed")
async def test_clocks_of_the_servers_jump_an_hour(holds, tmp_path):
    holds(await disturbances.skewed_clocks(SETTING, 4, tmp_path))


async def test_many_requests_at_once(holds):
    async with Trial(Setting(students=0, servers=2)) as trial:
        holds(await crowding.crowded(trial, 1))
        holds(await crowding.crowded(trial, 2))
        holds(await crowding.duplicated_deliveries(trial, students=6, turns=3))
