"""What the arms' codes mean: the study says it, the codebook cannot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from holdfast.core.codebook import Table
from holdfast.research.analysis.people import ARM
from holdfast.research.analysis.results import Results


def with_arms(tables: Sequence[Table], results: Results | None) -> tuple[Table, ...]:
    """The tables with the plan's names of the arms as labels of their codes; as they are without a plan."""
    meanings = arms_of(results)
    return tuple(
        replace(
            table,
            variables=tuple(
                replace(variable, values=meanings) if variable.name == ARM else variable
                for variable in table.variables
            ),
        )
        for table in tables
    )


def arms_of(results: Results | None) -> dict[str, str]:
    """The name of each arm of the plan by its code."""
    return {} if results is None else {code: label or code for code, label in sorted(results.study.arms)}
