"""By which plan a dataset is analysed: the one given, the one registered, else the one that is proposed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

import polars as pl

from holdfast.kit.clock import iso
from holdfast.research.dataset import Dataset
from holdfast.research.plan.default import default_plan
from holdfast.research.plan.document import read_plan
from holdfast.research.plan.model import Plan, RecordedLook, Registration


def plan_for(
    dataset: Dataset, given: str | None, registration: Registration | None, title: str
) -> tuple[Plan, bool]:
    """The plan, and whether it is only the proposed one.

    Raises:
        InvalidInput: the given text is no plan; or none is given and the data do not have two arms.
    """
    if given is not None:
        return read_plan(given), False
    if registration is not None:
        return read_plan(registration.toml), False
    enabled = _challenge_points(dataset)
    return default_plan(sorted(enabled), enabled, title=title), True


def _challenge_points(dataset: Dataset) -> dict[str, bool]:
    """The arms that occur, and whether most of an arm had challenge points."""
    found = (
        dataset.scan("students_overview")
        .filter(pl.col("ab_group").is_not_null())
        .group_by("ab_group")
        .agg((pl.col("challenge_points_enabled").mean() > 0.5).fill_null(value=False).alias("enabled"))
        .collect()
    )
    return dict(zip(found["ab_group"].to_list(), found["enabled"].to_list(), strict=True))


def registration_to_json(registration: Registration | None) -> dict[str, Any] | None:
    """As a manifest keeps it, so that a bundle can be analysed again without the database."""
    if registration is None:
        return None
    document = asdict(registration)
    document["registered_at"] = iso(registration.registered_at)
    first = registration.first_outcome_at
    document["first_outcome_at"] = iso(first) if first else None
    document["looks"] = [{**asdict(look), "looked_at": iso(look.looked_at)} for look in registration.looks]
    return document


def registration_from_json(document: Mapping[str, Any] | None) -> Registration | None:
    """What `registration_to_json` made."""
    if document is None:
        return None
    values = dict(document)
    first = values["first_outcome_at"]
    looks = (
        RecordedLook(**{**look, "looked_at": datetime.fromisoformat(look["looked_at"])})
        for look in values["looks"]
    )
    return Registration(
        **{
            **values,
            "registered_at": datetime.fromisoformat(values["registered_at"]),
            "first_outcome_at": datetime.fromisoformat(first) if first else None,
            "looks": tuple(looks),
        }
    )
