"""Orders in a student's words. A phrase is used only if it says what is meant to whoever reads it.

The phrases of a scenario are tried on the interpreter once, so that a player's misunderstandings are
those that a student would have (wrong dose, wrong drug), not accidents of template grammar.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from random import Random

from holdfast.operations.simulated_students.intentions import Intention
from holdfast.programs.simulation.engine.facts import Action
from holdfast.programs.simulation.interpreter import Vocabulary, interpret
from holdfast.programs.simulation.scenario.care import Finding, FindingCategory, Treatment, TreatmentKind
from holdfast.programs.simulation.scenario.model import Scenario

UNITS = {
    "mcg": "micrograms",
    "l_per_min": "l/min",
    "mg_per_kg": "mg/kg",
    "ml_per_kg": "ml/kg",
    "units": "units",
}
ROUTES = {
    "oral": "by mouth",
    "sublingual": "sublingual",
    "buccal": "buccal",
    "intranasal": "intranasal",
    "inhaled": "inhaled",
    "nebulised": "nebulised",
    "mask": "by mask",
    "intramuscular": "IM",
    "subcutaneous": "subcutaneous",
    "intravenous": "IV",
    "intraosseous": "IO",
    "rectal": "rectal",
    "topical": "topical",
}
_GIVE = ("Give {}.", "I give {}.", "{}, please.", "Please give {}.", "We give {} now.")
_VERB = ("{}.", "{}, please.", "Please {}.", "I {} now.")
_GOING_ON = ("{} now.", "{}.", "{}, please.")
_DO = ("{}, please.", "We need {} now.", "Start {}.", "{} now.", "{}.")
_CHECK = ("Check the {}.", "I check the {}.", "What is the {}?", "{}?", "Assess {}.", "Check {}.")
_ASK = ("I ask about {}.", "What about {}?", "Tell me about {}.", "{}?", "Any {}?", "Ask about {}.")
_VERBS = frozenset(
    [
        "alert",
        "ask",
        "assess",
        "attach",
        "auscultate",
        "brief",
        "calm",
        "call",
        "cannulate",
        "check",
        "clear",
        "cool",
        "count",
        "cover",
        "cushion",
        "decompress",
        "defibrillate",
        "deliver",
        "dress",
        "examine",
        "expose",
        "feel",
        "give",
        "hand",
        "hold",
        "hyperventilate",
        "inspect",
        "intubate",
        "keep",
        "lay",
        "leave",
        "let",
        "lie",
        "lift",
        "listen",
        "load",
        "look",
        "measure",
        "move",
        "notify",
        "open",
        "pad",
        "palpate",
        "percuss",
        "place",
        "protect",
        "put",
        "raise",
        "rate",
        "reassure",
        "restrain",
        "roll",
        "send",
        "shock",
        "sit",
        "squeeze",
        "stop",
        "suction",
        "take",
        "titrate",
        "transmit",
        "turn",
        "undress",
        "ventilate",
        "walk",
        "warm",
    ]
)
_GERUND = re.compile(r"\w+ing (?:the|to|and|a|into|with|him|her|down|slowly)\b")
_ABBREVIATIONS = re.compile(
    r"\b(?:bp|bvm|bsi|cpap|cpr|crt|ecg|etco2|gcs|gtn|iv|jvp|mils|mgso4|nibp|npa|npc|o2|opa|opqrst|pef|ppe|rsi"
    r"|sga|txa|ufh|avpu)\b"
)
_MOST_NAMES = 3


class PhraseBook:
    """How the orders of one scenario are said."""

    def __init__(self, scenario: Scenario) -> None:
        self._scenario = scenario
        self._known: dict[tuple[str, str], tuple[str, ...]] = {}

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The scenario's words, compiled for the interpreter."""
        return Vocabulary.of(self._scenario)

    def heard(self, text: str) -> tuple[Action, ...]:
        """The treatments and assessments that a text is understood as."""
        return tuple(a for a in interpret(self.vocabulary, text) if a.kind in ("treatment", "assessment"))

    def say(self, meant: Intention, rng: Random) -> str:
        """The order as a sentence."""
        phrase = rng.choice(self._phrases(meant.kind, meant.target))
        return _capital(phrase.format(_amount(meant)).replace(" .", ".").replace("  ", " "))

    def _phrases(self, kind: str, target: str) -> tuple[str, ...]:
        """Phrases with a place for the amount, most natural first."""
        known = self._known.get((kind, target))
        if known is None:
            known = tuple(self._understood(kind, target)) or (f"{target.replace('_', ' ')} {{}}.",)
            self._known[kind, target] = known
        return known

    def _understood(self, kind: str, target: str) -> Iterator[str]:
        wanted = 3
        for candidate in self._candidates(kind, target):
            heard = self.heard(candidate.format(_sample(self._scenario.treatments.get(target))))
            if [(a.kind, a.target) for a in heard] == [(kind, target)]:
                yield candidate
                wanted -= 1
                if not wanted:
                    return

    def _candidates(self, kind: str, target: str) -> Iterator[str]:
        if kind == "assessment":
            finding = self._scenario.findings[target]
            history = finding.category is FindingCategory.HISTORY
            yield from _framed(_ASK if history else _CHECK, _names(finding))
            return
        treatment = self._scenario.treatments[target]
        if treatment.doses:
            yield from _framed(_GIVE, [f"{name} {{}}" for name in _names(treatment)])
        elif treatment.kind is TreatmentKind.MEDICATION:
            yield from _framed(_GIVE, _names(treatment))
        else:
            yield from _framed(_DO, _names(treatment))


def _names(item: Treatment | Finding) -> list[str]:
    """What it is called, the plainest names first; abbreviations as they are written."""
    plain = [item.name, *item.synonyms][: _MOST_NAMES + 1]
    spelled = [_small(name.replace("{", "").replace("}", "")) for name in plain]
    return [_ABBREVIATIONS.sub(lambda found: found[0].upper(), name) for name in spelled]


def _framed(frames: Sequence[str], names: Sequence[str]) -> Iterator[str]:
    """Every name in every frame that suits its first word; names change faster, so that phrases differ."""
    for turn in range(max(len(frames), len(_VERB))):
        for number, name in enumerate(names):
            suited = _suited(frames, name)
            if turn < len(suited):
                yield suited[(turn + number) % len(suited)].replace("{}", name)


def _suited(frames: Sequence[str], name: str) -> Sequence[str]:
    first = name.split(" ", maxsplit=1)[0].casefold()
    if first in _VERBS:
        return _VERB
    return _GOING_ON if _GERUND.match(name) else frames


def _amount(meant: Intention) -> str:
    if meant.dose is None:
        return ""
    unit = UNITS.get(meant.unit or "", meant.unit or "")
    return f"{meant.dose:g} {unit} {ROUTES.get(meant.route or '', '')}".strip()


def _sample(treatment: Treatment | None) -> str:
    if treatment is None or not treatment.doses:
        return ""
    dose = treatment.doses[0]
    return _amount(Intention(0, "treatment", "", dose.standard, dose.unit, dose.routes[0].value))


def _small(text: str) -> str:
    """Without a capital at the start, unless the word is an abbreviation."""
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
