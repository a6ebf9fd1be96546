"""The token of a workshop session: who has it may read and report in this session, and nothing else."""

from __future__ import annotations

import re
import secrets
from datetime import datetime

_FORM = re.compile(r"[!-~]{1,200}")


def new_token(now: datetime) -> str:
    """A token in the form the older clients know, ``ws_<milliseconds>_<64 hexadecimal digits>``: 256 bits."""
    return f"ws_{int(now.timestamp() * 1000)}_{secrets.token_hex(32)}"


def looks_like_one(text: str) -> bool:
    """Whether a text could be a token at all; those of older systems are shorter."""
    return _FORM.fullmatch(text) is not None
