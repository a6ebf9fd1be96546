"""How data that leaves Holdfast is described: variables and tables with kinds, units, ranges and meanings.

One description types the readers, checks ranges, labels SPSS and Stata files, writes the codebook and
the scripts that recompute an analysis. Each program's ``export`` declares its tables with these words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What a variable holds."""

    IDENTIFIER = "identifier"
    """Names a student, a session or another thing; replaced by a keyed pseudonym unless identified."""
    DIRECT = "direct"
    """A name, an e-mail address, anything that tells who it is; only in an identified bundle."""
    CATEGORY = "category"
    """One of a few codes, each with a label in ``values`` when the set is closed."""
    TEXT = "text"
    """Short text that the software or a definition wrote (the id of a question, an engine's version)."""
    FREE_TEXT = "free_text"
    """Written or said by people or by a model that answers them; left out unless asked for, then masked."""
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    MOMENT = "moment"
    """A point in time, UTC; shifted by a secret number of days for each student unless identified."""


class Measure(StrEnum):
    """The level of measurement, as SPSS knows it."""

    NOMINAL = "nominal"
    ORDINAL = "ordinal"
    SCALE = "scale"


@dataclass(frozen=True, slots=True)
class Variable:
    """One column.

    Attributes:
        name: snake_case, at most 32 characters, so that Stata and SPSS take it.
        label: what it is, in at most 80 characters (Stata cuts there).
        unit: of a number ("seconds", "percent", "logits"); empty for none.
        low, high: the range within which a value is possible, both included; None where there is no bound.
        values: the codes of a category and what each means.
        missing: what it means when there is no value. Missing is never zero and never "".
        names: for an identifier, the sort of thing it names ("student", "session", ...): the same thing
            has the same pseudonym in every table.
        measure: the level of measurement; None means what follows from the kind.
    """

    name: str
    kind: Kind
    label: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    missing: str = ""
    names: str = ""
    measure: Measure | None = None

    @property
    def level(self) -> Measure:
        """The level of measurement: numbers and moments are scale, everything else nominal."""
        scale = (Kind.INTEGER, Kind.NUMBER, Kind.MOMENT)
        return self.measure or (Measure.SCALE if self.kind in scale else Measure.NOMINAL)


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a dataset.

    Attributes:
        name: of its file, snake_case.
        sheet: of the workbook, at most 31 characters.
        one_row_is: "a student", "an answer".
        key: the variables that name a row; rows are in their order.
        variables: in the order of the columns.
    """

    name: str
    sheet: str
    one_row_is: str
    key: tuple[str, ...]
    variables: tuple[Variable, ...]

    def variable(self, name: str) -> Variable:
        """One variable by name.

        Raises:
            KeyError: there is none of that name.
        """
        for variable in self.variables:
            if variable.name == name:
                return variable
        raise KeyError(f"{self.name} has no variable {name}")
