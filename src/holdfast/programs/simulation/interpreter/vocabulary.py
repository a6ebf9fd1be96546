"""The words of one scenario, compiled into one tree.

Compiling takes some milliseconds; callers keep the result by the scenario's content hash.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from holdfast.programs.simulation.interpreter.cues import (
    ACT_WORDS,
    ASKING_WORDS,
    VERBS,
    Cue,
    cue_phrases,
)
from holdfast.programs.simulation.interpreter.links import (
    DOSED,
    drug_links,
    observation_links,
    procedure_links,
    vital_sign_findings,
)
from holdfast.programs.simulation.interpreter.listening import Listener, phrases_of
from holdfast.programs.simulation.interpreter.observations import VITAL_SIGN_PHRASES
from holdfast.programs.simulation.interpreter.quantities import quantity_at
from holdfast.programs.simulation.interpreter.routes import OXYGEN_DEVICES, ROUTE_PHRASES, ROUTE_VERBS
from holdfast.programs.simulation.interpreter.sense import Sense
from holdfast.programs.simulation.interpreter.spelling import Speller
from holdfast.programs.simulation.interpreter.tokens import words_of
from holdfast.programs.simulation.interpreter.tree import Node
from holdfast.programs.simulation.scenario.care import Finding, Route, Treatment, TreatmentKind
from holdfast.programs.simulation.scenario.model import Scenario
from holdfast.programs.simulation.scenario.vocabulary import Impact

_HELPS = frozenset({Impact.CRITICAL, Impact.APPROPRIATE, Impact.ADVANCED})
_ASKS_FIRST = frozenset(phrase for cue, phrase in cue_phrases() if cue is Cue.ASKER)
_VERB_OF = {phrase: cue for cue, phrase in cue_phrases() if cue in VERBS and " " not in phrase}


def _route_tree() -> Node[Route]:
    tree: Node[Route] = Node()
    for route, phrase in (*OXYGEN_DEVICES, *ROUTE_PHRASES):
        tree.reach(words_of(phrase)).value = route
    return tree


_ROUTE_TREE = _route_tree()


@dataclass(frozen=True, slots=True)
class Choice:
    """What must be known of a treatment to tell it from others of the same name."""

    dosed: bool
    oxygen: bool
    units: frozenset[str]
    routes: frozenset[str]
    helps: bool


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Everything the interpreter knows about a scenario."""

    tree: Node[Sense]
    listener: Listener
    speller: Speller
    choices: dict[str, Choice]
    findings: frozenset[str]
    handovers: frozenset[str]
    oxygen: Sense

    @classmethod
    def of(cls, scenario: Scenario) -> Vocabulary:
        """Compile the words of a scenario; deterministic."""
        tree: Node[Sense] = Node()
        _add_scenario(tree, scenario)
        _add_lexicon(tree, scenario)
        medical = _words(tree)
        _add_plurals(tree)
        _add_steering(tree)
        oxygen = tree.longest(["oxygen"], 0)[0] or Sense(drug="oxygen", doses=True, oxygen=True)
        return cls(
            tree=tree,
            listener=Listener.of(phrases_of(scenario)),
            speller=Speller.of(medical, _words(tree)),
            choices={key: _choice(treatment) for key, treatment in scenario.treatments.items()},
            findings=frozenset(scenario.findings),
            handovers=frozenset(key for procedure, key in procedure_links(scenario) if procedure.reports),
            oxygen=replace(oxygen, findings=()),
        )

    def meaning(self, phrase: str) -> Sense | None:
        """What a phrase means as a whole, slips mended; none when it is unknown."""
        words = [self.speller.mended(word) for word in words_of(phrase)]
        sense, end = self.tree.longest(words, 0)
        return sense if end == len(words) else None

    def chosen(self, sense: Sense, units: set[str], route: str | None) -> str:
        """Of treatments that share a name the one that fits the route and then the units best.

        Between equals one that helps this patient comes first, then the scenario's order. Empty when
        the scenario has no such treatment.
        """

        def rank(key: str) -> tuple[bool, bool, bool]:
            choice = self.choices[key]
            return (route not in choice.routes, units.isdisjoint(choice.units), not choice.helps)

        return min(sense.treatments, key=rank, default="")


def _choice(treatment: Treatment) -> Choice:
    units = frozenset(str(dose.unit) for dose in treatment.doses)
    routes = frozenset(route.value for dose in treatment.doses for route in dose.routes)
    return Choice(
        dosed=treatment.kind in DOSED,
        oxygen=treatment.kind is TreatmentKind.OXYGEN,
        units=units,
        routes=routes,
        helps=treatment.impact in _HELPS,
    )


def _add(tree: Node[Sense], phrase: str | tuple[str, ...], sense: Sense) -> None:
    words = words_of(phrase) if isinstance(phrase, str) else phrase
    if words:
        node = tree.reach(words)
        node.value = node.value.joined(sense) if node.value else sense


