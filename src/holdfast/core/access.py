"""Who is asking: bearer tokens, roles, passwords. Tokens are verified always."""

from __future__ import annotations

import hmac
import secrets
import time
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import jwt
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from holdfast.kit.errors import Misconfigured, NotAuthenticated
from holdfast.store.secrets import kept_beside

ISSUER = "holdfast"
_VERIFIED_AT_MOST = 4096
_PASSWORDS = PasswordHasher()


class Role(StrEnum):
    """What a caller may do. `PUBLIC` is nobody in particular."""

    PUBLIC = "public"
    STUDENT = "student"
    INSTRUCTOR = "instructor"
    RESEARCHER = "researcher"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Principal:
    """The caller.

    Attributes:
        role: what the caller may do.
        subject: the id of the student or account; ``public`` for nobody.
    """

    role: Role
    subject: str

    @property
    def actor(self) -> str:
        """How the journal names the caller."""
        return f"{self.role}:{self.subject}"

    @property
    def student_id(self) -> UUID | None:
        """The student who asks, or none when staff asks."""
        return UUID(self.subject) if self.role is Role.STUDENT else None

    @property
    def is_staff(self) -> bool:
        """Whether this is an instructor or an administrator."""
        return self.role in {Role.INSTRUCTOR, Role.ADMIN}


PUBLIC = Principal(Role.PUBLIC, "public")


class TokenAuthority:
    """Issues Holdfast's own tokens (HS256) and verifies them, and those of a configured key set.

    Tokens signed with RS256 or ES256 are verified against the keys at `jwks_url`; they carry the
    same claims (``sub``: a UUID, ``role``). Keys are fetched when needed and kept for five minutes.
    """

    def __init__(
        self, secret: str, *, lifetime: timedelta = timedelta(days=30), jwks_url: str | None = None
    ) -> None:
        if len(secret) < 32:
            raise Misconfigured("must have at least 32 characters", field="HOLDFAST_SECRET")
        self._secret = secret
        self._lifetime = lifetime
        self._keys = jwt.PyJWKClient(jwks_url, timeout=5) if jwks_url else None
        self._verified: dict[bytes, tuple[Principal, float]] = {}

    def issue(self, role: Role, subject: str, *, now: datetime) -> str:
        """A token for a student or an account."""
        claims = {
            "iss": ISSUER,
            "sub": subject,
            "role": role.value,
            "iat": now,
            "exp": now + self._lifetime,
        }
        return jwt.encode(claims, self._secret, algorithm="HS256")

    def sealed(self, purpose: str, text: str) -> str:
        """A short proof that this service wrote `text` for `purpose`: 128 bits, safe in an address.

        Each purpose has a key of its own, so that what was sealed for one proves nothing for another.
        """
        key = hmac.digest(self._secret.encode(), f"holdfast {purpose}".encode(), "sha256")
        proof = hmac.digest(key, text.encode(), "sha256")[:16]
        return urlsafe_b64encode(proof).decode().rstrip("=")

    def verify(self, token: str) -> Principal:
        """The caller a token stands for.

        Raises:
            NotAuthenticated: when it is malformed, expired, forged or names no role.
        """
        digest = sha256(token.encode()).digest()
        known = self._verified.get(digest)
        if known is not None and time.time() < known[1]:
            return known[0]
        claims = self._decode(token)
        principal = _principal(claims)
        if not self.asks_outside(token):
            self._remember(digest, principal, float(claims["exp"]))
        return principal

    def _remember(self, digest: bytes, principal: Principal, expires: float) -> None:
        """Spare an own token that holds its next check; it is looked at again once it has expired.

        What decides does not change while the process lives: the secret is fixed and tokens are not
        revoked. Keys from outside may change, so their tokens are verified each time.
        """
        if len(self._verified) >= _VERIFIED_AT_MOST:
            self._verified.clear()
        self._verified[digest] = (principal, expires)

    def asks_outside(self, token: str) -> bool:
        """Whether verifying this token may fetch keys over the network, which must not block a loop."""
        if self._keys is None:
            return False
        try:
            return jwt.get_unverified_header(token).get("alg") != "HS256"
        except (jwt.PyJWTError, ValueError, RecursionError):
            return False

    def _decode(self, token: str) -> dict[str, Any]:
        try:
            own = not self.asks_outside(token)
            key: Any = self._secret if own else self._signing_key(token)
            return jwt.decode(
                token,
                key,
                algorithms=["HS256"] if own else ["RS256", "ES256"],
                issuer=ISSUER if own else None,
                leeway=60,
                options={"require": ["exp", "sub"], "verify_iat": False, "verify_aud": False},
            )
        except jwt.ExpiredSignatureError as error:
            raise NotAuthenticated("the token has expired") from error
        except (jwt.PyJWTError, ValueError, OverflowError, RecursionError) as error:
            raise NotAuthenticated("the token is not valid") from error

    def _signing_key(self, token: str) -> Any:
        if self._keys is None:
            raise NotAuthenticated("the token is not valid")
        return self._keys.get_signing_key_from_jwt(token).key


def _principal(claims: dict[str, Any]) -> Principal:
    try:
        role, subject = Role(claims["role"]), str(UUID(claims["sub"]))
    except (KeyError, ValueError) as error:
        raise NotAuthenticated("the token names no known role or subject") from error
    if role is Role.PUBLIC:
        raise NotAuthenticated("the token names no known role or subject")
    return Principal(role, subject)


def secret_beside(data: Path) -> str:
    """The signing secret kept in the data directory; made at the first start."""
    return kept_beside(data, "secret", lambda: secrets.token_urlsafe(48))


def hash_password(password: str) -> str:
    """An argon2id hash with the library's current parameters."""
    return _PASSWORDS.hash(password)


def password_matches(stored: str | None, password: str) -> bool:
    """Whether a password is the one that was hashed; takes as long for none as for a wrong one."""
    try:
        _PASSWORDS.verify(stored or _decoy(), password)
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


@cache
def _decoy() -> str:
    """The hash of a password that nobody has; made when first needed, because hashing takes long."""
    return _PASSWORDS.hash(secrets.token_urlsafe(16))
