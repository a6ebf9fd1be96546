"""The bank that a test is given from: a pool as it was at one revision, which never changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np

from holdfast.programs.adaptive_test.psychometrics.bank import Bank, Status
from holdfast.programs.adaptive_test.psychometrics.curves import FloatArray
from holdfast.programs.adaptive_test.psychometrics.models import (
    ConceptItems,
    ItemParameters,
    Parameterisation,
)
from holdfast.store.statements import Row


@dataclass(frozen=True, slots=True, eq=False)
class PinnedBank:
    """A pool at a revision.

    Attributes:
        bank: the questions as the engine knows them.
        versions: the version of each, in the bank's order.
        concepts: the same questions as they load on the pool's concepts.
    """

    bank: Bank
    versions: tuple[int, ...]
    concepts: ConceptItems

    def version_of(self, question_id: str) -> int:
        """The version of a question in this revision."""
        return self.versions[self.bank.index[question_id]]


def bank_of(pool_id: UUID, revision: int, parameterisation: str, rows: Sequence[Row]) -> PinnedBank:
    """The bank that the rows of `bank_at` describe."""
    ids, records = [row["question_id"] for row in rows], [row["record"] for row in rows]
    bank = bank_of_records(f"{pool_id}:{revision}", Parameterisation(parameterisation), ids, records)
    weights = np.array([record["concepts"] for record in records], dtype=np.float64)
    concepts = ConceptItems(bank.parameters, weights.reshape(len(ids), -1))
    return PinnedBank(bank, tuple(row["version"] for row in rows), concepts)


def bank_of_records(
    version: str, parameterisation: Parameterisation, ids: Sequence[str], records: Sequence[Mapping[str, Any]]
) -> Bank:
    """The engine's bank of some canonical records."""
    known = set(ids)
    return Bank(
        version=version,
        ids=tuple(ids),
        parameters=ItemParameters.logistic(
            _column(records, "difficulty"),
            _column(records, "discrimination"),
            _column(records, "guessing"),
            _column(records, "slipping"),
            parameterisation=parameterisation,
        ),
        status=tuple(Status(record["status"]) for record in records),
        areas=tuple(record["content_area"] or "" for record in records),
        enemies=tuple(
            frozenset({id_, *record["enemies"]} & known)
            for id_, record in zip(ids, records, strict=True)
            if record["enemies"]
        ),
    )


def _column(records: Sequence[Mapping[str, Any]], name: str) -> FloatArray:
    """A parameter of every question; NaN for those that are not calibrated."""
    values = (record[name] for record in records)
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
