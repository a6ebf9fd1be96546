"""The application: every route, the error shape, and what happens at start and stop."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI

from holdfast import __version__
from holdfast.app.heartbeat import BEAT_S, beat, watch_and_beat
from holdfast.app.jobs import working
from holdfast.app.routes import cohorts, consent, health, login, sessions, students
from holdfast.app.services import Services, exports_in, exports_of
from holdfast.console import routes as console
from holdfast.core import cohorts as cohort_rules
from holdfast.core.service_clock import SILENCE_AT_START_S
from holdfast.kit.errors import Conflict, NotFound
from holdfast.kit.repeating import repeating
from holdfast.programs.adaptive_test import routes as adaptive_test
from holdfast.programs.practice import routes as practice
from holdfast.programs.simulation import routes as simulation
from holdfast.programs.skills import input_routes as skill_inputs
from holdfast.programs.skills import routes as skills
from holdfast.programs.workshop import routes as workshop
from holdfast.programs.workshop import staff_routes as workshop_for_staff
from holdfast.programs.workshop.legacy import routes as legacy_workshop
from holdfast.research.export import routes as research_exports
from holdfast.research.plan import routes as research_plans
from holdfast.web import problems

_log = logging.getLogger(__name__)

DESCRIPTION = """Keeps learning sessions and turns them into research.

What a request was told is saved, is saved. Every state-changing request may carry `Idempotency-Key`;
a repeat returns the first answer. Every error is a problem document (RFC 9457) that also carries
`success: false` and `error`."""


def create_app(services: Services, *, watch: Callable[[], None] | None = None) -> FastAPI:
    """The web application on its services; `watch` is called every second while it runs."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await services.database.open()
        await beat(services.database, SILENCE_AT_START_S)
        await ensure_default_cohort(services)
        async with repeating(BEAT_S, lambda: watch_and_beat(services.database, watch)), working(services):
            yield
        await services.gateway.aclose()
        await services.ephemeral.close()
        await services.database.close()

    app = FastAPI(
        title="Holdfast", version=__version__, description=DESCRIPTION, lifespan=lifespan, redoc_url=None
    )
    app.state.authority, app.state.identities = services.authority, services.identities
    app.state.leaving = False
    problems.install(app)
    for router in (
        health.router(services),
        login.router(services),
        students.router(services),
        cohorts.router(services),
        consent.router(services),
        sessions.router(services),
        practice.router(services.practice),  # before the simulation: its names are not session ids
        simulation.router(services.simulation, services.ephemeral, _limit(services)),
        workshop.router(services.workshop),
        workshop_for_staff.router(
            services.workshop, retention_days=services.settings.workshop_retention_days
        ),
        legacy_workshop.router(services.legacy_workshop),
        adaptive_test.router(services.adaptive_tests),
        research_exports.router(services.database, exports_in(services.settings)),
        research_plans.router(services.database),
        skill_inputs.router(services.database, exports=exports_of(services.settings), clock=services.clock),
        skills.router(services.skills, skills.Limit(services.ephemeral, _limit(services))),
    ):
        app.include_router(router)
    console.install(app, services)
    return app


def _limit(services: Services) -> int | None:
    """Messages per minute and student; none where no model is asked and nothing is to be paid."""
    return services.settings.messages_per_minute if services.agent != "scripted" else None


async def ensure_default_cohort(services: Services) -> None:
    """Create the cohort of those who bring no join code, once."""
    name = services.settings.default_cohort
    try:
        async with services.database.transaction() as connection:
            await cohort_rules.by_name(connection, name)
    except NotFound:
        try:
            async with services.database.transaction() as connection:
                await cohort_rules.create(connection, cohort_rules.NewCohort(name), actor="service")
        except Conflict:
            _log.info("another process created the default cohort")
