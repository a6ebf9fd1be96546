"""Settings: from the environment or a ``.env`` file, each described once, here."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from holdfast.kit.errors import Misconfigured


class Settings(BaseSettings):
    """Every setting. The name in the environment is the alias; descriptions are the documentation."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", populate_by_name=True)

    database_url: SecretStr | None = Field(
        None, alias="DATABASE_URL", description="PostgreSQL 15 or newer; none starts the embedded one"
    )
    redis_url: SecretStr | None = Field(
        None, alias="REDIS_URL", description="Redis 6.2 or Valkey; none starts the embedded one"
    )
    database_prepared_statements: bool = Field(
        default=True,
        alias="DATABASE_PREPARED_STATEMENTS",
        description="false behind PgBouncer in transaction mode",
    )
    database_pool_size: int = Field(
        20, alias="DATABASE_POOL_SIZE", ge=1, le=500, description="connections per server process"
    )
    host: str = Field("127.0.0.1", alias="HOST", description="address to listen on")
    port: int = Field(8000, alias="PORT", ge=0, le=65535, description="port to listen on")
    data: Path = Field(
        Path(".holdfast"),
        alias="HOLDFAST_DATA",
        description="directory of the embedded stores, keys and exports",
    )
    secret: SecretStr | None = Field(
        None,
        alias="HOLDFAST_SECRET",
        description="signs tokens, at least 32 characters; none makes one and keeps it beside the data",
    )
    encryption_key: SecretStr | None = Field(
        None,
        alias="HOLDFAST_ENCRYPTION_KEY",
        description="seals API keys: 64 hexadecimal digits, older keys after commas; none makes one "
        "and keeps it beside the data",
    )
    jwks_url: str | None = Field(
        None, alias="HOLDFAST_JWKS_URL", description="keys of RS256 or ES256 tokens that are accepted too"
    )
    outside_issuer: str | None = Field(
        None,
        alias="HOLDFAST_OUTSIDE_ISSUER",
        description="the iss claim of an identity provider whose tokens are accepted as students'",
    )
    outside_audience: str = Field(
        "authenticated", alias="HOLDFAST_OUTSIDE_AUDIENCE", description="the aud claim that they must hold"
    )
    outside_secret: SecretStr | None = Field(
        None, alias="HOLDFAST_OUTSIDE_SECRET", description="verifies them by HS256, at least 32 characters"
    )
    outside_jwks_url: str | None = Field(
        None, alias="HOLDFAST_OUTSIDE_JWKS_URL", description="keys that verify them by RS256 or ES256"
    )
    identity_secret: SecretStr | None = Field(
        None,
        alias="HOLDFAST_IDENTITY_SECRET",
        description="bars erased students; none takes HOLDFAST_SECRET (keep its old value here to change it)",
    )
    research_key: SecretStr | None = Field(
        None,
        alias="HOLDFAST_RESEARCH_KEY",
        description="makes the pseudonyms of exports and shifts their dates, at least 32 characters; "
        "none makes one and keeps it beside the data",
    )
    token_days: float = Field(
        30, alias="HOLDFAST_TOKEN_DAYS", gt=0, le=3650, description="lifetime of a token in days"
    )
    summary_day: Literal[
        "off", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"
    ] = Field(
        "monday",
        alias="HOLDFAST_SUMMARY_DAY",
        description="when the weekly summary is written into reports of HOLDFAST_DATA, or off",
    )
    default_cohort: str = Field(
        "default", alias="HOLDFAST_DEFAULT_COHORT", description="joined by those who bring no join code"
    )
    time_scale: float = Field(
        1.0,
        alias="HOLDFAST_TIME_SCALE",
        gt=0,
        le=1000,
        description="clinical seconds per second, for demonstrations and tests",
    )
    public_url: str | None = Field(
        None, alias="HOLDFAST_PUBLIC_URL", description="address that links lead to; none: host and port"
    )
    postgres_options: str = Field(
        "",
        alias="HOLDFAST_POSTGRES_OPTIONS",
        description="settings of the embedded PostgreSQL, such as work_mem=16MB;jit=off",
    )
    agent: str | None = Field(
        None, alias="AGENT", description="scripted, anthropic or openai; none decides by the keys"
    )
    agent_model: str | None = Field(None, alias="AGENT_MODEL", description="the model's name")
    agent_base_url: str | None = Field(
        None, alias="AGENT_BASE_URL", description="another server that speaks the provider's format"
    )
    agent_timeout_s: float = Field(
        30, alias="AGENT_TIMEOUT_S", gt=0, le=600, description="seconds without a word before another attempt"
    )
    agent_prices: str | None = Field(
        None,
        alias="AGENT_PRICES",
        description="prices that differ from the list, as JSON by model: USD per million tokens",
    )
    anthropic_api_key: SecretStr | None = Field(
        None, alias="ANTHROPIC_API_KEY", description="lets Anthropic's models speak"
    )
    openai_api_key: SecretStr | None = Field(
        None, alias="OPENAI_API_KEY", description="lets OpenAI's models speak"
    )
    messages_per_minute: int = Field(
        40,
        alias="HOLDFAST_MESSAGES_PER_MINUTE",
        ge=1,
        description="per student, where a model is asked",
    )
    test_idle_minutes: float = Field(
        30,
        alias="HOLDFAST_TEST_IDLE_MINUTES",
        gt=0,
        le=60 * 24 * 30,
        description="an adaptive test without an answer for so long expires",
    )
    test_lock_s: float = Field(
        5, alias="HOLDFAST_TEST_LOCK_S", gt=0, le=60, description="longest hold of the lock of one answer"
    )
    question_cache_minutes: float = Field(
        60,
        alias="HOLDFAST_QUESTION_CACHE_MINUTES",
        gt=0,
        le=60 * 24 * 30,
        description="how long the words of a question stay in Redis",
    )
    test_resume: bool = Field(
        default=True, alias="HOLDFAST_TEST_RESUME", description="students may take up an expired test again"
    )
    logins_per_minute: int = Field(
        10, alias="HOLDFAST_LOGINS_PER_MINUTE", ge=1, description="per address and account"
    )
    workshops: Path | None = Field(
        None, alias="HOLDFAST_WORKSHOPS", description="directory with workshops of one's own, as YAML"
    )
    workshop_hours: float = Field(
        24,
        alias="HOLDFAST_WORKSHOP_HOURS",
        gt=0,
        le=24 * 365,
        description="lifetime of a workshop session, where the cohort's plan does not say",
    )
    workshop_retention_days: float | None = Field(
        None,
        alias="HOLDFAST_WORKSHOP_RETENTION_DAYS",
        ge=1,
        le=36_500,
        description="cleaning up deletes workshop sessions that ended longer ago; none keeps them for good",
    )
    legacy_workshop_key: SecretStr | None = Field(
        None,
        alias="HOLDFAST_LEGACY_WORKSHOP_KEY",
        description="the ENCRYPTION_KEY of an older workshop, to bring its API keys over",
    )
    exports: Path | None = Field(
        None, alias="HOLDFAST_EXPORTS", description="where backups go; none: exports in the data directory"
    )
    skill_models: Path | None = Field(
        None,
        alias="HOLDFAST_SKILL_MODELS",
        description="trained models of skills; none: skill_models in the data directory",
    )
    skill_weights: str | None = Field(
        None,
        alias="HOLDFAST_SKILL_WEIGHTS",
        description="weights of the sources that differ from the documented ones, as JSON by skill",
    )
    skill_cache_days: float = Field(
        7,
        alias="HOLDFAST_SKILL_CACHE_DAYS",
        ge=0,
        le=3650,
        description="days for which an assessment stands in place of a new one; 0 always asks anew",
    )
    backup_hours: float | None = Field(
        None,
        alias="HOLDFAST_BACKUP_HOURS",
        ge=0.001,
        le=24 * 365,
        description="hours between backups of skill assessments by the server; none writes none",
    )
    backup_retention_days: float | None = Field(
        30,
        alias="HOLDFAST_BACKUP_RETENTION_DAYS",
        ge=1,
        le=36_500,
        description="scheduled backups of skill assessments that are older are deleted",
    )
    verify_hours: float | None = Field(
        168,
        alias="HOLDFAST_VERIFY_HOURS",
        ge=0.001,
        le=24 * 365,
        description="hours between the server's own checks of skill assessments; none checks never",
    )
    enable_caching: bool = Field(
        default=True,
        alias="ENABLE_CACHING",
        description="keep parsed scenarios in memory; they are immutable, so this is never stale",
    )
    cache_ttl_minutes: float = Field(
        20, alias="CACHE_TTL_MINUTES", gt=0, description="how long an unused scenario stays in memory"
    )
    log_level: str = Field("info", alias="LOG_LEVEL", description="debug, info, warning or error")


def read_settings(**given: Any) -> Settings:
    """The settings of the environment, with those that the command line gives on top.

    Raises:
        Misconfigured: naming the setting that is wrong.
    """
    wanted = {name: value for name, value in given.items() if value is not None}
    try:
        return Settings(**wanted)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]) if first["loc"] else "settings"
        raise Misconfigured(first["msg"], field=_alias(name)) from error


def _alias(name: str) -> str:
    field = Settings.model_fields.get(name)
    return field.alias or name if field else name


def shown(settings: Settings) -> list[tuple[str, str, str]]:
    """Every setting as (name, value with secrets masked, description), in their order."""
    rows = []
    for name, field in Settings.model_fields.items():
        value = getattr(settings, name)
        text = "(set)" if isinstance(value, SecretStr) else "" if value is None else str(value)
        rows.append((field.alias or name, text, field.description or ""))
    return rows
