"""The data sets of the golden values: ``python make_data.py`` writes data.json.

Written once; kept so that a reader sees where the numbers come from. Made-up values, fixed seed.
"""

import json
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
rng = np.random.default_rng(20261121)


def arms(first, second, digits=6, **more):
    def listed(values):
        return [None if np.isnan(v) else float(v) for v in values]

    return {"first": listed(np.round(first, digits)), "second": listed(np.round(second, digits)), **more}


def with_gaps(values, count):
    values = np.array(values, dtype=float)
    values[rng.choice(values.size, count, replace=False)] = np.nan
    return values


ceiling = np.minimum(rng.normal(92, 12, 45), 100), np.minimum(rng.normal(86, 15, 40), 100)
skewed = 100 - rng.gamma(1.5, 12, 33).clip(0, 100), 100 - rng.gamma(1.2, 20, 27).clip(0, 100)
DATA = {
    "balanced": arms(rng.normal(75, 10, 20), rng.normal(68, 10, 20), 4),
    "unequal": arms(rng.normal(75, 10, 30), rng.normal(66, 24, 9), 4),
    "heavy_ties": arms(rng.integers(5, 9, 25) * 10, rng.integers(4, 9, 31) * 10),
    "ceiling": arms(*ceiling, 1),
    "missing": arms(with_gaps(rng.normal(71, 13, 24), 5), with_gaps(rng.normal(64, 12, 22), 3), 3),
    "tiny": arms([71.5, 80.25], [60.125, 64.0]),
    "three_and_two": arms([71.5, 80.25, 75.0], [60.125, 74.0]),
    "five_each": arms(rng.normal(78, 8, 5), rng.normal(60, 14, 5), 3),
    "skewed": arms(*skewed, 3),
    "large": arms(rng.normal(70, 12, 420), rng.normal(69, 15, 380), 4),
    "large_odd": arms(rng.normal(70, 12, 61), rng.normal(66, 15, 55), 4),
    "fifty_each": arms(rng.normal(70, 12, 50), rng.normal(64, 12, 50), 5),
    "negative": arms(rng.normal(-40, 9, 17), rng.normal(-33, 5, 23), 4),
    "minute": arms(rng.normal(3e-8, 1e-8, 15), rng.normal(2e-8, 2e-8, 12), 14),
    "huge": arms(rng.normal(3e8, 1e7, 15), rng.normal(2.9e8, 2e7, 12), 2),
    "no_difference": arms([60, 70, 80, 90, 75], [60, 70, 80, 90, 75]),
    "far_apart": arms(rng.normal(95, 1, 12), rng.normal(20, 1.5, 14), 4),
    "far_apart_many": arms(rng.normal(95, 1, 80), rng.normal(20, 1.5, 90), 4),
    "thirds": arms(
        np.repeat([100 / 3, 200 / 3, 100], [4, 6, 9]), np.repeat([0, 100 / 3, 200 / 3], [3, 8, 5]), 12
    ),
    "one_constant": arms([100.0] * 8, rng.normal(88, 9, 10).clip(0, 100), 2),
}
REFUSED = {
    "constant_both": arms([80.0] * 6, [70.0] * 6),
    "constant_same": arms([80.0] * 6, [80.0] * 6),
    "one_arm": arms([80.0, 71.0, 65.0], []),
    "one_value": arms([80.0, 71.0, 65.0], [70.0]),
    "all_missing": arms([80.0, 71.0, 65.0], [np.nan, np.nan, np.nan]),
    "rounding_only": arms([0.3, 0.1 + 0.2, 0.3], [0.3, 0.1 + 0.2], 17),
}


def regression(n, k, missing=0):
    arm = rng.permutation(np.arange(n) % 3 > 0)
    z = np.round(rng.normal(50, 10, (n, k)), 3)
    y = (
        40
        + 5 * arm
        + z @ rng.uniform(0.2, 0.8, k)
        + arm * (z[:, 0] - 50) * 0.4
        + rng.normal(0, 6 + 5 * arm, n)
    )
    y = np.round(with_gaps(y, missing), 3)
    return {
        "values": [None if np.isnan(v) else float(v) for v in y],
        "in_first": [int(a) for a in arm],
        "covariates": z.tolist(),
    }


