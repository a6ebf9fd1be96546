"""The whole way: from a cohort or a folder to a bundle that stands, and what the journal knows of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from holdfast.core import cohorts
from holdfast.core.cohorts import Cohort
from holdfast.core.journal import Event, record
from holdfast.kit.errors import InvalidInput
from holdfast.research import jointly
from holdfast.research.analysis.analysing import Analysis, carried_out, observed_now
from holdfast.research.analysis.results import Results
from holdfast.research.bundle import analyse_bundle, complete
from holdfast.research.collecting import collect
from holdfast.research.dataset import Dataset
from holdfast.research.deidentification.masking import Person, names_somebody
from holdfast.research.deidentification.pseudonyms import StudyKey
from holdfast.research.export.data_files import Progress
from holdfast.research.export.formats import Format, formats_in
from holdfast.research.export.manifest import read_manifest
from holdfast.research.export.requests import checked_names
from holdfast.research.export.staging import staged
from holdfast.research.jointly import OfCohort
from holdfast.research.order import PARQUET, Course, Order
from holdfast.research.plan.document import read_plan
from holdfast.research.plan.model import Plan
from holdfast.research.plan.registering import record_look, registration_for
from holdfast.research.planned import plan_for
from holdfast.research.sources.database import CohortsInDatabase
from holdfast.research.sources.files import StudentFiles
from holdfast.research.sources.options import Options
from holdfast.research.sources.registry import registered_people
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


async def export_files(
    folder: Path, secret: bytes, wish: Wish, progress: Progress, *, registry: Sequence[Person] | None = None
) -> dict[str, Any]:
    """Make the bundle of a folder of students' files; the manifest's facts.

    Args:
        folder: its name is that of the study: the same name and secret give the same pseudonyms.
        secret: of this installation.
        wish: what is made.
        progress: told how far it is.
        registry: everybody registered in the database, whose names are masked beside those that the files
            tell; none when there is no database to ask.

    Raises:
        InvalidInput: no such folder, nothing in it, no such plan, or the place cannot be written.
        Conflict: something stands at the place.
    """
    _check(wish, registry or ())
    name = _name_of(folder)
    course = Course(progress)
    options = _options(StudyKey(secret, name), wish, title=name, people=tuple(registry or ()))
    with staged(wish.out, replace=wish.replace) as work:
        dataset = await collect(StudentFiles(folder), work / PARQUET, options, course.phase("collect"))
        title = dataset.intake.title
        analysis = _By(wish.plan, wish.seed, (), title)
        masked_by = ["files"] if registry is None else ["files", "registry"]
        known = {"registrations": [], "names_known_from": [] if wish.identified else masked_by}
        return complete(work, wish.order(title), analysis, course, known)


async def export_cohorts(
    database: Database,
    secret: bytes,
    names: Sequence[str],
    wish: Wish,
    progress: Progress,
    *,
    actor: str,
) -> dict[str, Any]:
    """Make the bundle of cohorts from one snapshot of the database; the manifest's facts.

    Several cohorts are one study, in the order of their names, with pseudonyms of its own. The look at
    their outcomes, and the export, are in the journal before the bundle stands.

    Raises:
        NotFound: no such cohort.
        InvalidInput: as `export_files`; a cohort is named twice, the cohorts registered different plans
            and none is given, or a plan names somebody and the bundle is not identified.
        Conflict: as `export_files`.
    """
    names = checked_names(names)
    async with database.snapshot() as connection:
        found = [await cohorts.by_name(connection, name) for name in names]
        people = await registered_people(connection)
    _check(wish, people, await _registered(database, found, names, wish.plan))
    course = Course(progress)
    options = _options(StudyKey(secret, "\x00".join(names)), wish)
    with staged(wish.out, replace=wish.replace) as work:
        source = CohortsInDatabase(database, names)
        dataset = await collect(source, work / PARQUET, options, course.phase("collect"))
        labels, title = dataset.intake.cohorts, dataset.intake.title
        registered = await _registered(database, found, labels, wish.plan)
        analysis = _By(wish.plan, wish.seed, registered, title)
        masked_by = [] if wish.identified else ["registry"]
        known = {"registrations": jointly.to_json(registered), "names_known_from": masked_by}
        facts = complete(work, wish.order(title), analysis, course, known)
        by_label = dict(zip(labels, found, strict=True))
        await _journal(database, by_label, Dataset(work / PARQUET), analysis.plan, facts, actor)
    return facts


def analyse_again(bundle: Path, plan: str | None, seed: int | None, progress: Progress) -> Results:
    """Analyse a bundle's dataset again, by a plan that is given or by that of the bundle.

    Raises:
        InvalidInput: no bundle, no such plan, or data that allow no analysis.
    """
    facts = read_manifest(bundle)
    kept = bundle / "plan.toml"
    text = plan if plan is not None else kept.read_text(encoding="utf-8") if kept.is_file() else None
    analysis = _By(text, seed, jointly.from_json(facts["registrations"]), facts["title"])
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
        self, text: str | None, seed: int | None, registered: Sequence[OfCohort], title: str
    ) -> None:
        self._text, self._seed, self._registered, self._title = text, seed, registered, title
        self.plan: Plan | None = None

    def __call__(self, dataset: Dataset) -> Analysis:
        registered = self._registered
        known = jointly.followed(registered) if self._text is None else None
        self.plan, default = plan_for(dataset, self._text, known, self._title)
        return carried_out(
            dataset,
            self.plan,
            jointly.joint(registered, self.plan),
            self._seed,
            default_plan=default,
            further=jointly.differing(registered, self.plan),
        )


def _name_of(folder: Path) -> str:
    """The name of a folder however it is written: `data`, `data/.`, `.`."""
    return folder.resolve().name or "files"


def _check(wish: Wish, people: Sequence[Person], registered: Sequence[OfCohort] = ()) -> None:
    """Refuse before anything is read what could only fail at the end."""
    texts = [] if wish.plan is None else [wish.plan]
    for text in texts:
        read_plan(text)
    if wish.plan is None:
        jointly.followed(registered)
    texts += [one.registration.toml for one in registered if one.registration is not None]
    if not wish.identified and any(names_somebody(text, people) for text in texts):
        message = "names somebody who is registered, and stands in the bundle word by word: write another"
        raise InvalidInput(message, field="plan")


def _options(key: StudyKey, wish: Wish, **more: Any) -> Options:
    return Options(key, identified=wish.identified, with_text=wish.with_text or wish.identified, **more)


async def _registered(
    database: Database, found: Sequence[Cohort], labels: Sequence[str], text: str | None
) -> tuple[OfCohort, ...]:
    """What each cohort registered, under the name that it has in the bundle."""
    plan = read_plan(text) if text is not None else None
    made = []
    async with database.snapshot() as connection:
        for cohort, label in zip(found, labels, strict=True):
            known = await registration_for(connection, cohort, plan)
            made.append(OfCohort(label, replace(known, cohort=label) if known else None))
    return tuple(made)


async def _journal(
    database: Database,
    by_label: Mapping[str, Cohort],
    dataset: Dataset,
    plan: Plan | None,
    facts: dict[str, Any],
    actor: str,
) -> None:
    """The look at each cohort with its own students, and the export with the counts of the whole."""
    data = {"identified": facts["identified"], "with_text": facts["with_text"], **counts(facts)}
    if len(by_label) > 1:
        data["cohorts"] = [cohort.name for cohort in by_label.values()]
    looked = plan is not None and "refused" not in facts["analysis"]
    observed = observed_now(dataset, plan) if looked and plan is not None else {}
    async with database.transaction() as connection:
        for label, cohort in by_label.items():
            if looked and plan is not None:
                seen = observed.get(label, 0)
                await record_look(connection, cohort, plan, observed=seen, actor=actor)
            await record(connection, Event("research.exported", actor, object=cohort.name, data=data))
