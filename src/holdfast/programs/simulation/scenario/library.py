"""The scenarios that come with the package."""

from __future__ import annotations

from functools import cache
from importlib import resources

from holdfast.kit.errors import Misconfigured
from holdfast.programs.simulation.scenario.loading import parse
from holdfast.programs.simulation.scenario.model import Scenario

_PACKAGE = "holdfast.programs.simulation"
_FOLDER = "library"


def shipped() -> dict[str, Scenario]:
    """The scenarios of the package by id, in the order of their ids; a fresh dictionary each time.

    Raises:
        ScenarioErrors: a shipped file is not valid.
        Misconfigured: two shipped files claim one id or alias.
    """
    return dict(_loaded())


def find(name: str) -> Scenario | None:
    """The shipped scenario with this id or alias, in any case; none when there is none."""
    return _by_name().get(name.strip().casefold())


@cache
def _loaded() -> tuple[tuple[str, Scenario], ...]:
    folder = resources.files(_PACKAGE).joinpath(_FOLDER)
    if not folder.is_dir():
        return ()
    files = sorted(
        (file for file in folder.iterdir() if file.name.endswith(".yaml")), key=lambda file: file.name
    )
    scenarios = [parse(file.read_bytes(), source=file.name) for file in files]
    return tuple(sorted((scenario.id, scenario) for scenario in scenarios))


@cache
def _by_name() -> dict[str, Scenario]:
    names: dict[str, Scenario] = {}
    for _, scenario in _loaded():
        for name in {scenario.id.casefold(), *(alias.strip().casefold() for alias in scenario.aliases)}:
            if name in names:
                raise Misconfigured(f"two shipped scenarios are called '{name}'")
            names[name] = scenario
    return names
