"""The public keys of a token issuer (JWKS, RFC 7517): fetched when needed, kept, never waited for long."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import jwt
import orjson
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from holdfast.kit.errors import NotAuthenticated, StoreUnavailable

_log = logging.getLogger(__name__)

LARGEST_DOCUMENT = 64 * 1024
MOST_KEYS = 50
SHORTEST_RSA_BITS = 2048
"""NIST SP 800-131A: RSA keys below 2048 bits are not to be trusted."""
ALGORITHMS = frozenset({"RS256", "ES256"})


class KeySet:
    """The keys at an address, by their ids.

    They are fetched again after `lifetime_s`, and for a key id that is not known (the issuer has
    changed its keys), but never more often than each `pause_s`, so that made-up ids cannot turn this
    service against the issuer. Keys that are known serve for up to `kept_s` while the issuer is away.
    """

    def __init__(
        self,
        url: str,
        *,
        timeout_s: float = 5.0,
        lifetime_s: float = 300.0,
        pause_s: float = 10.0,
        kept_s: float = 86_400.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = url
        self._timeout_s = timeout_s
        self._lifetime_s, self._pause_s, self._kept_s = lifetime_s, pause_s, kept_s
        self._clock = clock
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched_at = self._tried_at = float("-inf")
        self._fetching = asyncio.Lock()

    async def key(self, key_id: str) -> jwt.PyJWK:
        """The key with this id.

        Raises:
            NotAuthenticated: the issuer has no such key.
            StoreUnavailable: the issuer does not answer and no key is known.
        """
        known = self._known(key_id)
        if known is not None and (not self._is_old() or self._fetching.locked()):
            return known
        async with self._fetching:
            if (self._known(key_id) is None or self._is_old()) and self._may_fetch():
                await self._fetch()
        known = self._known(key_id)
        if known is not None:
            return known
        if not self._keys:
            raise StoreUnavailable("the issuer of this token does not tell its keys")
        raise NotAuthenticated("the token is not valid")

    def _known(self, key_id: str) -> jwt.PyJWK | None:
        if self._clock() - self._fetched_at > self._kept_s:
            self._keys = {}
        return self._keys.get(key_id)

    def _is_old(self) -> bool:
        return self._clock() - self._fetched_at >= self._lifetime_s

    def _may_fetch(self) -> bool:
        return self._clock() - self._tried_at >= self._pause_s

    async def _fetch(self) -> None:
        self._tried_at = self._clock()
        try:
            async with asyncio.timeout(self._timeout_s):
                document = orjson.loads(await self._read())
            self._keys = usable_keys(document)
            self._fetched_at = self._clock()
        except (httpx.HTTPError, TimeoutError, ValueError) as error:
            _log.warning("the keys of the outside issuer cannot be fetched (%s)", type(error).__name__)

    async def _read(self) -> bytes:
        content = bytearray()
        async with (
            httpx.AsyncClient(timeout=self._timeout_s, follow_redirects=False) as client,
            client.stream("GET", self._url, headers={"Accept": "application/json"}) as response,
        ):
            if response.status_code != httpx.codes.OK:
                raise ValueError(f"status {response.status_code}")
            async for piece in response.aiter_bytes():
                content += piece
                if len(content) > LARGEST_DOCUMENT:
                    raise ValueError("the document is too large")
        return bytes(content)


def usable_keys(document: Any) -> dict[str, jwt.PyJWK]:
    """The signing keys of a key set that may be used here, by id; others are left out.

    Only RSA keys of 2048 bits or more (RS256) and P-256 keys (ES256) with an id may: a symmetric key
    in a public document is no secret.

    Raises:
        ValueError: when it is no key set, or holds nothing that may be used.
    """
    listed = document.get("keys") if isinstance(document, Mapping) else None
    if not isinstance(listed, list):
        raise ValueError("this is no key set")  # noqa: TRY004  # every flaw of the document is told alike
    keys = {}
    for entry in listed[:MOST_KEYS]:
        key = _usable(entry)
        if key is not None and key.key_id:
            keys[key.key_id] = key
    if not keys:
        raise ValueError("the key set holds no key that may be used")
    return keys


def _usable(entry: Any) -> jwt.PyJWK | None:
    if (
        not isinstance(entry, dict)
        or entry.get("use", "sig") != "sig"
        or not isinstance(entry.get("kid"), str)
    ):
        return None
    try:
        key = jwt.PyJWK(entry)
    except (jwt.PyJWTError, ValueError, TypeError):
        return None
    if key.algorithm_name not in ALGORITHMS:
        return None
    if isinstance(key.key, RSAPublicKey) and key.key.key_size < SHORTEST_RSA_BITS:
        return None
    return key
