"""Scenarios by name and by content: shipped with the package or imported into the database.

A scenario is immutable under its content hash, so a copy in memory can never be out of date. What the
hash leaves out must not matter either: whether it comes from a file or from the database, a scenario is
played with its names in canonical order, so that every process plays a session alike.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass

import orjson

from holdfast.core.journal import Event, record
from holdfast.kit.errors import InvalidInput, NotFound
from holdfast.programs.simulation.interpreter import Vocabulary
from holdfast.programs.simulation.scenario import library
from holdfast.programs.simulation.scenario.loading import canonical, content_hash, from_canonical
from holdfast.programs.simulation.scenario.model import Scenario
from holdfast.store.statements import Connection, load

statements = load("holdfast.programs.simulation")


@dataclass(frozen=True, slots=True)
class Edition:
    """A scenario under its content hash, ready to be played."""

    content_hash: str
    scenario: Scenario
    vocabulary: Vocabulary


class Catalog:
    """All scenarios that can be played. Keeps those that were used lately in memory.

    Args:
        lifetime_s: how long an unused one stays; 0 keeps none, which only costs time.
        capacity: how many stay at most.
    """

    def __init__(self, *, lifetime_s: float = 1200.0, capacity: int = 64) -> None:
        self._lifetime_s = lifetime_s
        self._capacity = capacity if lifetime_s > 0 else 0
        self._used: dict[str, float] = {}
        self._kept: OrderedDict[str, Edition] = OrderedDict()
        self._shipped_hashes: dict[str, str] = {}

    async def by_hash(self, connection: Connection, digest: str) -> Edition:
        """The scenario a run began with.

        Raises:
            NotFound: when no such content is stored.
        """
        kept = self._kept.get(digest)
        if kept is not None:
            self._kept.move_to_end(digest)
            self._used[digest] = time.monotonic()
            return kept
        document = await statements.scenario_by_hash.value(connection, content_hash=digest)
        if document is None:
            raise NotFound("the scenario of this run is not stored")
        return self._keep(digest, _in_canonical_order(document))

    async def by_name(self, connection: Connection, name: str) -> Scenario:
        """The newest scenario with this id or alias; an imported one goes before a shipped one.

        Raises:
            InvalidInput: when there is none.
        """
        wanted = name.strip().casefold()
        for scenario in await self.imported(connection):
            names = {scenario.id.casefold(), *(alias.strip().casefold() for alias in scenario.aliases)}
            if wanted in names:
                return scenario
        shipped = library.find(name)
        if shipped is None:
            known = ", ".join(sorted(library.shipped()))
            raise InvalidInput(f"there is no scenario {name!r}; there are {known}", field="scenarioId")
        return shipped

    async def imported(self, connection: Connection) -> list[Scenario]:
        """The newest version of each imported scenario."""
        rows = await statements.imported_scenarios.rows(connection)
        found = ((row["content_hash"], _in_canonical_order(row["document"])) for row in rows)
        return [self._keep(digest, text).scenario for digest, text in found]

    async def listing(self, connection: Connection) -> list[tuple[Scenario, str]]:
        """Every scenario that can be named, with its origin; imported ones hide shipped namesakes."""
        imported = {s.id: (s, "imported") for s in await self.imported(connection)}
        shipped = {s.id: (s, "shipped") for s in library.shipped().values()}
        return [found for _, found in sorted((shipped | imported).items())]

    async def store(self, connection: Connection, scenario: Scenario, *, origin: str) -> Edition:
        """Keep a scenario in the database under its content hash, once."""
        digest = self._digest(scenario)
        text = canonical(scenario)
        edition = self._keep(digest, text)
        await statements.store_scenario.run(
            connection,
            content_hash=digest,
            scenario_id=scenario.id,
            version=scenario.version,
            title=scenario.metadata.title,
            origin=origin,
            document=orjson.loads(text),
        )
        return edition

    async def import_(self, connection: Connection, scenario: Scenario, *, actor: str) -> Edition:
        """Store a scenario from outside and journal it."""
        edition = await self.store(connection, scenario, origin="imported")
        event = Event("scenario.imported", actor, object=scenario.id, data={"hash": edition.content_hash})
        await record(connection, event)
        return edition

    def _digest(self, scenario: Scenario) -> str:
        if library.find(scenario.id) is not scenario:
            return content_hash(scenario)
        if scenario.id not in self._shipped_hashes:
            self._shipped_hashes[scenario.id] = content_hash(scenario)
        return self._shipped_hashes[scenario.id]

    def _keep(self, digest: str, text: bytes) -> Edition:
        edition = self._kept.get(digest) or _edition(digest, text)
        self._kept[digest] = edition
        self._kept.move_to_end(digest)
        self._used[digest] = time.monotonic()
        self._forget()
        return edition

    def _forget(self) -> None:
        """Drop what has not been used for its lifetime, and the oldest beyond the capacity."""
        limit = time.monotonic() - self._lifetime_s
        while self._kept:
            oldest = next(iter(self._kept))
            if len(self._kept) <= self._capacity and self._used[oldest] >= limit:
                return
            del self._kept[oldest], self._used[oldest]


def _edition(digest: str, text: bytes) -> Edition:
    scenario = from_canonical(text)
    return Edition(digest, scenario, Vocabulary.of(scenario))


def _in_canonical_order(document: object) -> bytes:
    """The canonical text of a stored scenario: PostgreSQL keeps the keys of JSON in an order of its own."""
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
