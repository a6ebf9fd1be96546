"""Random banks for the tests, from a seed."""

import numpy as np
from hypothesis import strategies as st

from holdfast.programs.adaptive_test.psychometrics.bank import Bank
from holdfast.programs.adaptive_test.psychometrics.models import ItemParameters


def parameters(n, seed=0, model=2):
    chance = np.random.default_rng(seed)
    a = chance.lognormal(0, 0.3, n) if model >= 2 else 1.0
    c = chance.uniform(0.05, 0.3, n) if model >= 3 else 0.0
    d = chance.uniform(0.9, 1.0, n) if model >= 4 else 1.0
    return ItemParameters.logistic(chance.normal(size=n), a, c, d)


def bank(n, seed=0, model=2, **columns):
    return Bank("v1", tuple(f"q{k}" for k in range(n)), parameters(n, seed, model), **columns)


def tuples(items):
    return list(zip(items.a.tolist(), items.b.tolist(), items.c.tolist(), items.d.tolist(), strict=True))


@st.composite
def items_and_answers(draw, most=12):
    """Items of any of the four models, difficulties far out included, and answers to all of them."""
    n = draw(st.integers(1, most))
    model = draw(st.integers(1, 4))

    def column(low, high):
        return np.array(draw(st.lists(st.floats(low, high), min_size=n, max_size=n)))

    a = column(0.2, 4.0) if model >= 2 else np.ones(n)
    c = column(0.0, 0.4) if model >= 3 else np.zeros(n)
    d = column(0.8, 1.0) if model >= 4 else np.ones(n)
    items = ItemParameters.logistic(column(-7.0, 7.0), a, c, d)
    return items, np.array(draw(st.lists(st.booleans(), min_size=n, max_size=n)))
