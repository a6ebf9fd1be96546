"""Which agent the settings choose."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, replace
from typing import get_args

import pytest
from anthropic.types import Model as AnthropicNames
from librarian import KEY, Actor
from openai.types import ChatModel as OpenAINames
from pydantic import SecretStr
from stub_provider import Say, StubProvider

from holdfast.agents.choose import DEFAULT_MODELS, agent_of, gateway_from
from holdfast.agents.provider import ProviderGateway
from holdfast.agents.scripted import ScriptedGateway
from holdfast.kit.errors import Misconfigured


@dataclass(frozen=True)
class Settings:
    agent: str | None = None
    agent_model: str | None = None
    agent_base_url: str | None = None
    agent_timeout_s: float = 30.0
    anthropic_api_key: SecretStr | None = None
    openai_api_key: SecretStr | None = None


ANTHROPIC, OPENAI = Settings(anthropic_api_key=SecretStr(KEY)), Settings(openai_api_key=SecretStr(KEY))


@pytest.mark.parametrize(
    ("settings", "agent"),
    [
        (Settings(), "scripted"),
        (Settings(anthropic_api_key=SecretStr("  ")), "scripted"),
        (ANTHROPIC, "anthropic"),
        (OPENAI, "openai"),
        (replace(ANTHROPIC, openai_api_key=SecretStr(KEY)), "anthropic"),
        (replace(ANTHROPIC, openai_api_key=SecretStr(KEY), agent="openai"), "openai"),
        (replace(ANTHROPIC, agent="Scripted"), "scripted"),
    ],
)
def test_the_keys_decide_unless_the_agent_is_named(settings: Settings, agent: str):
    assert agent_of(settings) == agent


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        (Settings(agent="oracle"), "AGENT"),
        (Settings(agent="anthropic"), "ANTHROPIC_API_KEY"),
        (replace(ANTHROPIC, agent="openai"), "OPENAI_API_KEY"),
        (replace(ANTHROPIC, agent_base_url="models.example"), "AGENT_BASE_URL"),
        (replace(ANTHROPIC, agent_base_url="ftp://models.example"), "AGENT_BASE_URL"),
        (replace(ANTHROPIC, agent_timeout_s=0), "AGENT_TIMEOUT_S"),
    ],
)
def test_what_is_wrong_is_named(settings: Settings, field: str):
    with pytest.raises(Misconfigured) as failure:
        gateway_from(settings)

    assert failure.value.field == field
    assert KEY not in str(failure.value)


def test_without_a_key_the_script_speaks():
    assert isinstance(gateway_from(Settings()), ScriptedGateway)


@pytest.mark.parametrize(("settings", "path"), [(ANTHROPIC, ""), (OPENAI, "/v1")])
async def test_a_gateway_speaks_to_the_address_and_model_of_the_settings(
    stub: StubProvider, actor: Actor, settings: Settings, path: str
):
    stub.then(Say("Hello."))
    gateway = gateway_from(replace(settings, agent_base_url=stub.url + path, agent_model="house-model"))

    speech = await gateway.speak(actor)

    await gateway.aclose()
    assert isinstance(gateway, ProviderGateway)
    assert speech.text == "Hello."
    assert stub.received[0].body["model"] == "house-model"
    sent = stub.received[0].headers
    assert sent.get("x-api-key") == KEY or sent.get("authorization") == f"Bearer {KEY}"


def test_the_default_models_are_known_to_the_client_libraries():
    known, _ = get_args(AnthropicNames)
    assert DEFAULT_MODELS["anthropic"] in get_args(known)
    assert DEFAULT_MODELS["openai"] in get_args(OpenAINames)


def test_the_script_does_not_load_the_model_libraries():
    code = (
        "import sys, holdfast.agents.choose, holdfast.agents.scripted, holdfast.agents.ledger;"
        "print([name for name in ('pydantic_ai', 'anthropic', 'openai') if name in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
