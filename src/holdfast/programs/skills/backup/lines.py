"""The quick way through a backup that this program wrote: a record to a line, each checked as it is parsed.

Whether a file has that form is seen from its first line; every other file is read by `document`'s general
way, which takes five times as long.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from holdfast.kit.errors import InvalidInput

HEAD_END = b'"assessments":[\n'
LAST = b"]}"
LONGEST_HEAD = 65_536
LONGEST_RECORD = 50_000_000
"""Bytes of a line."""


def has_lines(file: IO[bytes]) -> bool:
    """Whether the file is written a record to a line; it is then left behind its head, else at its begin."""
    head = file.readline(LONGEST_HEAD)
    if head.startswith(b"{") and head.endswith(HEAD_END) and head.count(HEAD_END) == 1:
        return True
    file.seek(0)
    return False


def record_lines(file: IO[bytes]) -> Iterator[bytes]:
    """The text of each record, from behind the head on.

    Raises:
        InvalidInput: a comma is missing or too many, the file has no end, or something stands behind it.
    """
    before: bytes | None = None
    while line := file.readline(LONGEST_RECORD):
        text = line.strip()
        if text == LAST:
            yield from _last(before)
            if file.read(LONGEST_HEAD).strip():
                raise InvalidInput("something stands behind the end")
            return
        if before is not None:
            if not before.endswith(b","):
                raise InvalidInput("no comma stands behind it")
            yield before[:-1]
        before = text
    # Without its end the file was cut off, and its last line with it.
    if before is not None and before.endswith(b","):
        yield before[:-1]
    raise InvalidInput("the file ends in the middle")


def _last(before: bytes | None) -> Iterator[bytes]:
    if before is not None:
        if before.endswith(b","):
            yield before[:-1]
            raise InvalidInput("no record stands behind the last comma")
        yield before
