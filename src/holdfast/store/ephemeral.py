"""Redis: what may be lost at any moment. Flushing it loses nothing, and without it the service goes on.

Rate limits fail open. Owned locks only spare work; what must not happen twice is guarded in PostgreSQL.
"""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from holdfast.kit.ids import secret_token

_log = logging.getLogger(__name__)

SPARED_S = 2.0
"""So long locks and cached values do without a store that did not answer: each try may take seconds."""

# Deleting a lock only when it is still ours needs one atomic step.
_RELEASE = "if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0"
_COUNT = """
local n = redis.call('incr', KEYS[1])
if n == 1 then redis.call('pexpire', KEYS[1], ARGV[1]) end
return {n, redis.call('pttl', KEYS[1])}
"""


@dataclass(frozen=True, slots=True)
class Allowance:
    """The answer of a rate limit.

    Attributes:
        allowed: whether the request may go on.
        retry_after_s: when to come back, if not.
    """

    allowed: bool
    retry_after_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Tally:
    """What the store holds.

    Attributes:
        matches: keys that match each pattern, in their order.
        keys: keys in all.
        used_bytes: memory that the store's data take, as the store itself says.
    """

    matches: tuple[int, ...]
    keys: int
    used_bytes: int


class Ephemeral:
    """The hot store, as every service sees it."""

    def __init__(self, url: str) -> None:
        self._redis: Redis = Redis.from_url(
            url,
            socket_timeout=1.0,
            socket_connect_timeout=1.0,
            retry=Retry(NoBackoff(), 1),
            health_check_interval=30,
        )
        self._spared_until = 0.0
        self._release = self._redis.register_script(_RELEASE)
        self._count = self._redis.register_script(_COUNT)

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.aclose()

    async def answers(self) -> bool:
        """Whether the store is there."""
        try:
            return bool(await self._redis.ping())
        except (RedisError, OSError):
            return False

    async def allow(self, name: str, *, limit: int, window_s: float) -> Allowance:
        """Count a request against a limit of so many per window; allowed when the store is down."""
        try:
            count, left_ms = await self._count(keys=[f"limit:{name}"], args=[int(window_s * 1000)])
        except (RedisError, OSError) as error:
            _log.warning("rate limits are off: the hot store does not answer (%s)", type(error).__name__)
            return Allowance(allowed=True)
        return Allowance(int(count) <= limit, max(0.0, int(left_ms) / 1000))

    def _is_spared(self) -> bool:
        """Whether the store did not answer a moment ago: then nobody waits for it again so soon."""
        return time.monotonic() < self._spared_until

    def _spare(self) -> None:
        self._spared_until = time.monotonic() + SPARED_S

    async def read(self, key: str) -> bytes | None:
        """What is kept under a key; none when it is not there or the store is down."""
        if self._is_spared():
            return None
        try:
            found = await self._redis.get(key)
        except (RedisError, OSError):
            self._spare()
            return None
        return found.encode() if isinstance(found, str) else found

    async def keep(self, key: str, value: bytes, *, lifetime_s: float) -> None:
        """Keep a value for a while; nothing happens when the store is down."""
        if self._is_spared():
            return
        try:
            await self._redis.set(key, value, px=max(1, int(lifetime_s * 1000)))
        except (RedisError, OSError):
            self._spare()
            _log.info("%s was not kept: the hot store does not answer", key)

    async def forget(self, *keys: str) -> None:
        """Drop keys; they fall away by themselves when the store is down."""
        if self._is_spared():
            return
        try:
            await self._redis.delete(*keys)
        except (RedisError, OSError):
            self._spare()
            _log.info("a key was not dropped: the hot store does not answer")

    async def tally(self, *patterns: str) -> Tally | None:
        """How many keys match each pattern (``session:*:state``), and what the store holds; none when down.

        Walks through all keys in steps that do not stop the store.
        """
        counts = [0] * len(patterns)
        try:
            for place, pattern in enumerate(patterns):
                async for _ in self._redis.scan_iter(match=pattern, count=1000):
                    counts[place] += 1
            memory = await self._redis.info("memory")
            return Tally(tuple(counts), int(await self._redis.dbsize()), int(memory["used_memory"]))
        except (RedisError, OSError):
            return None

    @asynccontextmanager
    async def lock(self, name: str, *, lifetime_s: float) -> AsyncIterator[bool]:
        """Try to hold a lock; yields whether it is ours, and true when the store is down.

        The lock carries a token of its owner and is released by that owner only; it falls away by
        itself after its lifetime.
        """
        key, token = f"lock:{name}", secret_token()
        if self._is_spared():
            yield True
            return
        try:
            ours = bool(await self._redis.set(key, token, nx=True, px=int(lifetime_s * 1000)))
        except (RedisError, OSError):
            self._spare()
            yield True
            return
        try:
            yield ours
        finally:
            if ours:
                await self._let_go(key, token)

    async def _let_go(self, key: str, token: str) -> None:
        try:
            await self._release(keys=[key], args=[token])
        except (RedisError, OSError):
            _log.info("a lock was not released; it falls away by itself")
