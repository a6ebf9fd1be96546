"""The workshops there are: those that come with the package and those of a directory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path

from holdfast.kit.errors import InvalidInput, Misconfigured, NotFound
from holdfast.programs.workshop.definition import Definition, parse

SETTING = "HOLDFAST_WORKSHOPS"
DEFAULT = "voice_ai"


class Library:
    """Workshops by id.

    Raises:
        Misconfigured: a file is wrong, or two workshops have one id.
    """

    def __init__(self, directory: Path | None = None) -> None:
        found = dict(_shipped())
        for name, definition in _of(directory):
            if definition.id in found:
                raise Misconfigured(f"{name}: there is a workshop {definition.id!r} already", field=SETTING)
            found[definition.id] = definition
        self._definitions: Mapping[str, Definition] = dict(sorted(found.items()))

    def __iter__(self) -> Iterator[Definition]:
        return iter(self._definitions.values())

    def find(self, workshop_id: str | None = None) -> Definition:
        """The workshop with this id; the shipped one when none is given.

        Raises:
            NotFound: there is none.
        """
        definition = self._definitions.get(workshop_id or DEFAULT)
        if definition is None:
            raise NotFound("there is no such workshop", field="workshop")
        return definition


def _shipped() -> Iterator[tuple[str, Definition]]:
    folder = resources.files("holdfast.programs.workshop").joinpath("library")
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if file.name.endswith(".yaml"):
            definition = parse(file.read_bytes(), source=file.name)
            yield definition.id, definition


def _of(directory: Path | None) -> Iterator[tuple[str, Definition]]:
    if directory is None:
        return
    if not directory.is_dir():
        raise Misconfigured(f"{directory} is no directory", field=SETTING)
    for file in sorted(directory.glob("*.yaml")):
        try:
            yield file.name, parse(file.read_bytes(), source=file.name)
        except (OSError, InvalidInput) as error:
            raise Misconfigured(str(error), field=SETTING) from error
