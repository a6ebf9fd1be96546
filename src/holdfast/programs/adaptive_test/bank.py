"""The bank that a test is given from: a pool as it was at one revision, which never changes."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import numpy as np

from holdfast.programs.adaptive_test.psychometrics.bank import Bank, Status
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


def bank_of(pool_id: UUID, revision: int, parameterisation: str, rows: list[Row]) -> PinnedBank:
    """The bank that the rows of `bank_at` describe."""
    records = [row["record"] for row in rows]
    ids = tuple(row["question_id"] for row in rows)

    def column(name: str, *, missing: float = float("nan")) -> list[float]:
        return [missing if record[name] is None else record[name] for record in records]

    parameters = ItemParameters.logistic(
        np.array(column("difficulty"), dtype=np.float64),
        np.array(column("discrimination"), dtype=np.float64),
        np.array(column("guessing"), dtype=np.float64),
        np.array(column("slipping"), dtype=np.float64),
        parameterisation=Parameterisation(parameterisation),
    )
    known = set(ids)
    bank = Bank(
        version=f"{pool_id}:{revision}",
        ids=ids,
        parameters=parameters,
        status=tuple(Status(record["status"]) for record in records),
        areas=tuple(record["content_area"] or "" for record in records),
        enemies=tuple(
            frozenset({id_, *record["enemies"]} & known)
            for id_, record in zip(ids, records, strict=True)
            if record["enemies"]
        ),
    )
    weights = np.array([record["concepts"] for record in records], dtype=np.float64)
    concepts = ConceptItems(parameters, weights.reshape(len(ids), -1))
    return PinnedBank(bank, tuple(row["version"] for row in rows), concepts)
