"""The account that is kept of an older blueprint: what was read, and what became of the rest.

Every value of the old file must end up read or under a note. A `Place` is a value with its path;
reading it through a `Place` enters it into the `Ledger`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, NoReturn

from holdfast.kit.errors import InvalidInput

Outcome = Literal["approximated", "not_expressed", "defaulted"]
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """What became of a part of the old file that could not simply be taken over.

    Attributes:
        field: dotted path in the old file.
        outcome: ``approximated`` (in the scenario, but not word for word), ``not_expressed`` (left out),
            ``defaulted`` (absent in the old file, filled in).
        message: what was done and why.
    """

    field: str
    outcome: Outcome
    message: str


def dotted(path: Path) -> str:
    """A path as text: ``challenge_points.available_challenges[0].name``."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every scalar inside a value with its path; null and empty containers say nothing and are left out."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from leaves(item, (*path, index))
    elif value is not None and value != "":
        yield path, value


@dataclass(slots=True)
class Ledger:
    """Which paths were read, and the notes."""

    source: str
    used: set[Path] = field(default_factory=set)
    notes: list[Note] = field(default_factory=list)
    _noted: set[Path] = field(default_factory=set)

    def note(self, path: Path, outcome: Outcome, message: str) -> None:
        """Enter a note; one that is not about an absent field accounts for all that stands there."""
        entry = Note(dotted(path), outcome, message)
        if entry not in self.notes:
            self.notes.append(entry)
        if outcome != "defaulted":
            self._noted.add(path)

    def covers(self, path: Path) -> bool:
        """Whether the value at `path` was read or stands under a note."""
        return path in self.used or any(path[:length] in self._noted for length in range(len(path) + 1))

    def close(self, root: Any, reasons: dict[str, str]) -> None:
        """Report everything that nothing has read, at the outermost place where that is true.

        `reasons` gives the message by the name of the field; others get a general one.
        """
        for path in self._unread(root, ()):
            names = [step for step in reversed(path) if isinstance(step, str)]
            keys = [key for name in names for key in (name, name.split("_")[0])]
            message = next((reasons[key] for key in keys if key in reasons), _NO_PLACE)
            self.note(path, "not_expressed", message)

    def _unread(self, value: Any, path: Path) -> list[Path]:
        below = [(inner, self.covers(inner)) for inner, _ in leaves(value, path)]
        if not below or all(covered for _, covered in below):
            return []
        if path and not any(covered for _, covered in below):
            return [path]
        items = value.items() if isinstance(value, dict) else enumerate(value)
        return [inner for key, item in items for inner in self._unread(item, (*path, key))]


_NO_PLACE = "The format has no place for it."


class Place:
    """A value of the old file and where it stands; absent values have a place too."""

    __slots__ = ("ledger", "path", "value")

    def __init__(self, ledger: Ledger, path: Path, value: Any) -> None:
        self.ledger = ledger
        self.path = path
        self.value = value

    def __getitem__(self, key: str | int) -> Place:
        value = None
        if isinstance(self.value, dict) and isinstance(key, str):
            value = self.value.get(key)
        elif isinstance(self.value, list) and isinstance(key, int) and key < len(self.value):
            value = self.value[key]
        return Place(self.ledger, (*self.path, key), value)

    @property
    def name(self) -> str:
        """The dotted path."""
        return dotted(self.path)

    @property
    def key(self) -> str:
        """The last name of the path."""
        return str(self.path[-1]) if self.path else ""

    @property
    def present(self) -> bool:
        """Whether something stands here."""
        return self.value is not None

    def first(self, *keys: str) -> Place:
        """The first of these children that is there, else the place of the first."""
        return next((self[key] for key in keys if self[key].present), self[keys[0]])

    def fail(self, message: str) -> NoReturn:
        """Refuse the file because of what stands here.

        Raises:
            InvalidInput: always; the field is the dotted path.
        """
        raise InvalidInput(f"{self.ledger.source}: {message}", field=self.name or None)

    def section(self) -> Place:
        """This place, which must be there and be an object."""
        if not isinstance(self.value, dict):
            self.fail("must be an object" if self.present else "is missing")
        return self

    def items(self) -> list[tuple[str, Place]]:
        """The children of an object; none when absent."""
        if self.present and not isinstance(self.value, dict):
            self.fail("must be an object")
        return [(key, self[key]) for key in self.value or ()]

    def children(self) -> list[Place]:
        """The children of an object without their keys; none when absent."""
        return [child for _, child in self.items()]

    def entries(self) -> list[Place]:
        """The entries of a list; none when absent."""
        if self.present and not isinstance(self.value, list):
            self.fail("must be a list")
        return [self[index] for index in range(len(self.value or ()))]

    def text(self) -> str | None:
        """Text, or a number as text; none when absent or blank."""
        if self.value is None:
            return None
        if isinstance(self.value, bool) or not isinstance(self.value, str | int | float):
            self.fail("must be text")
        self.use()
        return " ".join(str(self.value).split()) or None

    def required_text(self) -> str:
        """Text that must be there."""
        found = self.text()
        if found is None:
            self.fail("is missing")
        return found

    def texts(self) -> list[str]:
        """A list of texts, or one text as a list of one."""
        if isinstance(self.value, list):
            return [text for entry in self.entries() if (text := entry.prose())]
        text = self.prose()
        return [text] if text else []

    def prose(self) -> str | None:
        """Whatever stands here as running text: lists joined, objects as ``Name: value.`` in a row."""
        if isinstance(self.value, dict):
            parts = [(_label(key), place.prose()) for key, place in self.items()]
            return " ".join(f"{label}: {_sentence(text)}" for label, text in parts if text) or None
        if isinstance(self.value, list):
            return "; ".join(text for entry in self.entries() if (text := entry.prose())) or None
        if isinstance(self.value, bool):
            self.use()
            return "yes" if self.value else "no"
        return self.text()

    def number(self) -> float | None:
        """A number, or text that is one; none when absent."""
        if self.value is None:
            return None
        try:
            number = math.nan if isinstance(self.value, bool | list | dict) else float(self.value)
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            self.fail("must be a number")
        self.use()
        return number

    def flag(self) -> bool | None:
        """A truth value; none when absent."""
        if self.value is None:
            return None
        if not isinstance(self.value, bool):
            self.fail("must be true or false")
        self.use()
        return self.value

    def use(self) -> None:
        """Account for everything that stands here as taken over."""
        self.ledger.used.update(path for path, _ in leaves(self.value, self.path))

    def approximated(self, message: str) -> None:
        """Note that what stands here is in the scenario, but not as it was."""
        if any(leaves(self.value)):
            self.ledger.note(self.path, "approximated", message)

    def not_expressed(self, message: str) -> None:
        """Note that what stands here is left out."""
        if any(leaves(self.value)):
            self.ledger.note(self.path, "not_expressed", message)

    def defaulted(self, message: str) -> None:
        """Note that nothing stands here and what was put in its place."""
        self.ledger.note(self.path, "defaulted", message)


def _label(key: str) -> str:
    return key.replace("_", " ").strip().capitalize()


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?", "'", '"')) else f"{text}."
