"""The codebook: every table of a dataset, in the order in which bundles show them.

The programs describe their own tables, each in its ``export``; here they are put together, with what was
measured before the study. A reader, a writer or a script that needs to know a column asks here.
"""

from __future__ import annotations

from holdfast.core.codebook import Table
from holdfast.programs.adaptive_test import export as adaptive_test
from holdfast.programs.practice import export as practice
from holdfast.programs.simulation.export import TABLES as SIMULATION
from holdfast.programs.skills import export as skills
from holdfast.programs.workshop import export as workshop
from holdfast.research.codebook.covariates import COVARIATES
from holdfast.store.statements import Statement

OFFERS: tuple[tuple[Table, Statement], ...] = (
    *workshop.OFFERS,
    *adaptive_test.OFFERS,
    *skills.OFFERS,
    *practice.OFFERS,
)
"""Tables whose rows a statement yields as they are."""

TABLES: tuple[Table, ...] = (*SIMULATION, COVARIATES, *(table for table, _ in OFFERS))
"""Every table; a dataset has all of them, empty where there is nothing."""

BY_NAME = {table.name: table for table in TABLES}

__all__ = ["BY_NAME", "COVARIATES", "OFFERS", "SIMULATION", "TABLES"]
