"""An identity provider outside: the tokens that it issues are accepted here, as a student's and never more.

What is pinned comes from settings: issuer, audience, and by the kind of key the algorithm. No setting
turns a check off. Whatever role the token claims is not read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import jwt

from holdfast.core.access import ISSUER
from holdfast.core.key_set import ALGORITHMS, KeySet
from holdfast.kit.errors import Misconfigured, NotAuthenticated

LEEWAY_S = 60
LONGEST_SUBJECT = 255
SHORTEST_SECRET = 32
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True, slots=True)
class OutsideIssuer:
    """An identity provider whose tokens are accepted.

    Attributes:
        issuer: the ``iss`` claim, exactly; also the system by which `student_identities` names it.
        audience: what the ``aud`` claim must hold.
        secret: verifies HS256; none means that no HS256 token is accepted.
        keys: verify RS256 and ES256; none means that no such token is accepted.
    """

    issuer: str
    audience: str
    secret: str | None
    keys: KeySet | None

    def claims_to_have_issued(self, token: str) -> bool:
        """Whether a token says that it comes from here. Nothing is verified by this."""
        try:
            claims = jwt.decode(token, options={"verify_signature": False})
        except (jwt.PyJWTError, ValueError, RecursionError):
            return False
        return claims.get("iss") == self.issuer

    async def subject(self, token: str) -> str:
        """The id by which the provider knows whoever the token stands for.

        Raises:
            NotAuthenticated: the token is malformed, expired, forged, for another audience, or names nobody.
            StoreUnavailable: the provider's keys cannot be fetched and none are known.
        """
        try:
            key, algorithm = await self._key(jwt.get_unverified_header(token))
            claims = jwt.decode(
                token,
                key,
                algorithms=[algorithm],
                issuer=self.issuer,
                audience=self.audience,
                leeway=LEEWAY_S,
                options={"require": ["exp", "sub", "iss", "aud"]},
            )
        except jwt.ExpiredSignatureError as error:
            raise NotAuthenticated("the token has expired") from error
        except (jwt.PyJWTError, ValueError, OverflowError, RecursionError) as error:
            raise NotAuthenticated("the token is not valid") from error
        return _subject(claims["sub"])

    async def _key(self, header: dict[str, Any]) -> tuple[Any, str]:
        """The key that must have signed, and its algorithm: each key serves one only."""
        algorithm, key_id = header.get("alg"), header.get("kid")
        if algorithm == "HS256" and self.secret is not None:
            return self.secret, "HS256"
        if algorithm in ALGORITHMS and self.keys is not None and isinstance(key_id, str):
            key = await self.keys.key(key_id)
            return key.key, key.algorithm_name
        raise NotAuthenticated("the token is not valid")


def _subject(subject: Any) -> str:
    if not isinstance(subject, str) or not 1 <= len(subject) <= LONGEST_SUBJECT or not subject.isprintable():
        raise NotAuthenticated("the token names no subject that can be kept")
    return subject


def outside_issuer(
    *, issuer: str | None, audience: str, secret: str | None, jwks_url: str | None, own_secret: str
) -> OutsideIssuer | None:
    """The provider that some settings describe; none when neither secret nor key set is given.

    Raises:
        Misconfigured: naming the setting that is missing or would open a door.
    """
    if secret is None and jwks_url is None:
        if issuer is not None:
            raise Misconfigured(
                "HOLDFAST_OUTSIDE_SECRET or HOLDFAST_OUTSIDE_JWKS_URL is needed beside it",
                field="HOLDFAST_OUTSIDE_ISSUER",
            )
        return None
    if not issuer or issuer == ISSUER:
        raise Misconfigured(
            "must be the iss claim of the provider's tokens, such as https://project.supabase.co/auth/v1",
            field="HOLDFAST_OUTSIDE_ISSUER",
        )
    if not audience:
        raise Misconfigured("must be the aud claim of the tokens", field="HOLDFAST_OUTSIDE_AUDIENCE")
    _check_secret(secret, own_secret)
    return OutsideIssuer(issuer, audience, secret, _key_set(jwks_url))


def _check_secret(secret: str | None, own: str) -> None:
    if secret is None:
        return
    if len(secret) < SHORTEST_SECRET:
        raise Misconfigured(
            f"must have at least {SHORTEST_SECRET} characters", field="HOLDFAST_OUTSIDE_SECRET"
        )
    if secret == own:
        raise Misconfigured(
            "must differ from HOLDFAST_SECRET, or the provider could issue staff tokens",
            field="HOLDFAST_OUTSIDE_SECRET",
        )


def _key_set(url: str | None) -> KeySet | None:
    if url is None:
        return None
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise Misconfigured("must begin with https://", field="HOLDFAST_OUTSIDE_JWKS_URL")
    return KeySet(url)
