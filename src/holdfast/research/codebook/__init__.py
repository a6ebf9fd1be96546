"""The codebook: every table of a dataset, in the order in which bundles show them.

The programs describe their own tables, each in its ``export``; here they are put together, with what was
measured before the study. A reader, a writer or a script that needs to know a column asks here.
"""

from __future__ import annotations

from holdfast.core.codebook import Table
from holdfast.programs.simulation.export import TABLES as SIMULATION
from holdfast.research.codebook.covariates import COVARIATES

TABLES: tuple[Table, ...] = (*SIMULATION, COVARIATES)
"""Every table; a dataset has all of them, empty where there is nothing."""

BY_NAME = {table.name: table for table in TABLES}

__all__ = ["BY_NAME", "COVARIATES", "SIMULATION", "TABLES"]