def _add_scenario(tree: Node[Sense], scenario: Scenario) -> None:
    treatments: dict[tuple[str, ...], dict[str, None]] = {}
    findings: dict[tuple[str, ...], dict[str, None]] = {}
    for key, treatment in scenario.treatments.items():
        for words in _phrases(key, treatment):
            treatments.setdefault(words, {})[key] = None
    for key, finding in scenario.findings.items():
        for words in _phrases(key, finding):
            findings.setdefault(words, {})[key] = None
    for words, ids in treatments.items():
        _add(tree, words, _treatment_sense(scenario, words, tuple(ids)))
    for words, ids in findings.items():
        _add(tree, words, _finding_sense(words, tuple(ids)))


def _phrases(key: str, item: Treatment | Finding) -> Iterable[tuple[str, ...]]:
    spoken = (key.replace(".", " "), item.name, item.name.split("(")[0], *item.synonyms)
    return dict.fromkeys(_without_amounts(words_of(phrase)) for phrase in spoken)


def _without_amounts(words: tuple[str, ...]) -> tuple[str, ...]:
    """A name without doses in it, so that a dose in the student's text stays a dose."""
    left: list[str] = []
    index = 0
    listed_words = list(words)
    while index < len(words):
        quantity, end = quantity_at(listed_words, index)
        if quantity is None:
            end = index + 1
            left.append(words[index])
        index = end
    return tuple(left)


def _treatment_sense(scenario: Scenario, words: tuple[str, ...], ids: tuple[str, ...]) -> Sense:
    kinds = {scenario.treatments[key].kind for key in ids}
    doses = bool(kinds & DOSED)
    return Sense(
        treatments=ids,
        route=_route_in(words) if doses else None,
        lead=_lead(words, Cue.GIVE),
        doses=doses,
        oxygen=TreatmentKind.OXYGEN in kinds,
    )


def _finding_sense(words: tuple[str, ...], ids: tuple[str, ...]) -> Sense:
    lead = Cue.QUESTION if words[:1] and words[0] in ASKING_WORDS and len(words) > 1 else None
    return Sense(findings=ids, lead=lead or _lead(words, Cue.ASSESS))


def _route_in(words: tuple[str, ...]) -> Route | None:
    """The route that a name implies: ``salbutamol nebuliser``, ``IV fluids``."""
    found = (_ROUTE_TREE.longest(list(words), index)[0] for index in range(len(words)))
    return next((route for route in found if route), None)


def _lead(words: tuple[str, ...], verb: Cue) -> Cue | None:
    """The steering that a name brings with it: a verb, or a gerund that needs an "I am" before it."""
    if not words:
        return None
    if words[0] in ACT_WORDS or (words[0] in _VERB_OF and len(words) > 1):
        return verb
    return Cue.INTENT if words[0].endswith("ing") and verb is Cue.GIVE else None


def _add_lexicon(tree: Node[Sense], scenario: Scenario) -> None:
    for drug, ids in drug_links(scenario):
        sense = Sense(
            treatments=ids,
            drug="" if ids else drug.name,
            doses=True,
            oxygen=drug.kind is TreatmentKind.OXYGEN,
        )
        for name in drug.names:
            words = words_of(name)
            _add(tree, words, replace(sense, lead=_lead(words, Cue.GIVE), route=_route_in(words)))
    for procedure, key in procedure_links(scenario):
        for phrase in procedure.phrases:
            words = words_of(phrase)
            _add(tree, words, _treatment_sense(scenario, words, (key,)))
    for seen, found in observation_links(scenario):
        for phrase in seen.phrases:
            words = words_of(phrase)
            _add(tree, words, _finding_sense(words, found))
    vital = vital_sign_findings(scenario)
    for phrase in VITAL_SIGN_PHRASES if vital else ():
        _add(tree, phrase, Sense(findings=vital))


def _add_plurals(tree: Node[Sense]) -> None:
    """Singular and plural of the last word of every name, where they mean nothing else."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        for word, child in list(node.children.items()):
            waiting.append(child)
            other = _other_number(word)
            if child.value is not None and other:
                twin = node.reach((other,))
                twin.value = twin.value or child.value


def _other_number(word: str) -> str | None:
    if not word.isalpha() or len(word) < 4 or word.endswith(("ss", "us", "is")):
        return None
    return word[:-1] if word.endswith("s") else word + "s"


def _add_steering(tree: Node[Sense]) -> None:
    for route, phrase in OXYGEN_DEVICES:
        _add(tree, phrase, Sense(route=route, oxygen=True, device=True))
    for route, phrase in ROUTE_PHRASES:
        _add(tree, phrase, Sense(route=route, device=True))
    for route, phrase in ROUTE_VERBS:
        _add(tree, phrase, Sense(route=route, cue=Cue.GIVE, device=True))
    asking = {phrase: cue for cue, phrase in cue_phrases() if cue is Cue.ASKER}
    steering = asking | {phrase: cue for cue, phrase in cue_phrases() if cue is not Cue.ASKER}
    for phrase, cue in steering.items():
        words = (phrase,) if cue is Cue.LINE else words_of(phrase)
        _add(tree, words or (phrase,), Sense(cue=cue, opener=phrase in _ASKS_FIRST))


def _words(tree: Node[Sense]) -> set[str]:
    """Every word that stands in any phrase of the tree."""
    found: set[str] = set()
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        found.update(node.children)
        waiting.extend(node.children.values())
    return found
