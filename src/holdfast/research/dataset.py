"""A dataset on disk: one Parquet file for each table of the codebook, and how its records came in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import polars as pl

from holdfast.core.codebook import Table
from holdfast.kit.errors import InvalidInput, NotFound
from holdfast.research.codebook import BY_NAME, TABLES
from holdfast.research.column_types import TYPES, schema_of

__all__ = ["INTAKE", "TYPES", "Dataset", "Intake", "Refused", "SmallCells", "schema_of"]

INTAKE = "intake.json"
FORMAT = 1
"""Of the directory; moves when an older reader would misread it."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A record that is not in the data.

    Attributes:
        record: which; in a de-identified dataset a number or a pseudonym, never a name.
        reason: for a person who can put it right.
    """

    record: str
    reason: str


@dataclass(frozen=True, slots=True)
class SmallCells:
    """How many students share each combination of what may be known of them from elsewhere.

    Attributes:
        variables: the combination that was counted.
        below: a cell is small when it has fewer students than this.
        cells, small_cells: how many combinations occur, and how many of them are small.
        students_in_small_cells: who stands out.
        smallest: students in the smallest cell: the k of k-anonymity; none without students.
    """

    variables: tuple[str, ...]
    below: int
    cells: int
    small_cells: int
    students_in_small_cells: int
    smallest: int | None


@dataclass(frozen=True, slots=True)
class Intake:
    """How records became data. Found = loaded + quarantined + duplicates + excluded, always.

    Attributes:
        source: ``database`` or ``files``.
        snapshot: the moment whose state this is: of the database's transaction, or the newest file's.
        title: of the study.
        cohorts: whose students these are, as the tables name them; empty for files.
        identified, with_text: what was asked for.
        found: students enrolled, or files.
        loaded: students in the data.
        quarantined: records that cannot be trusted, with reasons.
        duplicates: records that say once more what another one says.
        excluded: how many records were left out, by reason.
        unfinished: how many of the loaded have no completed session.
        notes: values that could not be read and are missing, by what they were, and other counts.
        masked: how many names, addresses and codes were masked, by table.
        small_cells: combinations shared by few; none in an identified dataset.
        versions: of what wrote it.
    """

    source: str
    snapshot: datetime
    cohorts: tuple[str, ...] = ()
    title: str = ""
    identified: bool = False
    with_text: bool = False
    found: int = 0
    loaded: int = 0
    quarantined: tuple[Refused, ...] = ()
    duplicates: tuple[Refused, ...] = ()
    excluded: Mapping[str, int] = field(default_factory=dict)
    unfinished: int = 0
    notes: Mapping[str, int] = field(default_factory=dict)
    masked: Mapping[str, int] = field(default_factory=dict)
    small_cells: SmallCells | None = None
    versions: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        total = self.loaded + len(self.quarantined) + len(self.duplicates) + sum(self.excluded.values())
        if self.found != total:
            raise AssertionError(f"found {self.found} records, accounted for {total}")

    def to_json(self) -> dict[str, Any]:
        """Plain values; `from_json` gives back an equal intake."""
        document = asdict(self)
        return {"format": FORMAT} | document | {"snapshot": self.snapshot.astimezone(UTC).isoformat()}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Intake:
        """What `to_json` wrote.

        Raises:
            InvalidInput: it is something else.
        """
        try:
            values = {name: value for name, value in document.items() if name != "format"}
            small = values.pop("small_cells")
            return cls(
                **values
                | {
                    "snapshot": datetime.fromisoformat(values["snapshot"]),
                    "cohorts": tuple(values["cohorts"]),
                    "quarantined": tuple(Refused(**each) for each in values["quarantined"]),
                    "duplicates": tuple(Refused(**each) for each in values["duplicates"]),
                    "small_cells": small and SmallCells(**small | {"variables": tuple(small["variables"])}),
                }
            )
        except (KeyError, TypeError, ValueError) as error:
            raise InvalidInput(f"this is not the intake of a dataset: {error}", field=INTAKE) from error


class Dataset:
    """The dataset in a directory."""

    def __init__(self, directory: Path) -> None:
        """Open it; tables are read when they are asked for.

        Raises:
            NotFound: there is no dataset in this directory.
        """
        self.directory = Path(directory)
        try:
            self._document = orjson.loads((self.directory / INTAKE).read_bytes())
        except FileNotFoundError as error:
            raise NotFound(f"there is no dataset in {self.directory}", field="dataset") from error
        except orjson.JSONDecodeError as error:
            raise InvalidInput(f"cannot be read: {error}", field=INTAKE) from error

    @property
    def intake(self) -> Intake:
        """How its records came in."""
        return Intake.from_json(self._document)

    @property
    def tables(self) -> tuple[Table, ...]:
        """The tables as they stand here: without the variables that were left out."""
        return tuple(self.table(table.name) for table in TABLES)

    def table(self, name: str) -> Table:
        """One table as it stands here.

        Raises:
            NotFound: the codebook has no such table.
        """
        if name not in BY_NAME:
            raise NotFound(f"a dataset has no table {name}", field="table")
        table, there = BY_NAME[name], set(self.scan(name).collect_schema().names())
        kept = tuple(variable for variable in table.variables if variable.name in there)
        return Table(table.name, table.sheet, table.one_row_is, table.key, kept)

    def scan(self, name: str) -> pl.LazyFrame:
        """A table, lazily; its rows are in the order of its key.

        Raises:
            NotFound: there is no such table.
        """
        path = self.directory / f"{name}.parquet"
        if not path.exists():
            raise NotFound(f"this dataset has no table {name}", field="table")
        return pl.scan_parquet(path, glob=False)

    def read(self, name: str) -> pl.DataFrame:
        """A table as a whole."""
        return self.scan(name).collect()
