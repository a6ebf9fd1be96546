"""The short form of `python -m benchmarks adaptive-kill`: tests go on while processes die."""

from __future__ import annotations

import pytest
from benchmarks.adaptive_test.kill import Plan, control_sees, run

pytestmark = [pytest.mark.crash, pytest.mark.timeout(240)]

SHORT = Plan(
    tests=12,
    rounds=2,
    length=12,
    questions=60,
    kills=2,
    flushes=4,
    store_kills=1,
    seed=3,
    longest_pause_s=0.6,
)


async def test_every_acknowledged_answer_counts_once_and_every_path_verifies(tmp_path, figures):
    measured, control = await run(SHORT, tmp_path)
    figures("adaptive tests under kills and flushes", measured.lines())
    assert measured.holds
    assert measured.findings.tests == 24
    assert len(measured.books.answers) == 288 == measured.findings.answers
    assert measured.books.cut > 0
    assert control_sees(control)
