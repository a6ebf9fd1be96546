"""What a bundle is to be, how far it is, and what its manifest tells of both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from holdfast.research.dataset import Dataset
from holdfast.research.export.data_files import Progress, Wish
from holdfast.research.export.formats import Format, formats_in
from holdfast.research.export.manifest import versions
from holdfast.research.export.readme import reconciliation

PARQUET = "parquet"
WHOLE = 1000
_SHARES = {"collect": 0.3, "analyse": 0.15, "files": 0.35, "figures": 0.15, "manifest": 0.05}

DEIDENTIFIED = (
    "De-identified: students stand under keyed pseudonyms, dates are shifted by a secret number of weeks "
    "for each student. Rare combinations may still tell who somebody is."
)


@dataclass(frozen=True, slots=True)
class Order:
    """What a bundle is to be.

    Attributes:
        title: of the study.
        identified: with names and e-mail addresses; with_text: with what was said.
        formats: beside Parquet; bom: CSV begins with a byte order mark.
        report: with report and figures.
    """

    title: str
    identified: bool = False
    with_text: bool = False
    formats: frozenset[Format] = field(default_factory=lambda: formats_in("all"))
    bom: bool = False
    report: bool = True


class Course:
    """How far the whole is: each phase has its share, whatever it counts by itself."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def phase(self, name: str) -> Progress:
        """The progress of one phase, told as part of the whole."""
        names = list(_SHARES)
        before = sum(_SHARES[each] for each in names[: names.index(name)])

        def tell(done: int, total: int, what: str) -> None:
            share = before + _SHARES[name] * (done / total if total else 1)
            self._progress(round(share * WHOLE), WHOLE, what)

        return tell


def facts_of(work: Path, order: Order) -> dict[str, Any]:
    """What the manifest tells of an order whose dataset stands in ``work``."""
    intake = intake_of(work)
    return {
        "title": order.title,
        "identified": order.identified,
        "with_text": order.with_text,
        "source": intake["source"],
        "snapshot_time": intake["snapshot"],
        "intake": intake,
        "options": {"formats": sorted(order.formats), "bom": order.bom},
        "versions": versions(),
    }


def intake_of(bundle: Path) -> dict[str, Any]:
    """Where the records of a bundle's dataset went."""
    return Dataset(bundle / PARQUET).intake.to_json()


def wish_of(facts: Mapping[str, Any], order: Order) -> Wish:
    """How the files are to be."""
    kind = " ".join(kind_of(order))
    about = [("Study", order.title), ("State of the data", str(facts["snapshot_time"])), ("Contents", kind)]
    for line in reconciliation(facts["intake"]):
        what, _, count = line.strip().rpartition(" ")
        about.append((f"Records {what.strip()}", count))
    about += [(f"Version of {name}", str(number)) for name, number in facts["versions"].items()]
    return Wish(
        moment=datetime.fromisoformat(facts["snapshot_time"]),
        formats=order.formats,
        facts={
            "name": order.title,
            "description": f"Learning sessions, exported by Holdfast. {kind}",
            "version": str(facts["versions"]["holdfast"]),
            "created": str(facts["snapshot_time"]),
        },
        about=tuple(about),
        bom=order.bom,
    )


def kind_of(order: Order) -> list[str]:
    """Who can be recognised in it, in sentences."""
    if order.identified:
        return ["Identified: it holds names, e-mail addresses and true dates; it is not for sharing."]
    said = [DEIDENTIFIED]
    if order.with_text:
        said.append("What was said is included; names and e-mail addresses are masked as far as known.")
    else:
        said.append("What was said is left out.")
    return said


def order_of(facts: Mapping[str, Any]) -> Order:
    """The order that a manifest's facts were made by."""
    formats = formats_in(",".join(facts["options"]["formats"]) or "none")
    return Order(
        title=facts["title"],
        identified=facts["identified"],
        with_text=facts["with_text"],
        formats=formats,
        bom=facts["options"]["bom"],
    )
