"""What a name and an e-mail address may be. Names come in every script."""

from __future__ import annotations

import re
import unicodedata

from holdfast.kit.errors import InvalidInput

_PUNCTUATION = frozenset("-'’ʼ`´.,·・()/‐‑\u200c\u200d")  # noqa: RUF001  # marks that real names carry
_EMAIL = re.compile(r"[^@\s\x00-\x1f]{1,64}@[^@\s\x00-\x1f]{1,253}\.[^@\s.\x00-\x1f]{2,63}")


def clean_name(name: str) -> str:
    """A person's name, normalised (NFC) and with single spaces; 2 to 100 characters.

    Letters, marks and digits of any script are allowed, and the punctuation that names carry.

    Raises:
        InvalidInput: naming the field and what is wrong.
    """
    cleaned = " ".join(unicodedata.normalize("NFC", name).split())
    if not 2 <= len(cleaned) <= 100:
        raise InvalidInput("must have 2 to 100 characters", field="name")
    for character in cleaned:
        if unicodedata.category(character)[0] not in "LMNZ" and character not in _PUNCTUATION:
            raise InvalidInput(f"may not contain {character!r}", field="name")
    if not any(character.isalpha() for character in cleaned):
        raise InvalidInput("must contain a letter", field="name")
    return cleaned


def clean_email(email: str | None) -> str | None:
    """An e-mail address in lower case; none for none or blank.

    Raises:
        InvalidInput: when it does not look like an address.
    """
    if email is None or not email.strip():
        return None
    cleaned = email.strip().lower()
    if not _EMAIL.fullmatch(cleaned):
        raise InvalidInput("is not an e-mail address", field="email")
    return cleaned
