"""Contraindication tokens of the older blueprints (``tachycardia_over_150``) as conditions."""

from __future__ import annotations

import re
from typing import Any

from holdfast.programs.simulation.scenario.legacy.ledger import Place
from holdfast.programs.simulation.scenario.legacy.wording import capitalised, slug

_SIGNS = (
    ("systolic", r"systolic|sbp|(?<![a-z])bp(?![a-z])|blood_pressure|hypotension|hypertension"),
    ("heart_rate", r"tachycardia|bradycardia|(?<![a-z])hr(?![a-z])|heart_rate|pulse"),
    ("spo2", r"spo2|saturation|normoxi|hypoxi"),
    ("respiratory_rate", r"respiratory_rate|(?<![a-z])rr(?![a-z])|respiratory_depression|bradypn|tachypn"),
    ("glucose", r"glucose|hypoglyc|hyperglyc"),
    ("gcs", r"gcs|altered_mental_status|reduced_consciousness"),
    ("temperature", r"temperature|fever|hypotherm"),
)
_ABOVE = re.compile(r"(?:over|above|greater_than|more_than|exceeding|gt|>)_*=?_*(\d+(?:[._]\d+)?)")
_BELOW = re.compile(r"(?:under|below|less_than|lower_than|lt|<)_*=?_*(\d+(?:[._]\d+)?)")
_WITHOUT_NUMBER = {
    "hypotension": ("systolic", "at_most", 89.0),
    "bradycardia": ("heart_rate", "at_most", 49.0),
    "respiratory_depression": ("respiratory_rate", "at_most", 9.0),
    "altered_mental_status": ("gcs", "at_most", 14.0),
    "hypoglycemia": ("glucose", "at_most", 3.9),
    "hypoglycaemia": ("glucose", "at_most", 3.9),
}
"""Tokens that state no number: the usual bounds for adults (ERC 2021: systolic < 90, heart rate < 50)."""

_ALLERGY = re.compile(r"^(?:known_)?(?:drug_)?(?:allergy|hypersensitivity)(?:_to_\w+)?$")


def read_contraindications(place: Place, name: str) -> tuple[list[dict[str, Any]], list[str]]:
    """The contraindications of treatment `name`, and the patient conditions that they ask about."""
    found: list[dict[str, Any]] = []
    tokens: list[str] = []
    for severity in ("absolute", "relative"):
        listed = place[severity]
        entries = listed.entries() if isinstance(listed.value, list) else [listed] if listed.present else []
        for entry in entries:
            text = entry.text()
            if text:
                condition = _condition(entry, text, name)
                tokens += condition.get("patient_has", [])
                found.append({"severity": severity, "when": condition, "reason": _reason(text)})
    return found, tokens


def _condition(entry: Place, text: str, name: str) -> dict[str, Any]:
    token = slug(text.partition("(")[0].replace(">", "_gt_").replace("<", "_lt_"))
    limit = _limit(token)
    if limit:
        entry.approximated(f"Read as a limit: {_spelt(limit)}.")
        return {"vital": limit}
    if _ALLERGY.match(token):
        return {"patient_has": [f"allergy_{name}"]}
    if re.search(r"pde5|sildenafil|viagra", token):
        entry.approximated("Read as the patient condition 'takes_sildenafil'.")
        return {"patient_has": ["takes_sildenafil"]}
    return {"patient_has": [token]}


def _limit(token: str) -> dict[str, Any] | None:
    above, below = _ABOVE.search(token), _BELOW.search(token)
    sign = next((sign for sign, pattern in _SIGNS if re.search(pattern, token)), None)
    if sign and (above or below):
        match, key, step = (above, "at_least", 1.0) if above else (below, "at_most", -1.0)
        number = float(match.group(1).replace("_", ".")) if match else 0.0
        step = step / 10 if sign in {"glucose", "temperature"} else step
        # The engine compares what a monitor prints, so "over 150" begins at 151.
        return {"sign": sign, key: round(number + step, 1)}
    if token in _WITHOUT_NUMBER:
        sign, key, number = _WITHOUT_NUMBER[token]
        return {"sign": sign, key: number}
    return None


def _spelt(limit: dict[str, Any]) -> str:
    key = "at_least" if "at_least" in limit else "at_most"
    return f"{limit['sign'].replace('_', ' ')} {key.replace('_', ' ')} {limit[key]:g}"


def _reason(text: str) -> str:
    words = capitalised(" ".join(text.replace("_", " ").split()))
    return words if words.endswith((".", ")")) else f"{words}."
