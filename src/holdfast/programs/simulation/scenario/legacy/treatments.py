"""The medications of an older blueprint: doses, effects, impact, and what is said about them.

What the student is told when a treatment is given (`patient_says`, `clinical_effect`, `reason`) only
describes; sentences that interpret go to the teaching point, which the review shows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from holdfast.programs.simulation.scenario.legacy.care import kind_of
from holdfast.programs.simulation.scenario.legacy.catalogue import Catalogue, Thing, drug_names
from holdfast.programs.simulation.scenario.legacy.contraindications import read_contraindications
from holdfast.programs.simulation.scenario.legacy.doses import Setting, minutes_of, read_dosing, read_flows
from holdfast.programs.simulation.scenario.legacy.ledger import Place
from holdfast.programs.simulation.scenario.legacy.vitals import Values, read_vitals
from holdfast.programs.simulation.scenario.legacy.wording import (
    joined,
    parted,
    quotes,
    sentences,
    slug,
    spoken,
    titled,
    without_quotes,
)

EFFECT_LASTS_S = 600
"""How long an effect holds against the course of the illness where the file does not say (our choice).

Oxygen alone must not keep a saturation up for ever in a patient who goes on getting worse.
"""

_TIME_CONSTANT_S = 60
_BUCKETS = {
    "critical_harm": "harmful", "harmful": "harmful", "moderate_harm": "worsens", "worsens": "worsens",
    "neutral": "neutral", "appropriate_advanced": "advanced", "appropriate": "appropriate",
}  # fmt: skip
_FIRST_PERSON = re.compile(r"\b(?:I|I'm|my|me)\b")


@dataclass(slots=True)
class Pharmacy:
    """What the making of treatments needs from the rest of the file, and what it finds out for it.

    Attributes:
        tokens: patient conditions that contraindications ask about.
        lessons: text and treatment of teaching points about giving something too early.
    """

    root: Place
    catalogue: Catalogue
    setting: Setting
    vitals: Values
    states: dict[str, dict[str, Any]]
    tokens: list[str] = field(default_factory=list)
    lessons: list[tuple[str, str]] = field(default_factory=list)


def read_medications(pharmacy: Pharmacy) -> None:
    """Enter the primary and secondary medications and the treatment responses into the catalogue."""
    root = pharmacy.root
    for name, place in root["primary_medications"].items():
        _primary(pharmacy, name, place.section())
    for bucket, listed in root["secondary_medications_by_impact"].items():
        impact = _BUCKETS.get(bucket.lower())
        if impact is None:
            root.ledger.note(
                (*listed.path, "impact"), "defaulted", "An unknown class of impact: 'neutral' is taken."
            )
        for place in listed.entries():
            _secondary(pharmacy, place.section(), impact or "neutral")
    for name, place in root["treatment_responses"].items():
        _response(pharmacy, name, place.section())


def read_order_of_care(pharmacy: Pharmacy) -> None:
    """What must come first (``points_if_given_after_salbutamol``); asked when every treatment is known."""
    for name, place in pharmacy.root["primary_medications"].items():
        _requires(pharmacy, name, place["scenario_specific_response"])
    for listed in pharmacy.root["secondary_medications_by_impact"].children():
        for place in listed.entries():
            _requires(pharmacy, str(place["name"].value), place["if_given"])


def _primary(pharmacy: Pharmacy, name: str, place: Place) -> None:
    response = place["scenario_specific_response"]
    generic, drug_class = place["generic_name"].text(), place["class"].text()
    kind = kind_of(f"{spoken(name)} {generic or ''} {drug_class or ''}")
    contraindications, tokens = read_contraindications(place["contraindications"], slug(name))
    pharmacy.tokens += tokens
    draft = {
        "name": generic or titled(name),
        "synonyms": _synonyms(
            name, generic, drug_class, place["brand_names"].texts() + place["medications"].texts()
        ),
        "kind": kind,
        "drug_class": drug_class,
        "indication": place.first("indication", "primary_indication").prose(),
        "impact": _impact(response, contraindications),
        "doses": _doses(pharmacy, place, kind),
        "contraindications": contraindications,
        "effect": _effect(pharmacy, response, place["pharmacokinetics"]),
    }
    review = [response[key].text() for key in ("teaching_point", "timing_critical", "timing_note")]
    draft |= _told(response, response["reason"], [*review, *place["warnings"].texts()])
    pharmacy.catalogue.add("treatment", name, _stated(draft))


def _secondary(pharmacy: Pharmacy, place: Place, impact: str) -> None:
    name, generic = place["name"].required_text(), place["generic_name"].text()
    if _is_known(pharmacy, place, name, generic):
        return
    drug_class = place["class"].text()
    draft = {
        "name": generic or titled(name),
        "synonyms": _synonyms(name, generic, drug_class, place["brand_names"].texts()),
        "kind": kind_of(f"{spoken(name)} {generic or ''}"),
        "drug_class": drug_class,
        "indication": place.first("primary_indication", "indication").prose(),
        "impact": impact,
        "doses": read_dosing(place.first("dosing", "requires"), pharmacy.setting, route="intravenous"),
        "effect": _effect(pharmacy, place["if_given"], place["pharmacokinetics"]),
    }
    draft |= _told(place["if_given"], _why(place), [place["teaching_point"].text()])
    pharmacy.catalogue.add("treatment", name, _stated(draft))


def _why(place: Place) -> Place:
    return next((entry for key, entry in place.items() if key.startswith("why")), place["reason"])


def _synonyms(name: str, generic: str | None, drug_class: str | None, others: list[str]) -> list[str]:
    names = drug_names(generic, *others, drug_class=drug_class)
    if not generic and not others:
        names += drug_names(spoken(name), drug_class=drug_class)
    parts = [part for part in spoken(name).split() if part in names]
    return list(dict.fromkeys([spoken(name), *parts, *names]))


def _impact(response: Place, contraindications: list[dict[str, Any]]) -> str:
    place = response["appropriate_for_case"]
    suits = place.value
    critical = response["critical_treatment"].flag()
    if suits is not None and not isinstance(suits, bool | str):
        place.fail("must be true, false or text")
    place.use()
    if critical:
        return "critical"
    if isinstance(suits, str):
        place.approximated(
            f"'{suits}' is taken as appropriate, with what it requires where the file says so."
        )
    if suits is not False:
        return "appropriate"
    limited = any("vital" in item["when"] for item in contraindications)
    what = "a warning by its contraindication" if limited else "'worsens', a warning each time"
    place.approximated(f"Not appropriate is taken as {what}.")
    return "neutral" if limited else "worsens"


def _doses(pharmacy: Pharmacy, place: Place, kind: str) -> list[dict[str, Any]]:
    route = "mask" if kind == "oxygen" else "intravenous"
    doses = read_dosing(place["dosing"], pharmacy.setting, route=route)
    if kind == "oxygen":
        doses = read_flows(place["delivery_options"]) or doses
    if not doses:
        place["dosing"].defaulted("No dose range could be read: any dose and route is accepted.")
    return doses


def _effect(pharmacy: Pharmacy, place: Place, kinetics: Place) -> dict[str, Any] | None:
    onset = minutes_of(place["time_to_effect_minutes"])
    if onset is None:
        onset = minutes_of(kinetics["onset_minutes"])
    lasts = minutes_of(kinetics["duration_minutes"])
    change = place.first("state_change", "state_transition")
    state = change.text()
    if state is not None and slug(state) not in pharmacy.states:
        change.not_expressed(f"There is no state '{state}'.")
        state = None
    targets = read_vitals(place.first("vital_changes", "vitals"), pharmacy.vitals).targets()
    if not targets and state is None:
        return None
    effect: dict[str, Any] = {
        "onset_s": 60 * (1 if onset is None else onset),
        "time_constant_s": _TIME_CONSTANT_S,
    }
    if targets:
        effect |= {"targets": targets, "duration_s": 60 * lasts if lasts else EFFECT_LASTS_S}
    return effect | ({"to_state": slug(state)} if state else {})


def _told(response: Place, why: Place, review: list[str | None]) -> dict[str, Any]:
    """Words, effect, reason and teaching point of a treatment from everything said about giving it."""
    speech = response.first("patient_says", "patient_response")
    says, narrated = _speech(speech)
    changes = response.first("vital_changes", "vitals")["note"]
    places = [speech, response["clinical_effect"], response["clinical_note"], changes]
    texts = [narrated, *(place.prose() for place in places[1:])]
    parts = [parted(text) for text in texts]
    reason, hidden = parted(why.prose())
    for place, (_, meant) in zip([*places, why], [*parts, (None, hidden)], strict=True):
        if meant:
            place.approximated("Sentences that interpret are shown in the review, with the teaching point.")
    told = {"patient_says": says, "clinical_effect": joined(*(seen for seen, _ in parts)), "reason": reason}
    return told | {"teaching_point": joined(*review, hidden, *(meant for _, meant in parts))}


def _speech(place: Place) -> tuple[str | None, str | None]:
    """The patient's own words, and the narration around them."""
    text = place.prose()
    if text is None:
        return None, None
    said = [words for _, words in quotes(text)]
    if said:
        return " ".join(said), without_quotes(text) or None
    own = _FIRST_PERSON.search(text) or re.match(r"That's|Oh\b|Thank", text) or "..." in text
    return (text, None) if own else (None, text)


