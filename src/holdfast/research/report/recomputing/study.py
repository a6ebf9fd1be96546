"""What the scripts must know of the study, as statements of R and of Python."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from holdfast.research.analysis.results import Filter, Results, Statistic
from holdfast.research.plan.document import read_plan
from holdfast.research.plan.model import Outcome, Plan

_HERE = Path(__file__).parent
_MARK = "@STUDY@"


def r_script(results: Results) -> str:
    """``analysis.R`` for this study."""
    plan = read_plan(results.plan.toml)
    lines = [f"settings <- {_r(_settings(results, plan))}", "outcomes <- list("]
    lines.append(",\n".join(f"  {_r(_outcome(one, results))}" for one in plan.ordered))
    lines.append(")")
    lines.append(f"populations <- list(\n{_r_populations(results)}\n)")
    return (_HERE / "analysis.R.in").read_text("utf-8").replace(_MARK, "\n".join(lines))


def python_script(results: Results) -> str:
    """``analysis.py`` for this study."""
    plan = read_plan(results.plan.toml)
    lines = [f"SETTINGS = {_settings(results, plan)!r}", "OUTCOMES = ["]
    lines += [f"    {_outcome(one, results)!r}," for one in plan.ordered]
    lines += ["]", "POPULATIONS = {"]
    lines += [
        f"    {name!r}: {[_filter(one) for one in filters]!r}," for name, filters in _filters(results).items()
    ]
    lines.append("}")
    return (_HERE / "analysis.py.in").read_text("utf-8").replace(_MARK, "\n".join(lines))


def _settings(results: Results, plan: Plan) -> dict[str, Any]:
    control, treated = plan.codes
    how = plan.analysis
    return {
        "control": control,
        "treated": treated,
        "alpha": results.alpha,
        "power": how.power,
        "prior_scale": how.prior_scale,
        "cluster": how.cluster or "",
        "covariates": list(how.covariates),
        "multiplicity": how.multiplicity,
        "family_alpha": results.family.alpha,
        "blocks": any(one.origin.blocks for one in _statistics(results)),
        "population": plan.population.primary,
        "safety": sorted({row.column for row in results.safety}),
    }


def _outcome(one: Outcome, results: Results) -> dict[str, Any]:
    found = results.outcome(one.name)
    test = found.confirmatory if found is not None else None
    return {
        "test": test.name if test is not None else "",
        "name": one.name,
        "kind": one.kind,
        "table": one.table,
        "column": one.column,
        "exposure": one.exposure or "",
        "low": one.low,
        "high": one.high,
        "margin": one.margin,
        "family": one.in_family,
    }


def _statistics(results: Results) -> Iterator[Statistic]:
    for outcome in results.outcomes:
        for population in outcome.populations:
            yield from population.statistics


def _filters(results: Results) -> Mapping[str, tuple[Filter, ...]]:
    return {
        population.population: population.origin.filters
        for outcome in results.outcomes
        for population in outcome.populations
    }


def _filter(one: Filter) -> tuple[str, str, Any]:
    return (one.column, one.is_, one.value)


def _r_populations(results: Results) -> str:
    rows = []
    for name, filters in _filters(results).items():
        conditions = ", ".join(f"list({_r(one.column)}, {_r(one.is_)}, {_r(one.value)})" for one in filters)
        rows.append(f"  {name} = list({conditions})")
    return ",\n".join(rows)


def _r(value: Any) -> str:
    """A value as R writes it; text is escaped as JSON is, which R reads alike."""
    if value is None:
        return "NA"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, list):
        return "c(" + ", ".join(_r(one) for one in value) + ")" if value else "character(0)"
    if isinstance(value, dict):
        return "list(" + ", ".join(f"{key} = {_r(one)}" for key, one in value.items()) + ")"
    return json.dumps(str(value), ensure_ascii=True)
