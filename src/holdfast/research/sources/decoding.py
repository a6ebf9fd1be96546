"""A student's file from its bytes, or the reason why it is none, with the place.

The decoder checks types while it reads: a number in quotes, a list where an object stands, text that is
not UTF-8 or a literal NaN refuse the file.
"""

from __future__ import annotations

from typing import Any

import msgspec
import orjson

from holdfast.research.sources.shapes import Dialect
from holdfast.research.sources.student_file import Student

_LEARN_AFTER = (8, 64, 512)
"""After so many files that no dialect fitted, the next dialect is learnt; each takes some milliseconds."""


class Malformed(ValueError):
    """The file is not what it should be; the message says where."""


class _Decoder:
    """Decodes files, quickly where they spell as one before them did."""

    def __init__(self) -> None:
        self._every = msgspec.json.Decoder(Student)
        self._alike: msgspec.json.Decoder[Any] | None = None
        self._others = 0

    def decode(self, raw: bytes) -> Any:
        """The student.

        Raises:
            msgspec.MsgspecError: the bytes are none.
        """
        if self._alike is not None:
            try:
                return self._alike.decode(raw)
            except msgspec.DecodeError:
                pass  # another spelling, or a fault: the other decoder tells where
        student = self._every.decode(raw)
        self._others += 1
        if self._others in _LEARN_AFTER:
            self._learn(raw)
        return student

    def _learn(self, raw: bytes) -> None:
        try:
            self._alike = msgspec.json.Decoder(Dialect(Student, orjson.loads(raw)).form)
        except ValueError:  # in two spellings, or what the stricter parser refuses
            return


_DECODER = _Decoder()


def decode(raw: bytes) -> Any:
    """The student of a file.

    Raises:
        Malformed: it cannot be read.
    """
    raw = raw.removeprefix(b"\xef\xbb\xbf")
    try:
        if not raw.isascii():
            raw.decode("utf-8")  # the decoder does not look into what it passes over
        return _DECODER.decode(raw)
    except msgspec.ValidationError as error:
        raise Malformed(_said(error)) from error
    except UnicodeDecodeError as error:
        # A file that is being written may end inside a character.
        why = "incomplete: it ends inside a character" if error.end == len(raw) else "not UTF-8"
        raise Malformed(why) from error
    except (msgspec.DecodeError, RecursionError) as error:
        raise Malformed(_why_not_json(raw, str(error))) from error


def _said(error: msgspec.ValidationError) -> str:
    text = str(error)
    what, _, place = text.partition(" - at `$.")
    return f"{place.rstrip('`')}: {what}" if place else what


def _why_not_json(raw: bytes, said: str) -> str:
    if not raw.strip():
        return "empty"
    if "truncated" in said:
        return "incomplete: the file ends too early, perhaps it was being written"
    for literal in (b"NaN", b"Infinity"):
        if literal in raw:
            return f"not JSON: {said}; {literal.decode()} is no number"
    return f"not JSON: {said}"
