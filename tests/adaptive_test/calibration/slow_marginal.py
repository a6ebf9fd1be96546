"""The marginal likelihood written down once more, plainly: Simpson's rule, no code or parameters shared."""

import numpy as np
from scipy.integrate import simpson
from scipy.optimize import minimize
from scipy.special import expit
from scipy.stats import norm

THETA = np.linspace(-9, 9, 361)
DENSITY = norm.pdf(THETA)


def log_likelihood(responses, a, b, c, *, mean=0.0, sd=1.0):
    """The sum over persons of log of the integral over ability; NaN is missing."""
    theta = mean + sd * THETA
    right = np.array([c[j] + (1 - c[j]) * expit(a[j] * (theta - b[j])) for j in range(len(a))])
    likelihood = np.exp((responses == 1) @ np.log(right) + (responses == 0) @ np.log1p(-right))
    return float(np.log(simpson(likelihood * DENSITY, x=THETA)).sum())


def log_prior(c, mean=-1.1, sd=0.5):
    return float(np.sum(norm.logpdf(np.log(c / (1 - c)), mean, sd)))


def highest(function, start):
    """The place of a function's maximum by BFGS with numerical derivatives, polished."""
    found = minimize(lambda x: -function(x), start, method="BFGS", options={"gtol": 1e-6})
    for _ in range(2):
        found.x = found.x - np.linalg.solve(second(function, found.x), first(function, found.x))
    return found.x


def first(function, x, h=1e-4):
    """The gradient by central differences."""
    steps = np.eye(len(x)) * h
    return np.array([(function(x + s) - function(x - s)) / (2 * h) for s in steps])


def second(function, x, h=2e-3):
    """The Hessian by central differences of fourth order along axes and of second order across."""
    n = len(x)
    steps = np.eye(n) * h
    hessian = np.zeros((n, n))
    centre = function(x)
    for i in range(n):
        near = function(x + steps[i]) + function(x - steps[i])
        far = function(x + 2 * steps[i]) + function(x - 2 * steps[i])
        hessian[i, i] = (-far + 16 * near - 30 * centre) / (12 * h * h)
        for j in range(i):
            corners = [
                function(x + s * steps[i] + t * steps[j]) for s, t in ((1, 1), (1, -1), (-1, 1), (-1, -1))
            ]
            hessian[i, j] = hessian[j, i] = (corners[0] - corners[1] - corners[2] + corners[3]) / (4 * h * h)
    return hessian


def simulate(rng, a, b, c=0.0, *, persons, mean=0.0, sd=1.0, missing=0.0):
    """Responses of persons; NaN where missing at random."""
    theta = mean + sd * rng.standard_normal(persons)
    chance = c + (1 - c) * expit(a * (theta[:, None] - b))
    responses = (rng.random(chance.shape) < chance).astype(float)
    responses[rng.random(chance.shape) < missing] = np.nan
    return responses
