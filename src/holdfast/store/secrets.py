"""Secrets at rest: fields that are sealed before they are stored, and files that hold a key.

A sealed value is text, ``sealed:v1:<key>:<nonce and ciphertext>``: AES-256-GCM (NIST SP 800-38D) with
a random nonce of 96 bits and a tag of 128 bits, in URL-safe base64. The place a value belongs to is
authenticated with it, so that one copied into another row or column does not open there. The key is
named by the beginning of its digest, so that several may be in use while keys are changed.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from holdfast.kit.errors import Misconfigured

SETTING = "HOLDFAST_ENCRYPTION_KEY"
KEY_BYTES = 32
_NONCE_BYTES = 12
_SEALED = re.compile(r"sealed:v1:(?P<key>[0-9a-f]{8}):(?P<payload>[A-Za-z0-9_-]+={0,2})")
_HEX = re.compile(r"[0-9a-fA-F]{64}")


class CannotOpen(Misconfigured):
    """A sealed value that does not open: another key, another place, or it was changed."""

    code = "cannot_open"


class Vault:
    """Seals values and opens them again.

    Args:
        keys: 32 bytes each; the first one seals, all of them open.

    Raises:
        Misconfigured: no key, or one of another length.
    """

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys or any(len(key) != KEY_BYTES for key in keys):
            raise Misconfigured(f"must hold keys of {KEY_BYTES} bytes", field=SETTING)
        self._ciphers = {_name(key): AESGCM(key) for key in keys}
        self._newest = _name(keys[0])

    def __repr__(self) -> str:
        return f"Vault({', '.join(self._ciphers)})"

    def seal(self, value: str, *, place: str) -> str:
        """The value as it may be stored; each call gives another text.

        Args:
            value: what nobody may read.
            place: where it belongs, such as ``workshop_sessions.openai_api_key:session_…``.
        """
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._ciphers[self._newest].encrypt(nonce, value.encode(), place.encode())
        return f"sealed:v1:{self._newest}:{base64.urlsafe_b64encode(nonce + sealed).decode()}"

    def open(self, sealed: str, *, place: str) -> str:
        """The value that was sealed for this place.

        Raises:
            CannotOpen: it is not a sealed value, was changed, belongs elsewhere, or its key is not here.
        """
        found = _SEALED.fullmatch(sealed)
        if found is None:
            raise CannotOpen("a stored secret is not in the sealed form", field=SETTING)
        cipher = self._ciphers.get(found["key"])
        if cipher is None:
            raise CannotOpen(
                f"a stored secret needs the key {found['key']}…, which is not here", field=SETTING
            )
        try:
            raw = base64.b64decode(found["payload"], altchars=b"-_", validate=True)
            return cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], place.encode()).decode()
        except (InvalidTag, binascii.Error, ValueError):
            # What the library says could quote the value, so the cause is not kept.
            raise CannotOpen("a stored secret was changed or belongs elsewhere", field=SETTING) from None

    def is_newest(self, sealed: str) -> bool:
        """Whether a sealed value was sealed with the key that seals now."""
        found = _SEALED.fullmatch(sealed)
        return found is not None and found["key"] == self._newest


def _name(key: bytes) -> str:
    return sha256(b"holdfast key name" + key).hexdigest()[:8]


def keys_of(text: str) -> list[bytes]:
    """The keys of the setting: 64 hexadecimal digits each, separated by commas, the newest first.

    Raises:
        Misconfigured: not so.
    """
    words = [word.strip() for word in text.split(",")]
    if not all(_HEX.fullmatch(word) for word in words):
        raise Misconfigured(
            "must be 64 hexadecimal digits; several keys are separated by commas", field=SETTING
        )
    return [bytes.fromhex(word) for word in words]


def new_key() -> str:
    """A new key as the setting takes it."""
    return secrets.token_hex(KEY_BYTES)


def kept_beside(data: Path, name: str, make: Callable[[], str]) -> str:
    """A secret in a file of the data directory; made at the first start, readable by its owner only.

    The file appears whole or not at all, so that two first starts agree and a kill leaves no half.
    """
    data.mkdir(parents=True, exist_ok=True)
    path = data / name
    if not path.exists():
        draft = data / f".{name}-{secrets.token_hex(8)}"
        draft.touch(mode=0o600)
        draft.write_text(make(), encoding="ascii")
        with suppress(FileExistsError):
            path.hardlink_to(draft)
        draft.unlink()
    return path.read_text(encoding="ascii").strip()
