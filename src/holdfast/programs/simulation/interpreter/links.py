"""Which of a scenario's treatments and findings a word of the general lexicon means.

A scenario's own names and synonyms come first. Beyond them a lexicon entry leads to the treatments or
findings that bear one of its names, else to those whose id or name begins with or contains it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from holdfast.programs.simulation.interpreter.drugs import DRUG_CLASSES, DRUGS, Drug
from holdfast.programs.simulation.interpreter.observations import OBSERVATIONS, Observation
from holdfast.programs.simulation.interpreter.procedures import PROCEDURES, Procedure
from holdfast.programs.simulation.interpreter.tokens import words_of
from holdfast.programs.simulation.interpreter.tree import Node
from holdfast.programs.simulation.scenario.care import Finding, FindingCategory, Treatment, TreatmentKind
from holdfast.programs.simulation.scenario.model import Scenario
from holdfast.programs.simulation.scenario.vocabulary import VitalSign

DOSED = frozenset({TreatmentKind.MEDICATION, TreatmentKind.OXYGEN, TreatmentKind.FLUID})
"""Kinds of treatment to which amounts and routes belong."""

BASIC_SIGNS = (
    VitalSign.HEART_RATE,
    VitalSign.RESPIRATORY_RATE,
    VitalSign.SPO2,
    VitalSign.SYSTOLIC,
    VitalSign.TEMPERATURE,
)
"""What a set of vital signs contains at least, as far as the scenario can measure it."""


@dataclass(frozen=True, slots=True)
class Names:
    """How a scenario calls one of its treatments or findings."""

    id: str
    phrases: frozenset[tuple[str, ...]]
    heading: tuple[tuple[str, ...], ...]

    @classmethod
    def of(cls, key: str, item: Treatment | Finding) -> Names:
        """The id, name and synonyms of a treatment or finding, folded."""
        heading = (words_of(key.replace(".", " ")), words_of(item.name))
        return cls(key, frozenset({*heading, *(words_of(s) for s in item.synonyms)}), heading)

    def bears(self, phrases: Iterable[str]) -> bool:
        """Whether it is called by one of these phrases."""
        return any(words_of(phrase) in self.phrases for phrase in phrases)

    def contains(self, stems: Iterable[str]) -> bool:
        """Whether its id or name contains words that begin like one of the stems."""
        texts = [" " + " ".join(words) for words in self.heading]
        return any(" " + " ".join(words_of(stem)) in text for stem in stems for text in texts)


def drug_links(scenario: Scenario) -> list[tuple[Drug, tuple[str, ...]]]:
    """Every drug and drug class with the treatments it means here; none when the scenario lacks it."""
    dosed = [Names.of(k, t) for k, t in scenario.treatments.items() if t.kind in DOSED]
    heads = _heads(dosed)
    links: list[tuple[Drug, tuple[str, ...]]] = []
    by_class: dict[str, dict[str, None]] = {}
    for drug in DRUGS:
        ids = tuple(names.id for names in dosed if names.bears(drug.names))
        ids = ids or tuple(i for i, head in heads.items() if head == drug.name)
        links.append((drug, ids))
        for name in drug.classes:
            by_class.setdefault(name, {}).update(dict.fromkeys(ids))
    for drug_class in DRUG_CLASSES:
        exact = tuple(names.id for names in dosed if names.bears(drug_class.names))
        members = by_class.get(drug_class.name, {})
        links.append((drug_class, exact or tuple(k for k in scenario.treatments if k in members)))
    return links


def _heads(dosed: list[Names]) -> dict[str, str]:
    """The first drug that stands in the id or name of each treatment."""
    tree: Node[str] = Node()
    for drug in DRUGS:
        for name in drug.names:
            tree.reach(words_of(name)).value = drug.name
    heads: dict[str, str] = {}
    for names in dosed:
        for words in names.heading:
            found = (tree.longest(list(words), i)[0] for i in range(len(words)))
            head = next((name for name in found if name), None)
            if head and names.id not in heads:
                heads[names.id] = head
    return heads


def procedure_links(scenario: Scenario) -> list[tuple[Procedure, str]]:
    """Every procedure that the scenario has, with its treatment."""
    acts = [Names.of(k, t) for k, t in scenario.treatments.items() if t.kind not in DOSED]
    links = []
    for procedure in PROCEDURES:
        exact = (names.id for names in acts if names.bears(procedure.phrases))
        named = (names.id for names in acts if names.contains(procedure.stems))
        found = next(exact, None) or next(named, None)
        if found:
            links.append((procedure, found))
    return links


def observation_links(scenario: Scenario) -> list[tuple[Observation, tuple[str, ...]]]:
    """Every generic assessment that the scenario can answer, with its findings."""
    findings = [Names.of(k, f) for k, f in scenario.findings.items()]
    links = ((seen, _observed(scenario, findings, seen)) for seen in OBSERVATIONS)
    return [(seen, ids) for seen, ids in links if ids]


def _observed(scenario: Scenario, findings: list[Names], seen: Observation) -> tuple[str, ...]:
    exact = tuple(names.id for names in findings if names.bears(seen.phrases))
    if seen.whole:
        return exact or _in_categories(scenario, seen.categories)
    if seen.signs:
        exact = _measuring(scenario, exact, seen.signs) or exact[:1]
        return exact or _measuring(scenario, tuple(scenario.findings), seen.signs) or _named(findings, seen)
    return exact or _named(findings, seen) or _in_categories(scenario, seen.categories)


def _named(findings: list[Names], seen: Observation) -> tuple[str, ...]:
    return tuple(names.id for names in findings if names.contains(seen.stems))


def _in_categories(scenario: Scenario, categories: tuple[FindingCategory, ...]) -> tuple[str, ...]:
    return tuple(k for category in categories for k, f in scenario.findings.items() if f.category is category)


def _measuring(scenario: Scenario, ids: tuple[str, ...], signs: tuple[VitalSign, ...]) -> tuple[str, ...]:
    """The one finding that measures most of the signs and least besides."""

    def rank(key: str) -> tuple[int, int]:
        measured = scenario.findings[key].measures
        return (-sum(sign in measured for sign in signs), len(measured))

    able = [key for key in ids if set(scenario.findings[key].measures) & set(signs)]
    return (min(able, key=rank),) if able else ()


def vital_sign_findings(scenario: Scenario) -> tuple[str, ...]:
    """What measuring the vital signs reveals.

    Every monitoring finding that measures something, and for each of `BASIC_SIGNS` that none of them
    measures the finding that does.
    """
    found = [
        key
        for key, finding in scenario.findings.items()
        if finding.category is FindingCategory.MONITORING and finding.measures
    ]
    for sign in BASIC_SIGNS:
        if not any(sign in scenario.findings[key].measures for key in found):
            found += _measuring(scenario, tuple(scenario.findings), (sign,))
    return tuple(dict.fromkeys(found))
