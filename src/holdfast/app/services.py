"""What the routes are wired to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import orjson

from holdfast.agents.choose import agent_of, gateway_from
from holdfast.agents.gateway import Gateway
from holdfast.agents.ledger import prices_from
from holdfast.app.settings import Settings
from holdfast.core.access import TokenAuthority, secret_beside
from holdfast.kit.clock import Clock, utc_now
from holdfast.kit.errors import InvalidInput, Misconfigured
from holdfast.programs.simulation.catalog import Catalog
from holdfast.programs.simulation.service import Simulation
from holdfast.programs.skills.fusion import weights_from
from holdfast.programs.skills.models import Shelf
from holdfast.programs.skills.producing import Producers
from holdfast.programs.skills.service import Skills
from holdfast.programs.skills.weighing import Weighing
from holdfast.programs.workshop.library import Library
from holdfast.programs.workshop.service import Workshop
from holdfast.store.database import Database, PoolOptions
from holdfast.store.ephemeral import Ephemeral
from holdfast.store.secrets import Vault, kept_beside, keys_of, new_key


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
    workshop: Workshop
    skills: Skills
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
    return Services(
        settings=settings,
        database=database,
        ephemeral=Ephemeral(redis_url),
        authority=authority_of(settings),
        gateway=gateway,
        agent=agent,
        catalog=catalog,
        simulation=simulation,
        workshop=Workshop(
            database,
            Library(settings.workshops),
            vault_of(settings),
            lifetime_hours=settings.workshop_hours,
        ),
        skills=skills_of(settings, database, gateway, asks_model=agent != "scripted"),
        clock=utc_now,
    )


def skills_of(settings: Settings, database: Database, gateway: Gateway, *, asks_model: bool) -> Skills:
    """Skill assessment with its judges.

    Raises:
        Misconfigured: the weights are none.
    """
    try:
        weights = weights_from(orjson.loads(settings.skill_weights or "{}"))
    except (orjson.JSONDecodeError, InvalidInput, AttributeError, TypeError) as error:
        raise Misconfigured(
            f'must be JSON like {{"empathy": {{"model": 0.5}}}}: {error}', field="HOLDFAST_SKILL_WEIGHTS"
        ) from error
    rules = Weighing(Shelf(models_of(settings)), weights)
    return Skills(
        database,
        Producers(gateway, asks_model, rules),
        cache_days=settings.skill_cache_days,
        prices=prices_from(settings.agent_prices),
    )


def models_of(settings: Settings) -> Path:
    """Where trained models are."""
    return settings.skill_models or settings.data / "skill_models"


def exports_of(settings: Settings) -> Path:
    """Where the server writes backups."""
    return settings.exports or settings.data / "exports"


def authority_of(settings: Settings) -> TokenAuthority:
    """Who signs tokens: the configured secret, or the one kept beside the data."""
    secret = settings.secret.get_secret_value() if settings.secret else secret_beside(settings.data)
    return TokenAuthority(secret, lifetime=timedelta(days=settings.token_days), jwks_url=settings.jwks_url)


def vault_of(settings: Settings) -> Vault:
    """What seals secrets at rest: the configured keys, or the one kept beside the data.

    Raises:
        Misconfigured: the setting does not hold keys.
    """
    configured = settings.encryption_key
    text = configured.get_secret_value() if configured else None
    return Vault(keys_of(text or kept_beside(settings.data, "encryption_key", new_key)))
