"""Clinical time: how far a run has come, computed from stored moments when somebody looks.

The clinical clock stands still while the session is paused and, unless the cohort's plan says
otherwise, while the service was down. No process keeps time; any process can tell it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from holdfast.core.service_clock import ServiceClock
from holdfast.kit.clock import seconds_between


@dataclass(frozen=True, slots=True)
class SessionClock:
    """The pauses of a session: those that ended, and the one that lasts, if any."""

    paused_at: datetime | None
    paused_s: float
    paused_outage_s: float
    pause_downtime_s: float | None


@dataclass(frozen=True, slots=True)
class RunClock:
    """Where a run's clock was last set.

    Attributes:
        as_of: the moment at which `elapsed_s` was right.
        elapsed_s: clinical seconds at that moment.
        paused_s: the session's ended pauses then.
        downtime_s: the outages outside pauses then.
        time_scale: clinical seconds per second.
        outages_count: whether the clock runs on through outages.
    """

    as_of: datetime
    elapsed_s: float
    paused_s: float
    downtime_s: float
    time_scale: float
    outages_count: bool


def reading(service: ServiceClock, session: SessionClock, run: RunClock) -> RunClock:
    """The run's clock set to the present moment. Clinical time never runs backwards.

    Milliseconds are the unit in which clinical time is kept, so that replaying stored actions
    meets the same times.
    """
    now, outages = service.now, service.outages_s
    if session.paused_at is not None:
        now = min(now, session.paused_at)
        outages = outages if session.pause_downtime_s is None else session.pause_downtime_s
    net = outages - session.paused_outage_s
    passed = seconds_between(run.as_of, now) - max(0.0, session.paused_s - run.paused_s)
    if not run.outages_count:
        passed -= max(0.0, net - run.downtime_s)
    elapsed = run.elapsed_s + max(0.0, passed) * run.time_scale
    return RunClock(
        as_of=max(now, run.as_of),
        elapsed_s=round(elapsed, 3),
        paused_s=session.paused_s,
        downtime_s=net,
        time_scale=run.time_scale,
        outages_count=run.outages_count,
    )