def _is_known(pharmacy: Pharmacy, place: Place, name: str, generic: str | None) -> bool:
    """Whether the entry is about giving a known drug at the wrong time; then it becomes a lesson."""
    known = pharmacy.catalogue.taken([*drug_names(generic, drug_class=place["class"].text()), name])
    if known is None or not re.search(r"_first$|_before_|given before", f"{name} {generic or ''}"):
        return False
    text = joined(
        _why(place).prose(), place["if_given"]["patient_response"].prose(), place["teaching_point"].text()
    )
    place["name"].approximated(f"The same drug as '{known.id}': a teaching point for giving it first.")
    place["generic_name"].approximated("See the name.")
    if text:
        pharmacy.lessons.append((text, known.id))
    return True


def _response(pharmacy: Pharmacy, name: str, place: Place) -> None:
    catalogue = pharmacy.catalogue
    if re.match(r"second_|repeat_|another_", name):
        place.not_expressed("A repeated dose has the effect of the first.")
        return
    known = catalogue.taken([name]) or catalogue.taken(drug_names(spoken(name)))
    if known is None or known.kind != "treatment":
        created: dict[str, Any] = {
            "name": titled(name),
            "kind": kind_of(spoken(name)),
            "impact": "appropriate",
        }
        created["synonyms"] = _synonyms(name, None, None, [])
        known = Thing("treatment", catalogue.add("treatment", name, created))
    draft = catalogue.treatments[known.id]
    effect = _effect(pharmacy, place, place["pharmacokinetics"])
    if effect and "effect" not in draft:
        draft["effect"] = effect
    elif effect and effect.get("targets", {}).items() - draft["effect"].get("targets", {}).items():
        place["vital_changes"].approximated("The values stated with the medication are taken.")
    _merge(draft, place)


