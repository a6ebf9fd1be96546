"""The service's own clock: the database's time, the heartbeat, and the outages so far."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from holdfast.kit.clock import seconds_between

SILENCE_S = 3.0
"""A silence of the service longer than this is an outage (the heartbeat comes every second)."""
SILENCE_AT_START_S = 1.5
"""The same at a start, when a shorter silence tells that no other process was up."""


@dataclass(frozen=True, slots=True)
class ServiceClock:
    """What the database knows about the service at one moment.

    Attributes:
        now: the database's own time, the only clock that decides anything.
        beat_at: when some process last said that the service is up.
        downtime_s: seconds of all recorded outages.
    """

    now: datetime
    beat_at: datetime
    downtime_s: float

    @property
    def outages_s(self) -> float:
        """All outages so far; a silence that is not recorded yet counts as one."""
        silence = seconds_between(self.beat_at, self.now)
        return self.downtime_s + (silence if silence > SILENCE_S else 0.0)


def has_expired(expires_at: datetime | None, downtime_at_start_s: float, service: ServiceClock) -> bool:
    """Whether a session's lifetime is over; it is extended by every outage since it began."""
    if expires_at is None:
        return False
    late = seconds_between(expires_at, service.now)
    return late > max(0.0, service.outages_s - downtime_at_start_s)
