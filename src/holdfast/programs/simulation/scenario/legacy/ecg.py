"""The electrocardiogram of an older blueprint: what is seen, never what it means.

The interpretation goes to the teaching points, which are shown in the review only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from holdfast.programs.simulation.scenario.legacy.catalogue import Catalogue
from holdfast.programs.simulation.scenario.legacy.findings import ECG
from holdfast.programs.simulation.scenario.legacy.ledger import Place
from holdfast.programs.simulation.scenario.legacy.wording import (
    interprets,
    joined,
    spoken,
    titled,
    without_brackets,
)

_SYNONYMS = [
    "12-lead ecg",
    "12 lead ecg",
    "12-lead",
    "12 lead",
    "twelve lead",
    "ecg",
    "ekg",
    "electrocardiogram",
]
_FORBIDDEN = re.compile(r"interpret|diagnos|territor|mechanism|severity|significan|meaning|culprit|note|wall")
_ARREST = re.compile(r"pulseless|\bVF\b|ventricular fibrillation|cardiac arrest")
_CHAOS = "A chaotic, irregular line in all leads, no complexes."


def read_ecg(root: Place, catalogue: Catalogue, states: Mapping[str, dict[str, Any]]) -> list[str]:
    """Enter the 12-lead finding; returns the teaching points made of its interpretation."""
    place = root["ecg_findings"]
    if not place.present:
        return []
    place.section()
    text = {"default": " ".join(_seen(place)) or "Rate {heart_rate}/min."}
    for name, state in states.items():
        if _ARREST.search(state["appearance"]):
            text[name] = _CHAOS
    draft = {
        "name": "12-lead ECG",
        "category": "test",
        "text": text,
        "measures": ["heart_rate"],
        "synonyms": _SYNONYMS,
    }
    catalogue.add("finding", ECG, draft)
    return _lessons(place)


def _seen(place: Place) -> list[str]:
    structured = place["findings_structured"]
    rate = structured["rhythm_and_rate"]
    seen = _rhythm(rate if rate.present else place)
    for key in ("findings", "st_segment_changes", "t_wave_changes", "q_waves", "other_findings"):
        for holder in (place, structured):
            seen += [line for entry in _listed(holder[key]) if (line := _line(entry))]
    for key, entry in structured.items():
        if key not in {
            "rhythm_and_rate",
            "st_segment_changes",
            "t_wave_changes",
            "q_waves",
            "other_findings",
        }:
            seen += [line for inner in _listed(entry) if (line := _line(inner))]
    return seen


def _listed(place: Place) -> list[Place]:
    if isinstance(place.value, list):
        return place.entries()
    return [place] if place.present else []


def _rhythm(place: Place) -> list[str]:
    rhythm, regularity = place["rhythm"].text(), place["regularity"].text()
    rate = place.first("rate_bpm", "rate")
    if rate.present:
        rate.approximated("The rate follows the true heart rate.")
    words = ", ".join(part for part in (rhythm, regularity) if part)
    return [f"{words}, rate {{heart_rate}}/min." if words else "Rate {heart_rate}/min."]


def _line(entry: Place) -> str | None:
    if isinstance(entry.value, dict):
        for key, inner in entry.items():
            if _FORBIDDEN.search(key.lower()):
                inner.not_expressed("It interprets; the student sees only what the tracing shows.")
        parts = [(key, inner.prose()) for key, inner in entry.items() if not _FORBIDDEN.search(key.lower())]
        text = ", ".join(f"{spoken(key)} {words}" for key, words in parts if words)
    else:
        text = entry.prose() or ""
    plain = without_brackets(text)
    if interprets(plain):
        entry.not_expressed("It interprets; the student sees only what the tracing shows.")
        return None
    if plain != text:
        entry.approximated("Remarks in brackets are taken out: they interpret.")
    return f"{plain.rstrip('.')}." if plain else None


def _lessons(place: Place) -> list[str]:
    interpretation = place["interpretation"]
    if isinstance(interpretation.value, dict):
        interpretation["note"].not_expressed("Direction for the older program.")
        parts = [(key, entry.prose()) for key, entry in interpretation.items() if key != "note"]
        meaning = joined(*(f"{titled(key)}: {text}" for key, text in parts if text))
    else:
        meaning = interpretation.prose()
    interpretation.approximated("Shown in the review, as a teaching point.")
    lessons = [f"12-lead ECG: {meaning}" if meaning else None, place["teaching_point"].text()]
    for key in (
        "note",
        "requires_equipment",
        "acquisition_time_seconds",
        "presentation_mode",
        "teaching_point_note",
        "available",
    ):
        place[key].not_expressed("Direction for the older program.")
    return [lesson for lesson in lessons if lesson]
