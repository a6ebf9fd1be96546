"""What the pages need of a running server, as far as they know it."""

from __future__ import annotations

from typing import Protocol

from holdfast.core.access import TokenAuthority
from holdfast.kit.clock import Clock
from holdfast.programs.simulation.catalog import Catalog
from holdfast.programs.simulation.service import Simulation
from holdfast.store.database import Database


class Settings(Protocol):
    """The settings that show in pages."""

    @property
    def token_days(self) -> float:
        """How long a cookie is kept, like the token in it."""

    @property
    def public_url(self) -> str | None:
        """Where links lead; none means wherever the reader is."""


class Services(Protocol):
    """What `holdfast.app` wires the pages to."""

    @property
    def settings(self) -> Settings:
        """Some of the settings."""

    @property
    def database(self) -> Database:
        """The truth."""

    @property
    def authority(self) -> TokenAuthority:
        """Who verifies the tokens that cookies carry."""

    @property
    def catalog(self) -> Catalog:
        """The scenarios that a cohort's plan may name."""

    @property
    def simulation(self) -> Simulation:
        """The program that is played."""

    @property
    def clock(self) -> Clock:
        """The present moment."""
