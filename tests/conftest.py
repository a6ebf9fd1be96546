"""Fixtures live in ``fixtures``, one module for each kind."""

pytest_plugins = ["fixtures.stores", "fixtures.service", "fixtures.processes"]
