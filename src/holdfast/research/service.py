"""The whole way: from a cohort or a folder to a bundle that stands, and what the journal knows of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from holdfast.core import cohorts
from holdfast.core.cohorts import Cohort
from holdfast.core.journal import Event, record
from holdfast.research.analysis.analysing import Analysis, carried_out, observed_now
from holdfast.research.analysis.results import Results
from holdfast.research.bundle import PARQUET, Course, Order, analyse_bundle, complete
from holdfast.research.collecting import Source, collect
from holdfast.research.dataset import Dataset
from holdfast.research.deidentification.pseudonyms import StudyKey
from holdfast.research.export.data_files import Progress
from holdfast.research.export.formats import Format, formats_in
from holdfast.research.export.manifest import read_manifest
from holdfast.research.export.staging import staged
from holdfast.research.plan.document import read_plan
from holdfast.research.plan.model import Plan, Registration
from holdfast.research.plan.registering import record_look, registration_for
from holdfast.research.planned import plan_for, registration_from_json, registration_to_json
from holdfast.research.sources.database import CohortsInDatabase
from holdfast.research.sources.files import StudentFiles
from holdfast.research.sources.options import Options
from holdfast.store.database import Database


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks for.

    Attributes:
        out: where the bundle shall stand; relative to the working directory.
        identified, with_text, formats, bom, report: as in `bundle.Order`.
        plan: the text of a plan; none takes the registered one, else the proposed one.
        seed: of resampling; none takes the plan's.
        replace: a bundle that stands there is replaced.
    """

    out: Path
    identified: bool = False
    with_text: bool = False
    formats: frozenset[Format] = field(default_factory=lambda: formats_in("all"))
    plan: str | None = None
    seed: int | None = None
    bom: bool = False
    report: bool = True
    replace: bool = False

    def order(self, title: str) -> Order:
        """What the bundle is to be."""
        text = self.with_text or self.identified
        return Order(title, self.identified, text, self.formats, self.bom, self.report)


async def export_files(folder: Path, secret: bytes, wish: Wish, progress: Progress) -> dict[str, Any]:
    """Make the bundle of a folder of students' files; the manifest's facts.

    Args:
        folder: its name is that of the study: the same name and secret give the same pseudonyms.
        secret: of this installation.
        wish: what is made.
        progress: told how far it is.

    Raises:
        InvalidInput: no such folder, nothing in it, no such plan, or the place cannot be written.
        Conflict: something stands at the place.
    """
    _check(wish)
    name = _name_of(folder)
    course = Course(progress)
    with staged(wish.out, replace=wish.replace) as work:
        await _collected(StudentFiles(folder), work, StudyKey(secret, name), wish, course)
        analysis = _By(wish.plan, wish.seed, None, name)
        return complete(work, wish.order(name), analysis, course, {"registration": None})


async def export_cohort(
    database: Database, secret: bytes, name: str, wish: Wish, progress: Progress, *, actor: str
) -> dict[str, Any]:
    """Make the bundle of a cohort from one snapshot of the database; the manifest's facts.

    The look at its outcomes, and the export, are in the journal before the bundle stands.

    Raises:
        NotFound: no such cohort.
        InvalidInput, Conflict: as `export_files`.
    """
    _check(wish)
    course = Course(progress)
    async with database.connection() as connection:
        cohort = await cohorts.by_name(connection, name)
    with staged(wish.out, replace=wish.replace) as work:
        await _collected(CohortsInDatabase(database, (name,)), work, StudyKey(secret, name), wish, course)
        registration = await _registered(database, cohort, wish.plan)
        analysis = _By(wish.plan, wish.seed, registration, name)
        known = {"registration": registration_to_json(registration)}
        facts = complete(work, wish.order(name), analysis, course, known)
        await _journal(database, cohort, Dataset(work / PARQUET), analysis.plan, facts, actor)
    return facts


def analyse_again(bundle: Path, plan: str | None, seed: int | None, progress: Progress) -> Results:
    """Analyse a bundle's dataset again, by a plan that is given or by that of the bundle.

    Raises:
        InvalidInput: no bundle, no such plan, or data that allow no analysis.
    """
    facts = read_manifest(bundle)
    kept = bundle / "plan.toml"
    text = plan if plan is not None else kept.read_text(encoding="utf-8") if kept.is_file() else None
    analysis = _By(text, seed, registration_from_json(facts["registration"]), facts["title"])
    return analyse_bundle(bundle, analysis, progress)


def counts(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Found = loaded + quarantined + duplicates + excluded, of a bundle's facts."""
    intake = facts["intake"]
    return {
        "found": intake["found"],
        "loaded": intake["loaded"],
        "quarantined": len(intake["quarantined"]),
        "duplicates": len(intake["duplicates"]),
        "excluded": dict(intake["excluded"]),
    }


class _By:
    """Analyses a dataset by the plan that is found for it, and remembers the plan."""

    def __init__(
        self, text: str | None, seed: int | None, registration: Registration | None, title: str
    ) -> None:
        self._text, self._seed, self._registration, self._title = text, seed, registration, title
        self.plan: Plan | None = None

    def __call__(self, dataset: Dataset) -> Analysis:
        self.plan, default = plan_for(dataset, self._text, self._registration, self._title)
        return carried_out(dataset, self.plan, self._registration, self._seed, default_plan=default)


def _name_of(folder: Path) -> str:
    """The name of a folder however it is written: `data`, `data/.`, `.`."""
    return folder.resolve().name or "files"


def _check(wish: Wish) -> None:
    if wish.plan is not None:
        read_plan(wish.plan)


async def _collected(source: Source, work: Path, key: StudyKey, wish: Wish, course: Course) -> None:
    options = Options(key, identified=wish.identified, with_text=wish.with_text or wish.identified)
    await collect(source, work / PARQUET, options, course.phase("collect"))


async def _registered(database: Database, cohort: Cohort, text: str | None) -> Registration | None:
    plan = read_plan(text) if text is not None else None
    async with database.snapshot() as connection:
        return await registration_for(connection, cohort, plan)


async def _journal(
    database: Database, cohort: Cohort, dataset: Dataset, plan: Plan | None, facts: dict[str, Any], actor: str
) -> None:
    data = {"identified": facts["identified"], "with_text": facts["with_text"], **counts(facts)}
    async with database.transaction() as connection:
        if plan is not None and "refused" not in facts["analysis"]:
            observed = observed_now(dataset, plan)
            await record_look(connection, cohort, plan, observed=observed, actor=actor)
        await record(connection, Event("research.exported", actor, object=cohort.name, data=data))