def _merge(draft: dict[str, Any], place: Place) -> None:
    """Fill what the medication left open; where both speak, the medication's own text stays."""
    for key, text in _told(place, place["reason"], [place["teaching_point"].text()]).items():
        if text:
            draft.setdefault(key, text)
    kept = " ".join(str(value) for value in draft.values())
    changes = place.first("vital_changes", "vitals")["note"]
    for entry in (place.first("patient_says", "patient_response"), place["clinical_effect"], changes):
        parts = sentences(without_quotes(entry.prose() or "")) + [
            words for _, words in quotes(entry.prose() or "")
        ]
        if not all(part.rstrip(".") in kept for part in parts):
            entry.approximated("The text stated with the medication is taken.")


def _requires(pharmacy: Pharmacy, name: str, response: Place) -> None:
    needs: dict[str, list[str]] = {}
    draft = pharmacy.catalogue.treatments.get(slug(name))
    for key, entry in response.items() if draft else ():
        after = re.match(r"points_if_given_after_(\w+)", key)
        thing = pharmacy.catalogue.resolve(after.group(1)) if after else None
        if thing and thing.kind == "treatment" and thing.id != slug(name):
            needs.setdefault("given", []).append(thing.id)
            entry.approximated(f"Points for the order of treatments: it requires '{thing.id}'.")
        elif re.match(r"points_if_given_without_(?:bp|blood_pressure)", key):
            needs["assessed_any"] = ["blood_pressure", "vital_signs", "circulation"]
            entry.approximated("Points for a missing check: it requires a measured blood pressure.")
    if draft and needs:
        draft["requires"] = needs


def _stated(draft: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in draft.items() if value is not None and value != []}
