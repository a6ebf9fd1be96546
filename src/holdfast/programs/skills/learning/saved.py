"""A model on disk: `<skill>.npz` with arrays of numbers and terms, and beside it its card, `<skill>.json`.

Neither can run code: arrays are read with pickling refused, and only if their SHA-256 is the one that the
card states. The card is written last, so a model that was being written when the machine stopped is refused.
Terms that at least two students used and statistics of single texts (never a text) are in the arrays: keep
them with the data they come from.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from holdfast.kit.errors import Misconfigured
from holdfast.programs.skills.features.table import VERSION
from holdfast.programs.skills.features.wording import word_lists
from holdfast.programs.skills.learning.labelled import Labelled
from holdfast.programs.skills.learning.ridge import Ridge
from holdfast.programs.skills.learning.validation import Validation
from holdfast.programs.skills.learning.views import FEATURES, VIEWS, Views
from holdfast.programs.skills.skill import Skill

FORMAT = 1
LARGEST_MODEL = 200_000_000
"""Bytes."""
_LIBRARIES = ("scikit-learn", "scipy", "numpy", "snowballstemmer", "textblob", "vadersentiment")
_DAMAGE = (OSError, ValueError, KeyError, TypeError, EOFError, RecursionError, zipfile.BadZipFile)


@dataclass(frozen=True, slots=True)
class Trained:
    """A model and what is known about it."""

    skill: Skill
    model: Ridge
    card: Mapping[str, Any]


def card_of(
    skill: Skill, model: Ridge, labelled: Labelled, validations: list[Validation], trained_at: datetime
) -> dict[str, Any]:
    """The card of a model, but for the hash of its arrays."""
    students, texts, _ = labelled.rated(skill)
    stems, weights = model.views.terms["stems"], model.terms[_place_of("stems", model), 0]
    order = np.argsort(weights)
    return {
        "format": FORMAT,
        "skill": str(skill),
        "trained_at": trained_at.isoformat(),
        "data": {"sha256": labelled.sha256, "texts": len(texts), "students": len(set(students))},
        "scale": [labelled.low, labelled.high],
        "features": list(FEATURES),
        "features_version": VERSION,
        "word_lists_version": word_lists().version,
        "terms": {name: len(model.views.terms[name]) for name in VIEWS},
        "penalty": model.penalty,
        "feature_weight": model.feature_weight,
        "raise": [str(term) for term in stems[order[::-1][:15]]],
        "lower": [str(term) for term in stems[order[:15]]],
        "validation": [validation.facts() for validation in validations],
        "libraries": {name: version(name) for name in _LIBRARIES},
    }


def save(folder: Path, skill: Skill, model: Ridge, card: Mapping[str, Any]) -> Path:
    """Write a model and its card; returns the card's path. An older model of the skill is replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **_arrays(model))
    arrays = buffer.getvalue()
    whole = dict(card) | {"sha256": hashlib.sha256(arrays).hexdigest()}
    _replace(folder / f"{skill}.npz", arrays)
    path = folder / f"{skill}.json"
    _replace(path, (json.dumps(whole, indent=2, ensure_ascii=False) + "\n").encode())
    return path


def load(folder: Path, skill: Skill) -> Trained | None:
    """The model of a skill; none where none was trained.

    Raises:
        Misconfigured: there is one, but it is damaged or was made for other features.
    """
    path, arrays_path = folder / f"{skill}.json", folder / f"{skill}.npz"
    if not path.exists():
        return None
    try:
        card = json.loads(path.read_bytes())
        if arrays_path.stat().st_size > LARGEST_MODEL:
            raise ValueError("larger than any model")
        arrays = arrays_path.read_bytes()
        if hashlib.sha256(arrays).hexdigest() != card["sha256"]:
            raise ValueError("its arrays are not those that the card describes")
        if (card["format"], card["skill"], card["features"]) != (FORMAT, str(skill), list(FEATURES)):
            raise ValueError("it was made by another version")
        if (card["features_version"], card["word_lists_version"]) != (VERSION, word_lists().version):
            raise ValueError("the features have changed since")
        with np.load(io.BytesIO(arrays), allow_pickle=False) as stored:
            return Trained(skill, _model(stored, card), card)
    except _DAMAGE as error:
        raise Misconfigured(f"the model of {skill.words} cannot be used: {error}; train it again") from None


def _place_of(view: str, model: Ridge) -> slice:
    begin = 0
    for name in VIEWS:
        end = begin + len(model.views.terms[name])
        if name == view:
            return slice(begin, end)
        begin = end
    raise KeyError(view)


def _arrays(model: Ridge) -> dict[str, Any]:
    views = model.views
    arrays: dict[str, Any] = {}
    for name in VIEWS:
        # One long text instead of a table as wide as its longest term.
        arrays[f"terms_{name}"] = np.frombuffer("\n".join(_escaped(views.terms[name])).encode(), np.uint8)
        arrays[f"idf_{name}"] = views.idf[name]
    return arrays | {
        "mean": views.mean,
        "deviation": views.deviation,
        "terms": model.terms.astype(np.float32),
        "anchors": model.anchors.astype(np.float32),
        "duals": model.duals.astype(np.float32),
        "offset": model.offset,
        "conformity": model.conformity,
        "floor": np.array(model.floor),
    }


def _model(stored: Mapping[str, Any], card: Mapping[str, Any]) -> Ridge:
    terms = {name: np.array(_plain(stored[f"terms_{name}"].tobytes().decode()), np.str_) for name in VIEWS}
    views = Views(terms, {name: stored[f"idf_{name}"] for name in VIEWS}, stored["mean"], stored["deviation"])
    weights, anchors, duals = (np.asarray(stored[name], float) for name in ("terms", "anchors", "duals"))
    if len(weights) != sum(map(len, terms.values())) or len(anchors) != len(duals):
        raise ValueError("its arrays do not fit together")
    if not all(np.isfinite(one).all() for one in (weights, anchors, duals, stored["offset"])):
        raise ValueError("it holds numbers that are none")
    penalty, weight = float(card["penalty"]), float(card["feature_weight"])
    floor = float(stored["floor"])
    return Ridge(
        views, weights, anchors, duals, stored["offset"], stored["conformity"], floor, penalty, weight
    )


def _escaped(terms: Any) -> list[str]:
    return [json.dumps(str(term), ensure_ascii=False)[1:-1] for term in terms]


def _plain(text: str) -> list[str]:
    return [json.loads(f'"{line}"') for line in text.split("\n")]


def _replace(path: Path, content: bytes) -> None:
    part = path.with_name(path.name + ".part")
    with part.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
