"""The YAML that scenarios are written in: text to plain data with positions, and back.

Read event by event, so that nothing in a file can construct an object, and with the scalar rules of
YAML 1.2: ``no`` and ``on`` are words, ``12:30`` is a time of day as text, dates are text. What the
data mean is not decided here.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import yaml

MAXIMUM_BYTES = 2_000_000
MAXIMUM_DEPTH = 48
MAXIMUM_VALUES = 200_000
"""Limits of one file. The longest scenario known has about 5,000 values, nested 9 deep."""

Path = tuple[str | int, ...]

_PARSER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEAN = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER = re.compile(r"[-+]?[0-9]{1,40}|0o[0-7]{1,40}|0x[0-9a-fA-F]{1,40}")
_DECIMAL = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_STRING_TAG = "tag:yaml.org,2002:str"


@dataclass(frozen=True, slots=True)
class Position:
    """Where something stands: line and column, both counted from 1."""

    line: int
    column: int


class Unreadable(Exception):
    """The text is not the YAML that scenarios are written in."""

    def __init__(self, message: str, position: Position, path: Path = ()) -> None:
        super().__init__(message)
        self.message = message
        self.position = position
        self.path = path


@dataclass(frozen=True, slots=True)
class Reading:
    """Plain data and the position of every key and list entry by its path."""

    data: Any
    positions: Mapping[Path, Position]

    def position(self, path: Path) -> Position:
        """The position of `path`, or of its nearest surrounding part that has one."""
        for length in range(len(path), -1, -1):
            found = self.positions.get(path[:length])
            if found is not None:
                return found
        return Position(1, 1)


@dataclass(slots=True)
class _Open:
    """A mapping or list whose end has not been read yet."""

    value: dict[str, Any] | list[Any]
    path: Path
    anchor: str | None
    before: int
    key: str | None = None


@dataclass(slots=True)
class _Builder:
    """Puts parser events together; keeps positions, anchors and the count of values."""

    positions: dict[Path, Position] = field(default_factory=dict)
    open: list[_Open] = field(default_factory=list)
    anchors: dict[str, tuple[Any, int]] = field(default_factory=dict)
    values: int = 0
    documents: int = 0
    root: Any = None

    def take(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                raise Unreadable("a scenario file holds one document; a second one begins here", _at(event))
        elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            self.begin(event)
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self.end()
        elif isinstance(event, yaml.ScalarEvent):
            self.scalar(event)
        elif isinstance(event, yaml.AliasEvent):
            self.alias(event)

    def place(self, event: yaml.Event) -> Path:
        """The path of the value that `event` begins; refuses a collection as a key."""
        if not self.open:
            return ()
        top = self.open[-1]
        if isinstance(top.value, list):
            return (*top.path, len(top.value))
        if top.key is None:
            raise Unreadable("a key must be a plain word, not a list or a mapping", _at(event), top.path)
        return (*top.path, top.key)

    def count(self, event: yaml.Event, values: int) -> None:
        self.values += values
        if self.values > MAXIMUM_VALUES:
            raise Unreadable(f"the file holds more than {MAXIMUM_VALUES:,} values", _at(event))

    def begin(self, event: yaml.MappingStartEvent | yaml.SequenceStartEvent) -> None:
        _refuse_tag(event)
        path = self.place(event)
        if len(self.open) >= MAXIMUM_DEPTH:
            raise Unreadable(f"nested more than {MAXIMUM_DEPTH} deep", _at(event), path[:8])
        self.count(event, 1)
        self.positions.setdefault(path, _at(event))
        value: dict[str, Any] | list[Any] = {} if isinstance(event, yaml.MappingStartEvent) else []
        self.open.append(_Open(value, path, event.anchor, self.values))

    def end(self) -> None:
        done = self.open.pop()
        if done.anchor:
            self.anchors[done.anchor] = (done.value, self.values - done.before + 1)
        self.put(done.value)

    def scalar(self, event: yaml.ScalarEvent) -> None:
        _refuse_tag(event)
        top = self.open[-1] if self.open else None
        if top is not None and isinstance(top.value, dict) and top.key is None:
            self.key(top, event)
            return
        path = self.place(event)
        self.count(event, 1)
        self.positions.setdefault(path, _at(event))
        plain = event.implicit[0] and event.tag is None
        value = _resolved(event, path) if plain else event.value
        if event.anchor:
            self.anchors[event.anchor] = (value, 1)
        self.put(value)

    def key(self, top: _Open, event: yaml.ScalarEvent) -> None:
        name, path = event.value, (*top.path, event.value)
        if name in top.value:
            first = self.positions[path].line
            raise Unreadable(
                f"the key '{name}' stands here a second time (first in line {first})", _at(event), path
            )
        self.positions[path] = _at(event)
        top.key = name

    def alias(self, event: yaml.AliasEvent) -> None:
        path = self.place(event)
        if event.anchor not in self.anchors:
            raise Unreadable(f"'*{event.anchor}' refers to nothing that ended before it", _at(event), path)
        value, values = self.anchors[event.anchor]
        self.count(event, values)
        self.positions.setdefault(path, _at(event))
        self.put(value)

    def put(self, value: Any) -> None:
        if not self.open:
            self.root = value
            return
        top = self.open[-1]
        if isinstance(top.value, list):
            top.value.append(value)
        elif top.key is not None:
            top.value[top.key] = value
            top.key = None


def read(text: str | bytes) -> Reading:
    """Read one YAML document into plain data.

    Raises:
        Unreadable: not UTF-8, over 2 MB, broken syntax, a key twice, a tag, two documents, nested
            or repeated beyond the limits; always with line and column.
    """
    builder = _Builder()
    try:
        for event in _events(_decoded(text)):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        message = " ".join(part for part in (error.context, error.problem) if part)
        position = Position(mark.line + 1, mark.column + 1) if mark else Position(1, 1)
        raise Unreadable(f"not valid YAML: {message}", position) from None
    if builder.documents == 0:
        raise Unreadable("the file is empty", Position(1, 1))
    return Reading(builder.root, builder.positions)


def _events(text: str) -> Iterator[yaml.Event]:
    odd = yaml.reader.Reader.NON_PRINTABLE.search(text)
    if odd:
        line = text.count("\n", 0, odd.start()) + 1
        column = odd.start() - text.rfind("\n", 0, odd.start())
        raise Unreadable(f"the character U+{ord(odd.group()):04X} is not allowed", Position(line, column))
    return yaml.parse(text, Loader=_PARSER)


def _decoded(text: str | bytes) -> str:
    try:
        data = text.encode() if isinstance(text, str) else text
    except UnicodeEncodeError as error:
        raise Unreadable("the text holds half a character (a lone surrogate)", Position(1, 1)) from error
    if len(data) > MAXIMUM_BYTES:
        raise Unreadable(f"the file is larger than {MAXIMUM_BYTES:,} bytes", Position(1, 1))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        position = Position(before.count(b"\n") + 1, error.start - before.rfind(b"\n"))
        raise Unreadable("the file is not UTF-8 text", position) from error


def _at(event: yaml.Event) -> Position:
    mark = event.start_mark
    return Position(mark.line + 1, mark.column + 1) if mark else Position(1, 1)


def _refuse_tag(event: yaml.ScalarEvent | yaml.MappingStartEvent | yaml.SequenceStartEvent) -> None:
    if event.tag not in {None, "!", _STRING_TAG}:
        raise Unreadable(f"the tag '{event.tag}' is not allowed", _at(event))


def _resolved(event: yaml.ScalarEvent, path: Path) -> Any:
    """A plain scalar by the core schema of YAML 1.2, without infinities and NaN."""
    text: str = event.value
    if text in _NULL:
        return None
    if text in _BOOLEAN:
        return _BOOLEAN[text]
    if _INTEGER.fullmatch(text):
        return int(text, {"0o": 8, "0x": 16}.get(text[:2], 10))
    if _DECIMAL.fullmatch(text):
        number = float(text)
        if not math.isfinite(number):
            raise Unreadable("the number is too large", _at(event), path)
        return number
    return text


class _Writer(yaml.SafeDumper):
    """Quotes whatever YAML 1.1 or 1.2 would read as something other than text."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True


_UNSAFE_IN_BLOCK = re.compile(
    r"[^\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_LONG_TEXT = 80


def _text(writer: _Writer, text: str) -> yaml.Node:
    style = None
    if _UNSAFE_IN_BLOCK.search(text) or text != text.strip():
        style = '"'
    elif "\n" in text:
        style = '"' if re.search(r"[ \t]\n|\n[ \t]", text) else "|"
    elif len(text) > _LONG_TEXT and "  " not in text:
        style = ">"
    return writer.represent_scalar(_STRING_TAG, text, style=style)


def _number(writer: _Writer, number: float) -> yaml.Node:
    if number.is_integer() and abs(number) < 1e15:
        return writer.represent_int(int(number))
    return writer.represent_float(number)


_Writer.add_representer(str, _text)
_Writer.add_representer(float, _number)
for _tag, _pattern in (("int", _INTEGER), ("float", _DECIMAL)):
    _Writer.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(rf"^(?:{_pattern.pattern})$"), list("-+0123456789.")
    )


def write(data: Any) -> str:
    """Write plain data as YAML for people: long text in blocks, keys in the order given."""
    return yaml.dump(data, Dumper=_Writer, sort_keys=False, allow_unicode=True, width=100)
