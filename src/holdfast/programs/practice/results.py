"""A session result as it comes in, what may stand in it, and what a client reads of a stored one."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from holdfast.kit.clock import iso
from holdfast.kit.plain import storable
from holdfast.store.statements import Row

SESSION_TYPES = ("conversation", "pronunciation", "roleplay")
SCORES = ("pronunciation_score", "fluency_score", "grammar_score")

LONGEST_SESSION_S = 86_400
MOST_WORDS_SPOKEN = 1_000_000
MOST_PHRASES = 50
MOST_WORDS = 200
LONGEST_PHRASE = 100
LARGEST_METADATA = 16 * 1024
DEEPEST_METADATA = 8


def checked_metadata(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Metadata that can be stored: at most 16 KiB as JSON, 8 levels deep, text and numbers of JSON only.

    Raises:
        ValueError: saying what is wrong with it.
    """
    for depth, value in _values(metadata, 1):
        if depth > DEEPEST_METADATA:
            raise ValueError(f"must not be deeper than {DEEPEST_METADATA} levels")
        if isinstance(value, str):
            storable(value)
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError("must hold finite numbers only")
    try:
        size = len(orjson.dumps(metadata))
    except TypeError as error:
        raise ValueError("must hold numbers of at most 64 bits") from error
    if size > LARGEST_METADATA:
        raise ValueError(f"must have at most {LARGEST_METADATA} bytes as JSON")
    return dict(metadata)


def _values(value: Any, depth: int) -> Iterator[tuple[int, Any]]:
    """Everything in a JSON value with its depth, keys included; looks no deeper than it must."""
    yield depth, value
    if depth > DEEPEST_METADATA:
        return
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield depth, key
            yield from _values(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _values(inner, depth + 1)


def shown(row: Row) -> dict[str, Any]:
    """A stored result with the names that clients know; phrases in their spelling."""
    return {
        "session_result_id": str(row["session_result_id"]),
        "user_id": str(row["student_id"]),
        "session_id": row["session_id"],
        "session_type": row["session_type"],
        "duration_seconds": row["duration_seconds"],
        "words_spoken": row["words_spoken"],
        **{name: row[name] for name in SCORES},
        "topics": list(row["topics_spelled"]),
        "vocabulary_learned": list(row["vocabulary_learned_spelled"]),
        "areas_to_improve": list(row["areas_to_improve_spelled"]),
        "metadata": row["metadata"],
        "created_at": iso(row["created_at"]),
        "updated_at": iso(row["updated_at"]),
    }


def shown_summary(row: Row) -> dict[str, Any]:
    """The newest session as the warm-up sums it up."""
    return {
        "session_type": row["session_type"],
        "duration_seconds": row["duration_seconds"],
        **{name: row[name] for name in SCORES},
        "areas_to_improve": list(row["areas_to_improve_spelled"]),
        "created_at": iso(row["created_at"]),
    }