def clustered(sizes, *, within=False, covariate=False):
    labels = np.repeat(np.arange(len(sizes)), sizes)
    arm = (np.arange(labels.size) % 2 if within else labels % 2).astype(int)
    effect = rng.normal(0, 5, len(sizes))[labels]
    y = np.round(70 + 4 * arm + effect + rng.normal(0, 10, labels.size), 3)
    made = {"values": y.tolist(), "in_first": arm.tolist(), "clusters": [f"class {c:02}" for c in labels]}
    if covariate:
        made["covariates"] = np.round(rng.normal(0, 1, (labels.size, 1)), 4).tolist()
    return made


MODELS = {
    "one_covariate": regression(36, 1),
    "three_covariates": regression(60, 3, missing=4),
    "few": regression(14, 1),
    "many": regression(900, 2),
}
CLUSTERS = {
    "ten_classes": clustered([10] * 10),
    "uneven": clustered([3, 25, 8, 14, 5, 30, 2, 9]),
    "two_and_two": clustered([7, 9, 8, 6]),
    "within": clustered([6, 8, 10, 7, 5, 9], within=True),
    "adjusted": clustered([3, 25, 8, 14, 5, 30, 2, 9, 11], covariate=True),
    "singles": clustered([1] * 24),
}
COUNTS = [
    [[3, 9], [30, 28]], [[0, 7], [30, 28]], [[5, 0], [30, 28]], [[120, 180], [1000.5, 900.25]],
    [[1, 1], [5, 5]], [[2400, 2610], [20000, 20000]], [[1, 0], [5, 5]], [[15, 15], [10, 20]],
]  # fmt: skip
PROPORTIONS = [
    [[56, 48], [70, 80]], [[9, 3], [10, 10]], [[0, 0], [10, 12]], [[10, 12], [10, 12]], [[10, 0], [10, 20]],
    [[6, 2], [7, 7]], [[5, 0], [56, 29]], [[0, 3], [15, 14]], [[9000, 8800], [10000, 10000]],
    [[1, 0], [1, 1]], [[19, 20], [20, 20]], [[1, 2], [77, 2]], [[3, 0], [20000, 20000]],
]  # fmt: skip
RATIOS = [
    [[14, 6], [1, 1]], [[10, 10], [1, 1]], [[950, 50], [0.95, 0.05]], [[5100, 4900], [1, 1]],
    [[30, 5], [2, 1]], [[12, 9, 15], [1, 1, 1]], [[30, 2, 8], [2, 1, 1]],
    [[900, 1000, 1100], [1, 1, 1]], [[3, 0], [1, 1]],
]  # fmt: skip
P_VALUES = [
    [0.01, 0.04, 0.03, 0.005, 0.6], [0.05], [0.02, 0.02, 0.02], [1.0, 0.9, 1e-12, 0.049],
    rng.uniform(0, 1, 20).round(5).tolist(),
]  # fmt: skip

arm = rng.permutation(np.r_[np.ones(7, bool), np.zeros(5, bool)])
PERMUTED = {
    "values": np.round(rng.normal(70, 10, 12), 3).tolist(),
    "in_first": arm.astype(int).tolist(),
    "draws": [[int(a) for a in rng.permutation(arm)] for _ in range(199)],
}
x, y = np.round(rng.normal(75, 10, 12), 3), np.round(100 - rng.gamma(1.5, 12, 9), 3)
RESAMPLED = {
    "first": x.tolist(),
    "second": y.tolist(),
    "first_places": rng.integers(0, 12, (400, 12)).tolist(),
    "second_places": rng.integers(0, 9, (400, 9)).tolist(),
}
BOUNDED = {
    name: arms(
        with_gaps(rng.normal(70, 12, n).clip(0, 100), a), with_gaps(rng.normal(62, 15, m).clip(0, 100), b), 2
    )
    for name, n, a, m, b in [
        ("few_lost", 20, 2, 18, 1),
        ("many_lost", 30, 12, 30, 3),
        ("none_lost", 9, 0, 8, 0),
    ]
}

if __name__ == "__main__":
    made = {
        "arms": DATA, "refused": REFUSED, "models": MODELS, "clusters": CLUSTERS, "counts": COUNTS,
        "proportions": PROPORTIONS, "ratios": RATIOS, "p_values": P_VALUES, "permuted": PERMUTED,
        "resampled": RESAMPLED, "bounded": BOUNDED,
    }  # fmt: skip
    (HERE / "data.json").write_text(json.dumps(made, indent=None, separators=(",", ":")) + "\n")
