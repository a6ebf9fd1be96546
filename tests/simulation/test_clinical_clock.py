"""Clinical time: it stands still in pauses and outages, never runs back, and looks never change it."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from holdfast.core.service_clock import ServiceClock, has_expired
from holdfast.programs.simulation.clinical_clock import RunClock, SessionClock, reading

START = datetime(2026, 1, 1, tzinfo=UTC)
RUNNING = SessionClock(None, 0.0, 0.0, None)


def at(seconds):
    return START + timedelta(seconds=seconds)


def service(now, *, downtime=0.0, silent_since=None):
    return ServiceClock(at(now), at(now if silent_since is None else silent_since), downtime)


def run(**more):
    known = {"as_of": START, "elapsed_s": 0.0, "paused_s": 0.0, "downtime_s": 0.0, "time_scale": 1.0}
    return RunClock(**(known | {"outages_count": False} | more))


def test_time_passes_by_the_scale():
    assert reading(service(10), RUNNING, run(time_scale=60.0)).elapsed_s == 600


def test_a_recorded_outage_does_not_count_unless_the_plan_says_so():
    assert reading(service(100, downtime=40), RUNNING, run()).elapsed_s == 60
    assert reading(service(100, downtime=40), RUNNING, run(outages_count=True)).elapsed_s == 100


def test_a_silence_that_is_not_recorded_yet_is_an_outage_already():
    assert reading(service(100, silent_since=40), RUNNING, run()).elapsed_s == 40
    assert reading(service(100, silent_since=98), RUNNING, run()).elapsed_s == 100


def test_a_pause_stops_the_clock_and_an_outage_in_it_counts_once():
    paused = SessionClock(at(30), 0.0, 0.0, 0.0)
    assert reading(service(100), paused, run()).elapsed_s == 30
    assert reading(service(100, downtime=20), paused, run()).elapsed_s == 30
    resumed = SessionClock(None, 50.0, 20.0, None)
    assert reading(service(100, downtime=20), resumed, run()).elapsed_s == 50


@given(
    looks=st.lists(st.floats(0, 1000), max_size=8),
    end=st.floats(1000, 2000),
    scale=st.sampled_from([1.0, 7.5, 120.0]),
    downtime=st.floats(0, 500),
)
def test_setting_the_clock_on_the_way_changes_nothing(looks, end, scale, downtime):
    once = reading(service(end, downtime=downtime), RUNNING, run(time_scale=scale))
    clock = run(time_scale=scale)
    for look in sorted(looks):
        clock = reading(service(look), RUNNING, clock)
    late = reading(service(end, downtime=downtime), RUNNING, clock)
    # Each setting rounds to the millisecond.
    assert abs(late.elapsed_s - once.elapsed_s) <= 0.001 * (len(looks) + 1) or downtime > end - max(looks)


@given(
    now=st.floats(-5000, 5000),
    downtime=st.floats(0, 5000),
    paused=st.floats(0, 5000),
    elapsed=st.floats(0, 5000).map(lambda s: round(s, 3)),
)
def test_clinical_time_never_runs_back(now, downtime, paused, elapsed):
    later = reading(
        service(now, downtime=downtime), SessionClock(None, paused, 0.0, None), run(elapsed_s=elapsed)
    )
    assert later.elapsed_s >= elapsed
    assert later.as_of >= START


def test_a_lifetime_is_extended_by_outages():
    assert not has_expired(None, 0.0, service(10**9))
    assert has_expired(at(100), 0.0, service(101))
    assert not has_expired(at(100), 0.0, service(101, downtime=2))
    assert has_expired(at(100), 50.0, service(101, downtime=50))
