"""What the scripts must know of the study, as statements of R and of Python."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from holdfast.research.analysis.results import Filter, Results, Statistic
from holdfast.research.plan.document import read_plan
from holdfast.research.plan.model import Outcome, Plan
from holdfast.research.report.recomputing.course import earlier_shares

_HERE = Path(__file__).parent
_MARK = "@STUDY@"
_SURROGATES = re.compile(r"\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})")
_PARTS = (
    "head", "reading", "comparing", "means", "ranks", "resampling", "missing", "models", "events", "looks",
    "outcomes", "family", "cohorts", "conduct", "ending",
)  # fmt: skip
"""What a script is made of, in this order."""


def r_script(results: Results) -> str:
    """``analysis.R`` for this study."""
    plan = read_plan(results.plan.toml)
    lines = [f"settings <- {_r(_settings(results, plan))}", "outcomes <- list("]
    lines.append(",\n".join(f"  {_r(_outcome(one, results))}" for one in plan.ordered))
    lines.append(")")
    lines.append(f"populations <- list(\n{_r_populations(results)}\n)")
    return _whole("in_r", ".R", "\n").replace(_MARK, "\n".join(lines))


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
    return _whole("in_python", ".py.in", "\n\n").replace(_MARK, "\n".join(lines))


def _whole(folder: str, ending: str, between: str) -> str:
    return between.join((_HERE / folder / f"{part}{ending}").read_text("utf-8") for part in _PARTS)


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
        "minimum": how.minimum_per_arm,
        "ratio": [arm.ratio for arm in plan.arms],
        "challenge_points": plan.population.challenge_points or "",
        "intake": _intake(results),
        "looks": plan.looks.kind,
        "planned_students": plan.looks.students or 0,
        "earlier_looks": earlier_shares(results) or [],
        "looks_known": earlier_shares(results) is not None,
    }


def _intake(results: Results) -> dict[str, int]:
    """Records that are in no table because they were left out: counted when they were read."""
    study = results.study
    return {
        "loaded": study.loaded,
        "quarantined": study.quarantined,
        "duplicates": study.duplicates,
        "excluded": sum(one.count for one in study.excluded),
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
    return _SURROGATES.sub(_code_point, json.dumps(str(value), ensure_ascii=True))


def _code_point(pair: re.Match[str]) -> str:
    high, low = (int(half, 16) for half in pair.groups())
    return f"\\U{0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00):08x}"
