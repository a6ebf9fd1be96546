"""What the routes are wired to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from holdfast.agents.choose import agent_of, gateway_from
from holdfast.agents.gateway import Gateway
from holdfast.agents.ledger import prices_from
from holdfast.app.settings import Settings
from holdfast.core.access import TokenAuthority, secret_beside
from holdfast.kit.clock import Clock, utc_now
from holdfast.programs.adaptive_test.hot import Limits
from holdfast.programs.adaptive_test.service import AdaptiveTests
from holdfast.programs.simulation.catalog import Catalog
from holdfast.programs.simulation.service import Simulation
from holdfast.store.database import Database, PoolOptions
from holdfast.store.ephemeral import Ephemeral


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that a running server holds. None of it is the only copy of anything."""

    settings: Settings
    database: Database
    ephemeral: Ephemeral
    authority: TokenAuthority
    gateway: Gateway
    agent: str
    catalog: Catalog
    simulation: Simulation
    adaptive_tests: AdaptiveTests
    clock: Clock


def build(settings: Settings, database_url: str, redis_url: str) -> Services:
    """Wire the services to their stores; nothing is opened yet.

    Raises:
        Misconfigured: naming the setting that is wrong.
    """
    options = PoolOptions(
        size=settings.database_pool_size, prepared_statements=settings.database_prepared_statements
    )
    database = Database(database_url, options)
    gateway = gateway_from(settings)
    agent = agent_of(settings)
    lifetime_s = settings.cache_ttl_minutes * 60 if settings.enable_caching else 0.0
    catalog = Catalog(lifetime_s=lifetime_s)
    simulation = Simulation(
        database,
        catalog,
        gateway,
        time_scale=settings.time_scale,
        reads_history=agent != "scripted",
        prices=prices_from(settings.agent_prices),
    )
    ephemeral = Ephemeral(redis_url)
    return Services(
        settings=settings,
        database=database,
        ephemeral=ephemeral,
        authority=authority_of(settings),
        gateway=gateway,
        agent=agent,
        catalog=catalog,
        simulation=simulation,
        adaptive_tests=AdaptiveTests(database, ephemeral, test_limits(settings)),
        clock=utc_now,
    )


def test_limits(settings: Settings) -> Limits:
    """The time limits of adaptive tests."""
    return Limits(
        idle_s=settings.test_idle_minutes * 60,
        lock_s=settings.test_lock_s,
        question_s=settings.question_cache_minutes * 60,
        resume=settings.test_resume,
    )


def authority_of(settings: Settings) -> TokenAuthority:
    """Who signs tokens: the configured secret, or the one kept beside the data."""
    secret = settings.secret.get_secret_value() if settings.secret else secret_beside(settings.data)
    return TokenAuthority(secret, lifetime=timedelta(days=settings.token_days), jwks_url=settings.jwks_url)
