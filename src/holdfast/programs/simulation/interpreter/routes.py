"""The words for routes of administration, and the devices that imply oxygen."""

from __future__ import annotations

from holdfast.programs.simulation.interpreter.entries import listed
from holdfast.programs.simulation.scenario.care import Route

_ROUTES: dict[Route, str] = {
    Route.INTRAVENOUS: """
        iv, intravenous, intravenously, iv push, iv bolus, by iv, via iv, ivp, an iv bolus, an iv push, an
        iv infusion, an iv drip, an iv injection, an iv dose, into the vein, iv infusion""",
    Route.INTRAMUSCULAR: """
        im, intramuscular, intramuscularly, im injection, an im injection, into the thigh, into his thigh,
        into her thigh, in the thigh, in his thigh, in her thigh, into the muscle, lateral thigh, into the
        lateral thigh, anterolateral thigh, into the deltoid, in the deltoid, into the outer thigh""",
    Route.SUBCUTANEOUS: "sc, subcut, subcutaneous, subcutaneously, sq, subq, sub q, under the skin, s c",
    Route.SUBLINGUAL: """
        sl, sublingual, sublingually, under the tongue, under his tongue, under her tongue, under your
        tongue, beneath the tongue, subling""",
    Route.BUCCAL: "buccal, buccally, into the cheek, in the cheek, inside the cheek, bucally",
    Route.INTRANASAL: """
        intranasal, intranasally, nasally, via the nose, into the nose, in the nose, nasal atomiser, nasal
        atomizer, via maa, via mad, each nostril, into each nostril""",
    Route.INHALED: """
        inhaled, inhaler, mdi, pmdi, spacer, via spacer, inhalation route, by inhalation, puffer, metered
        dose inhaler, his inhaler, her inhaler, your inhaler, via inhaler""",
    Route.NEBULISED: """
        neb, nebs, nebulised, nebulized, nebuliser, nebulizer, nebulisers, nebulizers, nebulisation,
        nebulization, nebule, nebules, by neb, via neb, via nebuliser, via nebulizer, oxygen driven
        nebuliser, oxygen driven nebulizer, oxygen driven neb, driven by oxygen, oxygen driven""",
    Route.MASK: """
        mask, via mask, by mask, face mask, facemask, simple mask, simple face mask, venturi mask, venturi""",
    Route.ORAL: """
        po, oral, orally, per os, by mouth, peroral, perorally, chewed, chewable, per oral, to chew, to
        swallow, dissolved in water, in the mouth""",
    Route.INTRAOSSEOUS: "io, intraosseous, intraosseously, into the bone",
    Route.RECTAL: "pr, rectal, rectally, per rectum, suppository, as a suppository, via rectum",
    Route.TOPICAL: "topical, topically, on the skin",
}

_OXYGEN_DEVICES: dict[Route, str] = {
    Route.MASK: """
        non rebreather, non rebreather mask, nonrebreather, nonrebreather mask, non rebreathing mask, non
        rebreathe mask, nonrebreathing mask, nrb, nrb mask, nrbm, nrm, reservoir mask, oxygen reservoir
        mask, non rebreather oxygen mask, hudson mask""",
    Route.INTRANASAL: """
        nasal cannula, nasal cannulae, nasal canula, nasal prongs, nasal specs, nasal spectacles, nasal
        oxygen""",
}

_VERBS: dict[Route, str] = {
    Route.ORAL: "chew, swallow, have you chew, get him to chew, get her to chew",
    Route.NEBULISED: "nebulise, nebulize, nebulising, nebulizing",
    Route.INHALED: "inhale",
}


def _pairs(table: dict[Route, str]) -> list[tuple[Route, str]]:
    return [(route, phrase) for route, text in table.items() for phrase in listed(" ".join(text.split()))]


ROUTE_PHRASES: list[tuple[Route, str]] = _pairs(_ROUTES)
"""Phrases that say by which route."""

OXYGEN_DEVICES: list[tuple[Route, str]] = _pairs(_OXYGEN_DEVICES)
"""Devices that carry nothing but oxygen; a nasal cannula counts as the intranasal route."""

ROUTE_VERBS: list[tuple[Route, str]] = _pairs(_VERBS)
"""Verbs that give by one route."""
