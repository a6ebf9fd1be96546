"""Words of the older blueprints: names from prose, phrases to listen for, comments taken out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from itertools import pairwise

_NOT_A_NAME = re.compile(r"[^a-z0-9]+")
_NUMBERS = re.compile(r"\d+(?:[.,]\d+)?")
_RANGE = re.compile(r"\d\s*(?:-|\u2013|to)\s*\d")
_IN_BRACKETS = re.compile(r"\s*\(([^()]*)\)")
_LEADS = re.compile(r"(?:^|(?<=[:\-] ))(?:MUST ASK|CRITICAL|IMPORTANT|NOTE|REMEMBER|DANGER|WARNING)\s*:\s*")
_QUOTATION = re.compile(r"(?<!\w)'(.+?)'(?!\w)")
_SENTENCES = re.compile(r"(?<=[.!?])\s+(?=[A-Z'\"(])")
_COMMENT_WORDS = re.compile(
    r"\b(?:ominous|concerning|shock|contraindicat\w*|diagnos\w*|distributive|compensatory"
    r"|bronchospasm|bronchodilat\w*|asthma|anaphyla\w*|upper airway|stemi|nstemi|infarct\w*|mi|coronary"
    r"|ischa?emi\w*|occlusion|thromb\w*|status epilepticus|epilep\w*|ha?emorrhage|intracranial|herniation"
    r"|cushing\w*|hypovola?emi\w*|pre-?arrest|paradigm|guidelines?|evidence|mortality|pathophysiology"
    r"|remove any|rule out|check for|not indicated|wrong (?:drug|indication)|benzodiazepines?|indicates?"
    r"|suggests?|may (?:develop|rise))\b",
    re.IGNORECASE,
)
_HISTORY_COMMENT = re.compile(
    r"\b(?:ominous|worsens|contraindicat\w*|critical|important|remember|must ask)\b", re.IGNORECASE
)
_FILLER_WORDS = """
a an the of to in on at by for with and or not no is are was be been being this that these those it
its as from if then than only even though student students patient patients mention mentions
mentioned check checks checked state states stated recognize recognizes recognise recognises
demonstrate demonstrates describe describes identify identifies understand understands cite cites
discuss discusses specify specifies plan plans prepare prepares escalate escalates acceptable
appropriate any based need needs must before after about should would could will can may might he
she his her their them they does do did done has have had using use when what which who why how per
vs versus other some more most very really also takes take taking give gives increases increase
decrease decreases causes cause current within minutes requires required immediately
"""
_FILLERS = frozenset(_FILLER_WORDS.split())
_SHORT_TERMS = re.compile(r"\b(?:[A-Z]{2,5}\d?|SpO2|CO2|O2)\b")
_QUANTITIES = re.compile(r"\d+(?:[.,]\d+)?\s?(?:mg|mcg|ml|%|l/min)")
_LONG_WORD = 7
_PHRASES_PER_CONCEPT = 8
_ACRONYMS = re.compile(r"\b(?:iv|io|ecg|cpr|bvm|stemi|acs|spo2|gcs|bp|hr|icu|copd|tbi|pci)\b")


def slug(text: str) -> str:
    """A lower-case name of the format from any text; never empty."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return _NOT_A_NAME.sub("_", plain).strip("_")[:60].strip("_") or "unnamed"


def spoken(name: str) -> str:
    """A key as words: ``stemi_network_activation`` -> ``stemi network activation``."""
    return " ".join(re.sub(r"[_\-/]+", " ", name).lower().split())


def capitalised(text: str) -> str:
    """The first letter upper-case, the rest as it is."""
    return text[:1].upper() + text[1:]


def titled(name: str) -> str:
    """A key as a name: ``iv_fluids`` -> ``IV fluids``."""
    return capitalised(_ACRONYMS.sub(lambda match: match.group().upper(), spoken(name)))


def middle(text: str) -> float | None:
    """The number in a text; of a range, the middle; none without a number."""
    found = [float(number.replace(",", ".")) for number in _NUMBERS.findall(text)]
    if not found:
        return None
    return (found[0] + found[1]) / 2 if len(found) > 1 and _RANGE.search(text) else found[0]


def least(text: str) -> float | None:
    """The first number in a text; none without one."""
    found = _NUMBERS.search(text)
    return float(found.group().replace(",", ".")) if found else None


def interprets(text: str) -> bool:
    """Whether a text names a diagnosis or its meaning rather than what is seen."""
    return bool(_COMMENT_WORDS.search(text))


def without_comment(text: str, *, history: bool = False) -> str:
    """What a student may be told: bracketed remarks and asides that interpret are taken out.

    A history is the patient's own words: there only remarks to the instructor go.
    """
    comment = _HISTORY_COMMENT if history else _COMMENT_WORDS
    text = _IN_BRACKETS.sub(
        lambda match: "" if comment.search(match.group(1)) else match.group(), _LEADS.sub("", text)
    )
    head, dash, tail = text.rpartition(" - ")
    if dash and comment.search(tail) and "'" not in tail:
        text = head
    return text.strip() or "Nothing of note."


def without_brackets(text: str) -> str:
    """The text without anything in brackets."""
    return " ".join(_IN_BRACKETS.sub("", text).split())


def sentences(text: str) -> list[str]:
    """A text cut into sentences."""
    return [part.strip() for part in _SENTENCES.split(text) if part.strip()]


def parted(text: str | None) -> tuple[str | None, str | None]:
    """The sentences that describe, and those that interpret; either may be none."""
    parts = sentences(_LEADS.sub("", text)) if text else []
    seen = [part for part in parts if not interprets(part)]
    meant = [part for part in parts if interprets(part)]
    return joined(*seen), joined(*meant)


def phrases_of(concept: str) -> list[str]:
    """Phrases that show a concept: abbreviations, quantities, pairs of words, long words."""
    lower = concept.lower()
    found = [term.lower() for term in _SHORT_TERMS.findall(concept)] + _QUANTITIES.findall(lower)
    words = re.findall(r"[a-z0-9][a-z0-9'-]*", lower)
    pairs = [(first, second) for first, second in pairwise(words) if not {first, second} & _FILLERS]
    found += [f"{first} {second}" for first, second in pairs if f"{first} {second}" in lower]
    found += [word for word in words if len(word) >= _LONG_WORD and word not in _FILLERS]
    return list(dict.fromkeys(found))[:_PHRASES_PER_CONCEPT] or [lower]


def quotes(text: str) -> list[tuple[str, str]]:
    """Each quotation in single quotes with the words before it; apostrophes inside words are no quotes."""
    found, end = [], 0
    for match in _QUOTATION.finditer(text):
        found.append((text[end : match.start()].strip(), re.sub(r",$", ".", match.group(1).strip())))
        end = match.end()
    return found


def without_quotes(text: str) -> str:
    """The text between the quotations."""
    return " ".join(_QUOTATION.sub(" ", text).split())


def joined(*parts: str | None) -> str | None:
    """The parts that are there as one text, each once, each ended by a full stop."""
    kept = dict.fromkeys(part.strip() for part in parts if part and part.strip())
    return " ".join(part if part.endswith((".", "!", "?", "'")) else f"{part}." for part in kept) or None


def any_of(words: Iterable[str], text: str) -> bool:
    """Whether one of the words stands in the text, as a whole word and in any case."""
    return any(re.search(rf"\b{re.escape(word)}\b", text, re.IGNORECASE) for word in words)
