"""Texts as numbers, three times by their letters and once by the table of features.

Three views count words, stems (single and in pairs, with punctuation) and runs of three to six characters,
as TF-IDF with logarithmic counts and rows of length 1. The fourth holds the linguistic features, made
symmetric (signed log), standardised and cut at 4 standard deviations. A term is kept only if enough
different students used it: what a single student wrote is neither learned from nor stored in a model.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer

from holdfast.programs.skills.features.linguistic import text_features
from holdfast.programs.skills.features.table import Extraction, Kind, names_of
from holdfast.programs.skills.features.wording import stem

Vector = NDArray[np.float64]
Sparse = Any
"""A SciPy sparse matrix of rows (texts) by columns (terms)."""

FEWEST_STUDENTS = 2
FAR = 2.5
_STEMMED = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*|[.!?,]")


def stems_and_pairs(text: str) -> list[str]:
    """Stems and punctuation marks of a text, single and in pairs."""
    single = [stem(word) for word in _STEMMED.findall(text.casefold().replace("\u2019", "'"))]
    return single + [f"{one} {two}" for one, two in pairwise(single)]


_ANALYSERS: dict[str, tuple[Callable[..., CountVectorizer], int]] = {
    "words": (CountVectorizer, 2),
    "stems": (lambda **given: CountVectorizer(analyzer=stems_and_pairs, **given), 2),
    "letters": (lambda **given: CountVectorizer(analyzer="char", ngram_range=(3, 6), **given), 3),
}
"""How each view counts, and in how many texts a term must stand."""
VIEWS: tuple[str, ...] = tuple(_ANALYSERS)
FEATURES: tuple[str, ...] = tuple(
    name for name in names_of(Kind.LINGUISTIC) if name not in {"speaking_share", "turn_count"}
)
"""Features of a text; the two that need a conversation are left out."""


@dataclass(frozen=True, slots=True)
class Counted:
    """Texts before anything is learned from them: counts of every term, and raw features."""

    counts: dict[str, Sparse]
    terms: dict[str, NDArray[np.str_]]
    features: Vector

    def some(self, rows: NDArray[np.int_]) -> Counted:
        """The same for some of the texts."""
        counts = {name: matrix[rows] for name, matrix in self.counts.items()}
        return Counted(counts, self.terms, self.features[rows])


def count(texts: Sequence[str]) -> Counted:
    """Count the terms of texts and extract their features."""
    counts, terms = {}, {}
    for name, (make, _) in _ANALYSERS.items():
        vectoriser = make()
        counts[name] = vectoriser.fit_transform(texts).tocsr()
        terms[name] = vectoriser.get_feature_names_out().astype(np.str_)
    return Counted(counts, terms, raw_features(texts))


def raw_features(texts: Sequence[str]) -> Vector:
    """The features of texts that nobody has measured yet, as `feature_rows`."""
    return feature_rows([text_features(text) for text in texts])


def feature_rows(extractions: Sequence[Extraction]) -> Vector:
    """What was measured in texts, signed log, 0 where unknown: texts by features."""
    values = np.array([[one.known(name) or 0.0 for name in FEATURES] for one in extractions], dtype=float)
    return np.asarray(np.sign(values) * np.log1p(np.abs(values)))


@dataclass(frozen=True, slots=True)
class Views:
    """What is learned of the texts themselves: terms with their weights, and the features' spread."""

    terms: dict[str, NDArray[np.str_]]
    idf: dict[str, Vector]
    mean: Vector
    deviation: Vector

    @classmethod
    def learn(cls, counted: Counted, students: NDArray[Any]) -> tuple[Self, NDArray[np.bool_]]:
        """Learn from counted texts; also which columns of `letters`, `words` and `stems` stay, joined."""
        kept: dict[str, NDArray[np.bool_]] = {}
        idf: dict[str, Vector] = {}
        for name, (_, fewest) in _ANALYSERS.items():
            texts_with = counted.counts[name].getnnz(axis=0)
            kept[name] = (texts_with >= fewest) & (_students_with(counted.counts[name], students))
            texts = counted.counts[name].shape[0]
            idf[name] = np.log((1 + texts) / (1 + texts_with[kept[name]])) + 1
        deviation = counted.features.std(axis=0)
        deviation[deviation < 1e-9] = np.inf
        terms = {name: counted.terms[name][kept[name]] for name in VIEWS}
        views = cls(terms, idf, counted.features.mean(axis=0), deviation)
        return views, np.concatenate([kept[name] for name in VIEWS])

    def terms_of(self, counted: Counted, kept: NDArray[np.bool_]) -> Sparse:
        """Counted texts as one sparse matrix of weighted terms; each view's rows have length sqrt(1/3)."""
        blocks, begin = [], 0
        for name in VIEWS:
            matrix = counted.counts[name]
            end = begin + matrix.shape[1]
            blocks.append(_weighted(matrix[:, kept[begin:end]], self.idf[name]))
            begin = end
        return sparse.hstack(blocks, format="csr") / np.sqrt(len(VIEWS))

    def standard(self, features: Vector) -> Vector:
        """Raw features standardised, scaled so that squared distances are means over the features."""
        some = np.isfinite(self.deviation)
        scaled = (features[:, some] - self.mean[some]) / self.deviation[some]
        return np.asarray(np.clip(scaled, -4, 4) / np.sqrt(max(1, some.sum())))

    def strangeness(self, features: Vector) -> float:
        """The largest share of a text's features, 0 to 1, further than 2.5 deviations from the training's.

        Args:
            features: of the texts, as `feature_rows` makes them.
        """
        some = np.isfinite(self.deviation)
        away = np.abs((features[:, some] - self.mean[some]) / self.deviation[some]) > FAR
        return float(away.mean(axis=1).max())

    def read(self, texts: Sequence[str], features: Vector | None = None) -> tuple[Sparse, Vector]:
        """New texts as weighted terms and as standardised features, which are measured unless given."""
        blocks = []
        for name, (make, _) in _ANALYSERS.items():
            matrix = make(vocabulary={term: place for place, term in enumerate(self.terms[name])})
            blocks.append(_weighted(matrix.transform(texts).tocsr(), self.idf[name]))
        joined = sparse.hstack(blocks, format="csr") / np.sqrt(len(VIEWS))
        return joined, self.standard(raw_features(texts) if features is None else features)


def _students_with(counts: Sparse, students: NDArray[Any]) -> NDArray[np.bool_]:
    names, places = np.unique(students, return_inverse=True)
    ones = np.ones(len(places))
    member = sparse.csr_matrix((ones, (places, np.arange(len(places)))), shape=(len(names), len(places)))
    return np.asarray((member @ (counts > 0)).getnnz(axis=0) >= min(FEWEST_STUDENTS, len(names)))


def _weighted(counts: Sparse, idf: Vector) -> Sparse:
    weighted = counts.astype(float)
    weighted.data = 1 + np.log(weighted.data)
    weighted = weighted @ sparse.diags(idf)
    lengths = np.sqrt(np.asarray(weighted.multiply(weighted).sum(axis=1)).ravel())
    lengths[lengths == 0] = 1.0
    return sparse.diags(1 / lengths) @ weighted
