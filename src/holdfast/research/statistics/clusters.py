"""Whole classes assigned to arms, and several scenarios of one student."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from holdfast.research.statistics.least_squares import Fit, fit
from holdfast.research.statistics.meaningless import Meaningless
from holdfast.research.statistics.means import t_interval, t_probability, welch
from holdfast.research.statistics.samples import Difference, Values, checked_level


@dataclass(frozen=True, slots=True)
class ClusteredDifference(Difference):
    """The difference between arms with clustered students; ``n`` counts the students.

    Its degrees of freedom are Satterthwaite's (Bell and McCaffrey 2002) for CR2, Welch's for cluster means.

    Attributes:
        clusters: in the first and the second arm.
    """

    method: Literal["cr2", "cluster_means"]
    clusters: tuple[int, int]


def cr2(
    values: ArrayLike,
    in_first: ArrayLike,
    clusters: ArrayLike,
    covariates: ArrayLike | None = None,
    level: float = 0.95,
) -> ClusteredDifference:
    """Least squares, bias-reduced cluster-robust variance (CR2), Satterthwaite degrees of freedom.

    Bell and McCaffrey (2002), working model of independence, as R's ``clubSandwich``.

    Args:
        values: one outcome a row, NaN missing.
        in_first: whether the row belongs to the first arm.
        clusters: the class (or student) of each row, any labels.
        covariates: n x k, or None.
        level: of the interval.

    Raises:
        Meaningless: fewer than two clusters in an arm, or a model that cannot be fitted.
    """
    checked_level(level)
    y, arm, labels, z = _complete_rows(values, in_first, clusters, covariates)
    counted = _clusters_per_arm(arm, labels)
    model = fit(y, np.column_stack([np.ones(y.size), arm, z]))
    difference = float(model.coefficients[1])
    error, df = _cr2_error(model, labels, 1)
    if not error > 0:
        raise Meaningless("the clusters of an arm have no variance")
    t = difference / error
    n = int(arm.sum()), int(arm.size - arm.sum())
    interval, p = t_interval(difference, error, df, level), t_probability(t, df)
    return ClusteredDifference(n, difference, error, t, df, p, interval, "cr2", counted)


def cluster_means(
    values: ArrayLike, in_first: ArrayLike, clusters: ArrayLike, level: float = 0.95
) -> ClusteredDifference:
    """Welch's test of the means of the clusters; every cluster counts the same.

    Raises:
        Meaningless: a cluster with students of both arms, fewer than two clusters in an arm, or an arm
            whose clusters all have the same mean.
    """
    y, arm, labels, _ = _complete_rows(values, in_first, clusters, None)
    counted = _clusters_per_arm(arm, labels)
    sizes = np.bincount(labels)
    means, firsts = np.bincount(labels, y) / sizes, np.bincount(labels, arm) / sizes
    if np.any((firsts > 0) & (firsts < 1)):
        raise Meaningless("a cluster has students of both arms, so that it has no arm of its own")
    test = welch(means[firsts == 1], means[firsts == 0], level)
    n = int(arm.sum()), int(arm.size - arm.sum())
    return ClusteredDifference(
        method="cluster_means",
        clusters=counted,
        n=n,
        difference=test.difference,
        standard_error=test.standard_error,
        t=test.t,
        df=test.df,
        p=test.p,
        interval=test.interval,
    )


def student_means(values: ArrayLike, students: ArrayLike) -> tuple[NDArray[np.object_], Values]:
    """The mean of each student over repeated scenarios: students, sorted, and means (NaN where none is)."""
    scores = np.asarray(values, dtype=np.float64).reshape(-1)
    names, place = np.unique(np.asarray(students).reshape(-1), return_inverse=True)
    there = ~np.isnan(scores)
    counts = np.bincount(place[there], minlength=names.size)
    totals = np.bincount(place[there], scores[there], minlength=names.size)
    return names.astype(object), np.where(counts > 0, totals / np.maximum(counts, 1), np.nan)


def _complete_rows(
    values: ArrayLike, in_first: ArrayLike, clusters: ArrayLike, covariates: ArrayLike | None
) -> tuple[Values, Values, NDArray[np.intp], Values]:
    y = np.asarray(values, dtype=np.float64).reshape(-1)
    arm = np.asarray(in_first, dtype=bool).reshape(-1).astype(np.float64)
    labels = np.asarray(clusters).reshape(-1)
    z = np.empty((y.size, 0))
    if covariates is not None:
        z = np.asarray(covariates, dtype=np.float64).reshape(y.size, -1)
    there = ~np.isnan(y) & ~np.isnan(z).any(axis=1)
    if np.isinf(y[there]).any() or np.isinf(z[there]).any():
        raise Meaningless("a value is infinite")
    place = np.unique(labels[there], return_inverse=True)[1]
    return y[there], arm[there], place, _centred(z[there]) if z.size else z[there]


def _centred(z: Values) -> Values:
    z = z - z.mean(axis=0)
    largest = np.abs(z).max(axis=0)
    return z / np.where(largest > 0, largest, 1.0)


def _clusters_per_arm(arm: Values, labels: NDArray[np.intp]) -> tuple[int, int]:
    counted = np.unique(labels[arm == 1]).size, np.unique(labels[arm == 0]).size
    if min(counted) < 2:
        raise Meaningless("an arm has fewer than 2 clusters, so that cluster and arm cannot be told apart")
    return counted


def _cr2_error(model: Fit, labels: NDArray[np.intp], term: int) -> tuple[float, float]:
    """Standard error and Satterthwaite df of one coefficient.

    With H_g = X_g M X_g' the adjustment (I - H_g)^-1/2 differs from I only in the columns of X_g, so that
    no cluster needs a square matrix of its own size. With u_g = A_g X_g M c and w_g = X_g' u_g, the
    quadratic form has the matrix diag(u_g'u_g) - W M W', and df = trace^2 / sum of its squares.
    """
    root = np.linalg.cholesky(model.bread)
    order = np.argsort(labels, kind="stable")
    cuts = np.cumsum(np.bincount(labels))[:-1]
    estimates, squares, products = [], [], []
    for rows in np.split(order, cuts):
        x = model.design[rows]
        v = x @ root
        values, vectors = np.linalg.eigh(v.T @ v)
        base = x @ model.bread[:, term]
        u = base + v @ (vectors @ (_stretch(values) * (vectors.T @ (v.T @ base))))
        estimates.append(float(u @ model.residuals[rows]))
        squares.append(float(u @ u))
        products.append(x.T @ u)
    own, w = np.array(squares), np.array(products)
    through = np.sum((w @ model.bread) * w, axis=1)
    cross = model.bread @ (w.T @ w)
    total = float(np.sum(own - through))
    spread = float(np.sum(own**2) - 2 * np.sum(own * through) + np.trace(cross @ cross))
    return float(np.sqrt(np.sum(np.square(estimates)))), total**2 / spread


def _stretch(values: Values) -> Values:
    """((1 - v)^-1/2 - 1) / v for the eigenvalues v of H_g; at v = 1 the pseudo-inverse gives -1."""
    free = np.clip(1 - values, 0, 1)
    adjusted = np.where(free > 1e-12, 1 / np.sqrt(np.maximum(free, 1e-12)), 0.0)
    return np.where(values > 1e-12, (adjusted - 1) / np.maximum(values, 1e-12), 0.5)
