"""Which agent speaks, from settings: the script where there is no key, a model where there is one."""

from __future__ import annotations

from typing import Literal, Protocol
from urllib.parse import urlsplit

from pydantic import SecretStr

from holdfast.agents.gateway import Gateway
from holdfast.agents.scripted import ScriptedGateway
from holdfast.kit.errors import Misconfigured

Agent = Literal["scripted", "anthropic", "openai"]

DEFAULT_MODELS: dict[Agent, str] = {"anthropic": "claude-sonnet-5-5", "openai": "gpt-6.1-terra"}
"""Middle-sized current models without a date in the name; both are known to the installed client
libraries."""

DEFAULT_TIMEOUT_S = 30.0
_DEADLINE_IN_TIMEOUTS = 3


class AgentSettings(Protocol):
    """The settings that are read here."""

    @property
    def agent(self) -> str | None:
        """``AGENT``: scripted, anthropic or openai; None lets the keys decide."""
        ...

    @property
    def agent_model(self) -> str | None:
        """``AGENT_MODEL``: the model's name; None takes the provider's default here."""
        ...

    @property
    def agent_base_url(self) -> str | None:
        """``AGENT_BASE_URL``: another server that speaks the provider's format."""
        ...

    @property
    def agent_timeout_s(self) -> float:
        """``AGENT_TIMEOUT_S``: seconds without a word before an attempt is given up."""
        ...

    @property
    def anthropic_api_key(self) -> SecretStr | None:
        """``ANTHROPIC_API_KEY``."""
        ...

    @property
    def openai_api_key(self) -> SecretStr | None:
        """``OPENAI_API_KEY``."""
        ...


def gateway_from(settings: AgentSettings) -> Gateway:
    """The gateway that the settings ask for.

    Raises:
        Misconfigured: an unknown agent, a named one without its key, an address that is none, or no time at
        all.
    """
    agent = agent_of(settings)
    if agent == "scripted":
        return ScriptedGateway()
    if settings.agent_timeout_s <= 0:
        raise Misconfigured("AGENT_TIMEOUT_S must be a number of seconds above 0.", field="AGENT_TIMEOUT_S")
    # Loading the model libraries takes about a second, which an offline installation need not spend.
    from holdfast.agents.attempts import Limits  # noqa: PLC0415
    from holdfast.agents.provider import open_gateway  # noqa: PLC0415

    timeout = settings.agent_timeout_s
    return open_gateway(
        agent,
        settings.agent_model or DEFAULT_MODELS[agent],
        api_key=_key(settings, agent),
        base_url=_address(settings.agent_base_url),
        limits=Limits(timeout_s=timeout, deadline_s=timeout * _DEADLINE_IN_TIMEOUTS),
    )


def agent_of(settings: AgentSettings) -> Agent:
    """The agent named in the settings, or the first that there is a key for, or the script.

    Raises:
        Misconfigured: the settings name an agent that there is not.
    """
    named = (settings.agent or "").strip().lower()
    if named:
        if named not in {"scripted", *DEFAULT_MODELS}:
            raise Misconfigured("AGENT must be scripted, anthropic or openai.", field="AGENT")
        return named
    if _secret(settings.anthropic_api_key):
        return "anthropic"
    return "openai" if _secret(settings.openai_api_key) else "scripted"


def _key(settings: AgentSettings, agent: Agent) -> str:
    key = _secret(settings.anthropic_api_key if agent == "anthropic" else settings.openai_api_key)
    if not key:
        name = f"{agent.upper()}_API_KEY"
        raise Misconfigured(
            f"AGENT is {agent}, but {name} is not set. Set it, or AGENT=scripted.", field=name
        )
    return key


def _secret(value: SecretStr | None) -> str:
    return value.get_secret_value().strip() if value else ""


def _address(value: str | None) -> str | None:
    if not value:
        return None
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise Misconfigured(
            "AGENT_BASE_URL must begin with http:// or https:// and name a host.", field="AGENT_BASE_URL"
        )
    return value
