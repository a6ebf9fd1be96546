"""API keys as the older workshop stored them: in plain text, or encrypted under its own key.

Its form is base64 of the initialisation vector, the tag and the ciphertext, joined by colons:
AES-256-GCM with 16 bytes each of vector and tag, and a key of 64 hexadecimal digits.
"""

from __future__ import annotations

import base64
import binascii
import re

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from holdfast.kit.errors import Misconfigured
from holdfast.programs.workshop.configuration import LONGEST_KEY, SHORTEST_KEY

SETTING = "HOLDFAST_LEGACY_WORKSHOP_KEY"
_PART_BYTES = 16
_FORM = re.compile(rf"[A-Za-z0-9\-_.:+/=]{{{SHORTEST_KEY},{LONGEST_KEY}}}")
"""What a key may be that a session is set up with; nothing else can be found where it was pasted."""
_HEX = re.compile(r"[0-9a-fA-F]{64}")


def old_key(text: str | None) -> bytes | None:
    """The older workshop's key of 32 bytes; none where there is none.

    Raises:
        Misconfigured: it is not 64 hexadecimal digits.
    """
    if text is None or not text.strip():
        return None
    if not _HEX.fullmatch(text.strip()):
        raise Misconfigured("must be 64 hexadecimal digits", field=SETTING)
    return bytes.fromhex(text.strip())


def usable(stored: str | None, key: bytes | None) -> tuple[str | None, str | None]:
    """The API key of a row in plain text, or none and why it cannot be had."""
    if stored is None:
        return None, None
    plain = opened(stored.strip(), key)
    if plain is None:
        return None, f"is encrypted, and {SETTING} does not open it"
    return (plain, None) if _FORM.fullmatch(plain) else (None, "has not the form of a key")


def is_encrypted(stored: str) -> bool:
    """Whether a stored API key has the older workshop's encrypted form."""
    return _parts(stored) is not None


def opened(stored: str, key: bytes | None) -> str | None:
    """The API key in plain text; none when it is encrypted and this key does not open it."""
    parts = _parts(stored)
    if parts is None:
        return stored
    if key is None:
        return None
    vector, tag, ciphertext = parts
    try:
        return AESGCM(key).decrypt(vector, ciphertext + tag, None).decode()
    except (InvalidTag, ValueError):
        return None


def _parts(stored: str) -> tuple[bytes, bytes, bytes] | None:
    words = _decoded_words(stored.strip())
    if words is None or len(words) != 3:
        return None
    vector, tag, ciphertext = words
    return (vector, tag, ciphertext) if len(vector) == len(tag) == _PART_BYTES and ciphertext else None


def _decoded_words(text: str) -> list[bytes] | None:
    """The parts, whether each was encoded by itself or all of them together."""
    try:
        if ":" not in text:
            text = base64.b64decode(text, validate=True).decode("ascii")
        return [base64.b64decode(word, validate=True) for word in text.split(":")]
    except (binascii.Error, ValueError):
        return None
