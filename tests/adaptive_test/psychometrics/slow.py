"""The same psychometrics once more, in plain loops from the textbook formulas, for comparison only."""

import math

NODES = [-6.0 + 0.2 * k for k in range(61)]


def chance(item, theta):
    """P for an item (a, b, c, d) in the metric a (theta - b)."""
    a, b, c, d = item
    return c + (d - c) / (1.0 + math.exp(-a * (theta - b)))


def slope(item, theta):
    a, b, c, d = item
    e = math.exp(-a * (theta - b))
    return (d - c) * a * e / (1.0 + e) ** 2


def bend(item, theta):
    """P''."""
    a, b, c, d = item
    s = 1.0 / (1.0 + math.exp(-a * (theta - b)))
    return (d - c) * a * a * s * (1 - s) * (1 - 2 * s)


def information(item, theta):
    p = chance(item, theta)
    return slope(item, theta) ** 2 / (p * (1.0 - p))


def log_likelihood(items, right, theta):
    total = 0.0
    for item, r in zip(items, right, strict=True):
        p = chance(item, theta)
        total += math.log(p) if r else math.log(1.0 - p)
    return total


def posterior(items, right, mean=0.0, sd=1.0):
    raw = [log_likelihood(items, right, node) - 0.5 * ((node - mean) / sd) ** 2 for node in NODES]
    top = max(raw)
    mass = [math.exp(value - top) for value in raw]
    return [m / sum(mass) for m in mass]


def eap(items, right, mean=0.0, sd=1.0):
    mass = posterior(items, right, mean, sd)
    centre = sum(m * node for m, node in zip(mass, NODES, strict=True))
    spread = sum(m * (node - centre) ** 2 for m, node in zip(mass, NODES, strict=True))
    return centre, math.sqrt(spread)


def warm_ratio(items, theta):
    top = below = 0.0
    for item in items:
        p = chance(item, theta)
        top += slope(item, theta) * bend(item, theta) / (p * (1 - p))
        below += information(item, theta)
    return top / (2 * below)


def maximum(items, right, method, mean=0.0, sd=1.0, steps=2400):
    """(estimate, SE) by scanning a dense grid, then golden section around its best point."""
    grid = [-6.0 + 12.0 * k / steps for k in range(steps + 1)]
    width = 12.0 / steps
    extra = {}
    if method == "wle":
        total = 0.0
        extra[0] = 0.0
        for k in range(steps):
            middle = (grid[k] + grid[k + 1]) / 2
            ends = warm_ratio(items, grid[k]) + warm_ratio(items, grid[k + 1])
            total += width / 6 * (ends + 4 * warm_ratio(items, middle))
            extra[k + 1] = total

    def objective(theta):
        value = log_likelihood(items, right, theta)
        if method == "map":
            value -= 0.5 * ((theta - mean) / sd) ** 2
        if method == "wle":
            k = min(int((theta + 6.0) / width), steps)
            part = theta - grid[k]
            ends = warm_ratio(items, grid[k]) + warm_ratio(items, theta)
            value += extra[k] + part / 6 * (ends + 4 * warm_ratio(items, grid[k] + part / 2))
        return value

    best = max(range(steps + 1), key=lambda k: objective(grid[k]))
    low, high = grid[max(best - 1, 0)], grid[min(best + 1, steps)]
    golden = (math.sqrt(5) - 1) / 2
    while high - low > 1e-9:
        left, right_ = high - golden * (high - low), low + golden * (high - low)
        if objective(left) >= objective(right_):
            high = right_
        else:
            low = left
    theta = (low + high) / 2
    known = sum(information(item, theta) for item in items) + (sd**-2 if method == "map" else 0.0)
    return theta, 1.0 / math.sqrt(known)


def kullback_leibler(item, theta, mass):
    p = chance(item, theta)
    total = 0.0
    for m, node in zip(mass, NODES, strict=True):
        q = chance(item, node)
        total += m * (p * math.log(p / q) + (1 - p) * math.log((1 - p) / (1 - q)))
    return total


def expected_variance(item, mass):
    """Posterior variance expected after the answer to an item."""
    total = 0.0
    for right in (True, False):
        weights = [
            m * (chance(item, node) if right else 1 - chance(item, node))
            for m, node in zip(mass, NODES, strict=True)
        ]
        predictive = sum(weights)
        centre = sum(w * node for w, node in zip(weights, NODES, strict=True)) / predictive
        square = sum(w * (node - centre) ** 2 for w, node in zip(weights, NODES, strict=True))
        total += square
    return total


def best(items, open_items, theta):
    """The open item with most information; within rounding the first in the bank."""
    values = {k: information(items[k], theta) for k in open_items}
    top = max(values.values())
    return min(k for k, value in values.items() if value >= top * (1 - 2.0**-36))


def path(items, areas, quotas, answers, length):
    """Items, abilities and errors of a test: maximum information, EAP, (minimum, maximum) by area."""
    taken, right, thetas, errors = [], [], [], []
    theta = 0.0
    for _ in range(length):
        had = {area: sum(1 for k in taken if areas[k] == area) for area in set(areas)}
        owed = sum(max(low - had[area], 0) for area, (low, _) in quotas.items())
        usable = []
        for k in range(len(items)):
            if k in taken:
                continue
            area = areas[k]
            low, high = quotas.get(area, (0, length))
            helps = 1 if had[area] < low else 0
            if had[area] < high and owed - helps <= length - len(taken) - 1:
                usable.append(k)
        if not usable:
            break
        k = best(items, usable, theta)
        taken.append(k)
        right.append(answers[k])
        theta, error = eap([items[j] for j in taken], right)
        thetas.append(theta)
        errors.append(error)
    return taken, thetas, errors
