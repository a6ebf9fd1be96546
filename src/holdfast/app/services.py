"""What the routes are wired to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from secrets import token_hex

import orjson

from holdfast.agents.choose import agent_of, gateway_from
from holdfast.agents.gateway import Gateway
from holdfast.agents.ledger import prices_from
from holdfast.app.settings import Settings
from holdfast.core.access import TokenAuthority, secret_beside
from holdfast.core.erasure import IdentityKey
from holdfast.core.identities import Identities
from holdfast.core.outside import outside_issuer
from holdfast.kit.clock import Clock, utc_now
from holdfast.kit.errors import InvalidInput, Misconfigured
from holdfast.programs.adaptive_test.hot import Limits
from holdfast.programs.adaptive_test.service import AdaptiveTests
from holdfast.programs.practice.service import Practice
from holdfast.programs.simulation.catalog import Catalog
from holdfast.programs.simulation.service import Simulation
from holdfast.programs.skills.fusion import weights_from
from holdfast.programs.skills.models import Shelf
from holdfast.programs.skills.producing import Producers
from holdfast.programs.skills.service import Skills
from holdfast.programs.skills.weighing import Weighing
from holdfast.programs.workshop.legacy.migration import LegacyWorkshop
from holdfast.programs.workshop.legacy.old_keys import old_key
from holdfast.programs.workshop.library import Library
from holdfast.programs.workshop.service import Workshop
from holdfast.store.database import Database, PoolOptions
from holdfast.store.ephemeral import Ephemeral
from holdfast.store.secrets import Vault, kept_beside, keys_of, new_key

SHORTEST_KEY = 32


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that a running server holds. None of it is the only copy of anything."""

    settings: Settings
    database: Database
    ephemeral: Ephemeral
    authority: TokenAuthority
    identities: Identities
    gateway: Gateway
    agent: str
    catalog: Catalog
    simulation: Simulation
    workshop: Workshop
    practice: Practice
    legacy_workshop: LegacyWorkshop
    adaptive_tests: AdaptiveTests
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
    authority, ephemeral = authority_of(settings), Ephemeral(redis_url)
    workshop = workshop_of(settings, database)
    return Services(
        settings=settings,
        database=database,
        ephemeral=ephemeral,
        authority=authority,
        identities=identities_of(settings, database),
        gateway=gateway,
        agent=agent,
        catalog=catalog,
        simulation=simulation,
        workshop=workshop,
        legacy_workshop=LegacyWorkshop(
            database, workshop.library.find(), workshop.vault, _legacy_key(settings)
        ),
        practice=Practice(database, authority),
        adaptive_tests=AdaptiveTests(database, ephemeral, test_limits(settings)),
        skills=skills_of(settings, database, gateway, asks_model=agent != "scripted"),
        clock=utc_now,
    )


def workshop_of(settings: Settings, database: Database) -> Workshop:
    """The workshop program.

    Raises:
        Misconfigured: the setting of its definitions or of the sealing keys is wrong.
    """
    library = Library(settings.workshops)
    return Workshop(database, library, vault_of(settings), lifetime_hours=settings.workshop_hours)


def test_limits(settings: Settings) -> Limits:
    """The time limits of adaptive tests."""
    return Limits(
        idle_s=settings.test_idle_minutes * 60,
        lock_s=settings.test_lock_s,
        question_s=settings.question_cache_minutes * 60,
        resume=settings.test_resume,
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
    return TokenAuthority(
        _secret(settings), lifetime=timedelta(days=settings.token_days), jwks_url=settings.jwks_url
    )


def _legacy_key(settings: Settings) -> bytes | None:
    configured = settings.legacy_workshop_key
    return old_key(configured.get_secret_value() if configured else None)


def study_secret(settings: Settings) -> bytes:
    """What pseudonyms are made with: the configured key, or the one kept beside the data.

    Raises:
        Misconfigured: the configured key is too short to be one.
    """
    configured = settings.research_key
    if configured is None:
        return kept_beside(settings.data, "research_key", lambda: token_hex(32)).encode()
    text = configured.get_secret_value()
    if len(text) < SHORTEST_KEY:
        raise Misconfigured(f"must have at least {SHORTEST_KEY} characters", field="HOLDFAST_RESEARCH_KEY")
    return text.encode()


def exports_in(settings: Settings) -> Path:
    """The directory of the bundles that were asked for over HTTP."""
    return exports_of(settings).absolute() / "research"


def vault_of(settings: Settings) -> Vault:
    """What seals secrets at rest: the configured keys, or the one kept beside the data.

    Raises:
        Misconfigured: the setting does not hold keys.
    """
    configured = settings.encryption_key
    text = configured.get_secret_value() if configured else None
    return Vault(keys_of(text or kept_beside(settings.data, "encryption_key", new_key)))


def identities_of(settings: Settings, database: Database) -> Identities:
    """Who stands behind tokens, those of a configured provider outside among them.

    Raises:
        Misconfigured: naming the setting of the provider that is wrong.
    """
    own = _secret(settings)
    kept, given = settings.identity_secret, settings.outside_secret
    issuer = outside_issuer(
        issuer=settings.outside_issuer,
        audience=settings.outside_audience,
        secret=given.get_secret_value() if given else None,
        jwks_url=settings.outside_jwks_url,
        own_secret=own,
    )
    return Identities(database, IdentityKey(kept.get_secret_value() if kept else own), issuer)


def _secret(settings: Settings) -> str:
    return settings.secret.get_secret_value() if settings.secret else secret_beside(settings.data)
