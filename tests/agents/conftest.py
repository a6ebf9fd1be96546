"""The stub provider, and a persona to speak through it."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

# The stub is a module beside the tests; with importlib mode pytest puts no test folder on the path.
sys.path.insert(0, str(Path(__file__).parent))

from librarian import KEY, Actor, Opener, Stopwatch
from stub_provider import StubProvider

from holdfast.agents.attempts import Limits, Timing
from holdfast.agents.provider import Provider, ProviderGateway, open_gateway


@pytest.fixture(scope="session")
def server() -> Iterator[StubProvider]:
    with StubProvider() as server:
        yield server


@pytest.fixture
def stub(server: StubProvider) -> StubProvider:
    server.reset()
    return server


@pytest.fixture
def stopwatch() -> Stopwatch:
    return Stopwatch()


@pytest.fixture
def actor() -> Actor:
    return Actor()


@pytest.fixture
async def opener(
    stub: StubProvider, stopwatch: Stopwatch, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Opener]:
    """Opens gateways to the stub; their pauses pass at once and are written down."""
    for name in ("ANTHROPIC_BASE_URL", "ANTHROPIC_AUTH_TOKEN", "OPENAI_BASE_URL", "OPENAI_ORG_ID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    opened: list[ProviderGateway] = []

    def open_(provider: Provider = "anthropic", **limits: float) -> ProviderGateway:
        url = stub.url if provider == "anthropic" else f"{stub.url}/v1"
        model = "claude-sonnet-5-5" if provider == "anthropic" else "gpt-6.1-terra"
        timing = Timing(sleep=stopwatch.sleep, jitter=lambda: 0.0)
        gateway = open_gateway(
            provider, model, api_key=KEY, base_url=url, limits=Limits(**limits), timing=timing
        )
        opened.append(gateway)
        return gateway

    yield open_
    for gateway in opened:
        await gateway.aclose()
