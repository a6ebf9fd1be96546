"""What can be done and found in the scenario being made, and the words by which it is called."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any, Literal, NamedTuple

from holdfast.programs.simulation.scenario.legacy.wording import slug, spoken

_MOST = 0.6
_ALIKE = 0.82
"""Names this alike mean one thing: ``stemi network activated`` and ``stemi network activation``."""

# Names of one drug or of one class of drugs; which entries of a scenario they stand for is decided there.
SAME_NAMES: tuple[frozenset[str], ...] = tuple(
    frozenset(name.strip() for name in names.split(","))
    for names in (
        "epinephrine, adrenaline, adrenalin, epi, epipen, jext",
        "salbutamol, albuterol, ventolin, salbutamol nebuliser, salbutamol nebulizer",
        "ipratropium, atrovent",
        "aminophylline, theophylline, syntophyllin",
        "oxygen, o2, high flow oxygen, non-rebreather, non rebreather mask, nrb",
        "aspirin, acetylsalicylic acid, anopyrin, asa",
        "nitroglycerin, nitroglycerine, glyceryl trinitrate, gtn, nitromin, nitrates, nitrate",
        "morphine, morfin, morphine sulfate, morphine sulphate",
        "fentanyl, fentanyl citrate",
        "tramadol, tramal",
        "hydrocortisone, hydrocortizon, hydrocortison, solu-cortef",
        "dexamethasone, dexa",
        "diazepam, apaurin, valium, seduxen",
        "midazolam, dormicum, versed",
        "lorazepam, ativan",
        "levetiracetam, keppra",
        "phenytoin, epanutin",
        "metoprolol, tensiomin, betaloc",
        "sodium chloride, normal saline, saline, iv fluids, iv fluid, crystalloid, fluid bolus, ringer",
        "glucose, dextrose",
        "paracetamol, acetaminophen",
        "furosemide, furosemid",
        "magnesium, magnesium sulfate, magnesium sulphate",
        "metamizole, metamizol, novalgin, analgin, dipyrone",
        "mannitol, osmofundin",
        "tranexamic acid, txa, exacyl",
        "atropine, atropin",
        "amiodarone, cordarone",
    )
)
# A word in the class of a drug -> the words students use for the class.
_CLASS_NAMES = (
    ("steroid|glucocorticoid", ("steroid", "steroids", "corticosteroid", "corticosteroids")),
    ("antihistamine", ("antihistamine", "antihistamines")),
    ("beta-?2|bronchodilator", ("bronchodilator", "bronchodilators")),
    ("benzodiazepine", ("benzodiazepine", "benzodiazepines")),
    ("nitrate", ("nitrate", "nitrates")),
    ("opioid", ("opioid", "opioids")),
    ("beta-? ?blocker", ("beta blocker", "beta-blocker")),
    ("crystalloid|iv fluid", ("iv fluids", "fluids", "fluid bolus")),
)


_NO_HINTS = frozenset(
    {"patient", "access", "position", "airway", "transport", "treatment", "student", "hospital"}
)


class Thing(NamedTuple):
    """A treatment or finding that a text means."""

    kind: Literal["treatment", "finding"]
    id: str


@dataclass(slots=True)
class Catalogue:
    """The treatments and findings made so far, and every phrase that calls one of them."""

    treatments: dict[str, dict[str, Any]] = field(default_factory=dict)
    findings: dict[str, dict[str, Any]] = field(default_factory=dict)
    critical: list[Thing] = field(default_factory=list)
    _terms: dict[str, Thing] = field(default_factory=dict)

    def add(self, kind: Literal["treatment", "finding"], name: str, draft: dict[str, Any]) -> str:
        """Enter a draft under a free id; synonyms that already call something else are dropped."""
        shelf = self.treatments if kind == "treatment" else self.findings
        base, number = slug(name), 1
        thing = Thing(kind, base)
        while thing.id in self.treatments or thing.id in self.findings:
            number += 1
            thing = Thing(kind, f"{base}_{number}")
        for phrase in (draft["name"], name, *draft.get("synonyms", ())):
            self._terms.setdefault(spoken(phrase), thing)
        kept = [phrase for phrase in draft.get("synonyms", ()) if self._terms[spoken(phrase)] == thing]
        draft["synonyms"] = list(dict.fromkeys(kept))
        shelf[thing.id] = draft
        return thing.id

    def taken(self, phrases: Iterable[str]) -> Thing | None:
        """What one of the phrases calls already."""
        return next((self._terms[p] for phrase in phrases if (p := spoken(phrase)) in self._terms), None)

    def resolve(self, token: str) -> Thing | None:
        """What a token such as ``12_lead_ecg`` or ``stemi_network_activated`` means; none if nothing."""
        phrase = spoken(token)
        if phrase in self._terms:
            return self._terms[phrase]
        inside = self.find(phrase)
        if len(inside) == 1 and (inside[0].kind == "treatment" or self._mostly(inside[0], phrase)):
            return inside[0]
        alike = max(self._terms, key=lambda term: _alike(term, phrase), default="")
        return self._terms[alike] if _alike(alike, phrase) >= _ALIKE else None

    def _mostly(self, thing: Thing, phrase: str) -> bool:
        """Whether a name of the thing makes up most of the phrase: ``airway positioning`` is no airway."""
        return any(
            term in phrase and len(term) >= _MOST * len(phrase)
            for term, named in self._terms.items()
            if named == thing
        )

    def find(self, text: str) -> list[Thing]:
        """Everything that a text names, in its order; of overlapping names the longest."""
        return [thing for _, thing in sorted(self._found(spoken(text)), key=lambda found: found[0])]

    def hinted(self, text: str) -> list[Thing]:
        """What a text names, or else what a word of it hints at: one that one act of care alone has."""
        found = self.find(text)
        if found:
            return found
        words = set(re.findall(r"[a-z]{6,}", spoken(text))) - _NO_HINTS
        owners = {word: {name for name in self.treatments if word in name.split("_")} for word in words}
        return [Thing("treatment", names.pop()) for names in owners.values() if len(names) == 1]

    def _found(self, phrase: str) -> Iterator[tuple[int, Thing]]:
        seen: set[Thing] = set()
        for term in sorted(self._terms, key=len, reverse=True):
            match = re.search(rf"(?<![\w-]){re.escape(term)}s?(?!\w)", phrase)
            if match:
                phrase = phrase[: match.start()] + "\0" * len(match.group()) + phrase[match.end() :]
                thing = self._terms[term]
                if thing not in seen:
                    seen.add(thing)
                    yield match.start(), thing


def _alike(first: str, second: str) -> float:
    return SequenceMatcher(None, first, second).ratio()


def drug_names(*stated: str | None, drug_class: str | None = None) -> list[str]:
    """Every name of a drug that its stated names imply: parts in brackets, salts, other languages."""
    names: list[str] = []
    for text in stated:
        if text:
            outside = re.sub(
                r"\(([^()]*)\)",
                r",\1,",
                re.sub(r"\bgiven before\b.*|\balone\b|\d+(?:[.,]\d+)?\s*%", "", text),
            )
            names += [part.strip().lower() for part in re.split(r"[,/;]", outside) if part.strip()]
    names += [salt.group(1) for name in names if (salt := _SALT.fullmatch(name))]
    for group in SAME_NAMES:
        if group & set(names):
            names += sorted(group)
    for pattern, words in _CLASS_NAMES:
        if drug_class and re.search(pattern, drug_class.lower()):
            names += words
    return list(dict.fromkeys(name for name in names if len(name) > 1))


_SALT = re.compile(r"(\w+) (?:sulfate|sulphate|sodium succinate|hydrochloride|citrate|gluconate|suppository)")
