"""The short form of `python -m benchmarks kill`: whole processes killed under load, and the controls."""

from __future__ import annotations

from dataclasses import replace

import pytest
from benchmarks.durability.kill import CONTROLS, Plan, control, run, seen
from benchmarks.durability.trial import Setting

pytestmark = [pytest.mark.crash, pytest.mark.timeout(240)]

SETTING = Setting(students=8, seed=20)


async def test_nothing_acknowledged_is_lost_whatever_is_killed(tmp_path, figures):
    plan = Plan(server=4, postgres=3, supervisor=1, longest_s=1.0)
    measured = await run(plan, SETTING, tmp_path)
    figures("kill rounds", measured.lines())
    assert measured.holds
    assert measured.rounds == 8
    assert measured.found.turns == measured.acknowledged > 100
    assert all(code in {"connection", "503 store_unavailable", "409 conflict"} for code in measured.retries)
    assert measured.retries["503 store_unavailable"] > 0


@pytest.mark.parametrize("name", CONTROLS)
async def test_the_harness_sees_loss_and_duplicates(tmp_path, figures, name):
    plan, setting = control(name, SETTING)
    measured = await run(replace(plan, server=min(plan.server, 3)), setting, tmp_path)
    figures(f"control {name}, which must find something", measured.lines())
    assert seen(name, measured)
    assert not measured.holds
