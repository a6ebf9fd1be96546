"""The statements of the simulation's export."""

from __future__ import annotations

from holdfast.store.statements import load

simulation = load("holdfast.programs.simulation", "export.sql")
