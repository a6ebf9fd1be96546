"""Looking at the data before the end: planned looks (Lan-DeMets) and open-ended ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, special

from holdfast.research.statistics.meaningless import Meaningless
from holdfast.research.statistics.means import student
from holdfast.research.statistics.samples import FEWEST_TESTED, Interval, Values, complete, probability

ASSUMPTIONS = (
    "Holds at all looks together, however many and whenever, if the outcome is normal with the same variance "
    "in both arms, the allocation does not depend on the outcomes, and students are independent; the "
    "standardised effect is weighed by a standard normal distribution."
)

_LARGEST_LOG = float(np.log(1e300))


@dataclass(frozen=True, slots=True)
class Look:
    """One planned look.

    Attributes:
        information: share of the planned students whose outcome is known, 0 to 1.
        spent: alpha spent up to here. z: two-sided boundary. p: nominal p below which one may stop.
    """

    information: float
    spent: float
    z: float
    p: float


@dataclass(frozen=True, slots=True)
class ConfidenceSequence:
    """An interval that holds at all looks together.

    Attributes:
        n: values in each arm. difference: first minus second.
        interval: None bounds when these few values exclude nothing yet.
        e_value: evidence against no difference (natural-log in log_e); p: 1 / e_value, at most 1, valid
            whenever one looks.
        assumptions: the sentence that the report prints.
    """

    n: tuple[int, int]
    difference: float
    interval: Interval
    e_value: float
    log_e: float
    p: float
    assumptions: str


def obrien_fleming_spending(information: float, alpha: float = 0.05) -> float:
    """Alpha spent at a share of information (Lan and DeMets 1983), two-sided.

    4 (1 - Phi(z(1 - alpha / 4) / sqrt(information))): twice the one-sided function at alpha / 2.
    """
    if not information > 0:
        return 0.0
    return float(4 * special.ndtr(special.ndtri(alpha / 4) / np.sqrt(min(information, 1.0))))


def planned_looks(information: ArrayLike, alpha: float = 0.05) -> tuple[Look, ...]:
    """Boundaries at growing shares of information, which need not be those that were planned.

    At each look the two-sided boundary is the one at which the chance of crossing it there and not before
    is what the spending function allows. At a look one may stop when Welch's p is below the look's ``p``.
    A share above 1 (more students than planned) counts as 1.

    Raises:
        Meaningless: no look, shares that do not grow, a share that is not above 0, or alpha out of range.
    """
    shares = np.minimum(np.asarray(information, dtype=np.float64).reshape(-1), 1.0)
    if not 0 < alpha < 1:
        raise Meaningless("alpha must be between 0 and 1")
    if shares.size == 0 or not np.all(shares > 0) or np.any(np.diff(shares) <= 0):
        raise Meaningless("the shares of information must be above 0 and grow from look to look")
    spent = [obrien_fleming_spending(float(t), alpha) for t in shares]
    looks: list[Look] = []
    path = _Path()
    for t, total, before in zip(shares, spent, [0.0, *spent[:-1]], strict=True):
        z = path.boundary(float(t), total - before)
        looks.append(Look(float(t), total, z, probability(2 * float(special.ndtr(-z)))))
    return tuple(looks)


class _Path:
    """The density of the score process among the paths that no boundary has stopped.

    Armitage, McPherson and Rowe (1969): one integral a look, by Gauss-Legendre sums as fine as the steps.
    """

    def __init__(self) -> None:
        self._time = 0.0
        self._points, self._mass = np.zeros(1), np.ones(1)

    def boundary(self, time: float, allowed: float) -> float:
        """The boundary at the next look, and the paths that go on."""
        step = np.sqrt(time - self._time)

        def crossing(z: float) -> float:
            distance = (z * np.sqrt(time) - self._points) / step
            return 2 * float(np.sum(self._mass * special.ndtr(-distance)))

        log_allowed = np.log(max(allowed, 1e-300))
        z = float(
            optimize.brentq(
                lambda z: np.log(max(crossing(z), 1e-305)) - log_allowed, 0.0, 38.0, xtol=1e-12, rtol=1e-13
            )
        )
        self._go_on(z, time, float(step))
        return z

    def _go_on(self, z: float, time: float, step: float) -> None:
        edge = min(z, 9.0) * float(np.sqrt(time))
        nodes, weights = np.polynomial.legendre.leggauss(int(min(2_000, 60 + 8 * edge / step)))
        points = edge * nodes
        kernel = np.exp(-(((points[:, None] - self._points) / step) ** 2) / 2) / (step * np.sqrt(2 * np.pi))
        self._mass = (kernel @ self._mass) * weights * edge
        self._points, self._time = points, time


def open_ended_look(first: ArrayLike, second: ArrayLike, alpha: float = 0.05) -> ConfidenceSequence:
    """The t-mixture confidence sequence (right-Haar prior, standardised effect ~ N(0, 1)), from 5 per arm.

    The evidence against a difference D is the Bayes factor of Student's t for D with g = 1 (Lai 1976;
    Perez-Ortiz et al. 2024): sqrt(1 / (1 + N)) ((1 + t^2 / df) / (1 + t^2 / (df (1 + N))))^((df + 1) / 2),
    N = n1 n2 / (n1 + n2). Under D it is a martingale of the t statistics with mean 1, so that the chance that
    it ever reaches 1 / alpha is at most alpha; the interval holds every D below that. Only looks from five
    per arm on count, at this and every later time.

    Raises:
        Meaningless: an arm has fewer than five values or is constant, or alpha out of range.
    """
    if not 0 < alpha < 1:
        raise Meaningless("alpha must be between 0 and 1")
    if min(complete(first).size, complete(second).size) < FEWEST_TESTED:
        raise Meaningless(f"an arm has fewer than {FEWEST_TESTED} values; open-ended looks begin there")
    test = student(first, second)
    n = test.n[0] * test.n[1] / (test.n[0] + test.n[1])
    log_e = float(log_mixture(np.asarray(test.t), test.df, n))
    reach = mixture_reach(test.df, n, alpha)
    half = None if reach is None else reach * test.standard_error
    return ConfidenceSequence(
        n=test.n,
        difference=test.difference,
        interval=Interval(
            None if half is None else test.difference - half,
            None if half is None else test.difference + half,
            1 - alpha,
        ),
        e_value=float(np.exp(min(max(log_e, -_LARGEST_LOG), _LARGEST_LOG))),
        log_e=log_e,
        p=probability(float(np.exp(min(0.0, -log_e)))),
        assumptions=ASSUMPTIONS,
    )


def log_mixture(t: Values, df: ArrayLike, effective_n: ArrayLike) -> Values:
    """Natural logarithm of the evidence against no effect; arrays are broadcast."""
    df, n = np.asarray(df, dtype=np.float64), np.asarray(effective_n, dtype=np.float64)
    gain = np.log1p(t * t / df) - np.log1p(t * t / (df * (1 + n)))
    return np.asarray((df + 1) / 2 * gain - np.log1p(n) / 2)


def mixture_reach(df: float, effective_n: float, alpha: float) -> float | None:
    """The |t| at which the evidence is 1 / alpha; None when no t is large enough."""
    log_needed = 2 / (df + 1) * (np.log1p(effective_n) / 2 - np.log(alpha))
    room = 1 - np.exp(log_needed) / (1 + effective_n)
    if room <= 0:
        return None
    return float(np.sqrt(df * np.expm1(log_needed) / room))
