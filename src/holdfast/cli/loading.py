"""Commands whose modules are imported when they are asked for, so that one does not wait for the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, ClassVar

import typer
from typer.core import TyperGroup
from typer.main import get_command, get_group


class Later(TyperGroup):
    """A group whose commands stand in a table and are imported by name.

    Attributes:
        places: name of a command to ``module:attribute`` under ``holdfast.cli``; the attribute is a Typer
            application, or a function that is one command.
    """

    places: ClassVar[Mapping[str, str]] = {}

    def list_commands(self, ctx: Any) -> list[str]:
        """Every name: those of the table, in its order, then the group's own."""
        return [*self.places, *super().list_commands(ctx)]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command, imported now; None for a name that there is not."""
        if cmd_name in self.places and cmd_name not in self.commands:
            self.commands[cmd_name] = _command(self.places[cmd_name], cmd_name)
        return super().get_command(ctx, cmd_name)


def _command(place: str, name: str) -> Any:
    module, attribute = place.split(":")
    found: typer.Typer | Callable[..., Any] = getattr(import_module(f"holdfast.cli.{module}"), attribute)
    if isinstance(found, typer.Typer):
        # A group stays one, also with a single command: get_command would take the command out of it.
        command: Any = get_group(found)
    else:
        alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        alone.command(name)(found)
        command = get_command(alone)
    command.name = name
    return command
