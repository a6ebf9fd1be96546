"""How many students a study needs, what it can find, or how likely it is to find it. Pure.

On top of the formulas for students who stand alone: classes make information rarer by the design effect
1 + (m - 1) ICC (Donner, Birkett and Buck 1981), and students who are lost have to be recruited too. Means of
whole classes are planned with the degrees of freedom of the classes, 2 fewer than there are of them: with few
classes the normal formula promises too much.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from scipy import optimize, special

from holdfast.kit.errors import InvalidInput
from holdfast.research.statistics import planning
from holdfast.research.statistics.meaningless import Meaningless
from holdfast.research.statistics.noncentral import noncentral_t_probability
from holdfast.research.statistics.planning import Power

Solved = Literal["students", "power", "effect"]
MOST_CLASSES = 1_000_000


@dataclass(frozen=True, slots=True)
class Design:
    """A planned comparison of two arms.

    Attributes:
        alpha: two-sided.
        ratio: students of the second arm for each of the control arm.
        sd_ratio: standard deviation of the second arm over the control's; of means.
        class_size: students of a class that is allocated whole; 1 for students one by one.
        icc: share of the variance that lies between classes, 0 to 1.
        attrition: share of the students who will have no outcome, 0 to below 1.
    """

    alpha: float = 0.05
    ratio: float = 1.0
    sd_ratio: float = 1.0
    class_size: float = 1.0
    icc: float = 0.0
    attrition: float = 0.0

    def __post_init__(self) -> None:
        _within("alpha", self.alpha, 0, 0.5)
        _within("ratio", self.ratio, 0, 1000)
        _within("sd_ratio", self.sd_ratio, 0, 1000)
        if not self.class_size >= 1 or not math.isfinite(self.class_size):
            raise InvalidInput("must be at least 1", field="class_size")
        if not 0 <= self.icc < 1:
            raise InvalidInput("must be from 0 to below 1", field="icc")
        if not 0 <= self.attrition < 1:
            raise InvalidInput("must be from 0 to below 1", field="attrition")

    @property
    def design_effect(self) -> float:
        """How many students of a class, after losses, say as much as one who stands alone."""
        return 1 + (max(1.0, self.class_size * (1 - self.attrition)) - 1) * self.icc


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan with all of its numbers.

    Attributes:
        solved: which of them was computed.
        recruited, observed: students in the control and the second arm; observed have an outcome.
        effective: what the observed are worth as students who stand alone.
        classes: in each arm, when classes are allocated.
        effect: of means, in standard deviations; of proportions, the second's proportion less the control's.
    """

    solved: Solved
    recruited: tuple[int, int]
    observed: tuple[int, int]
    effective: tuple[float, float]
    classes: tuple[int, int] | None
    effect: float
    alpha: float
    power: float
    design_effect: float


def plan_means(
    design: Design,
    *,
    effect: float | None = None,
    power: float | None = None,
    students: tuple[int, int] | None = None,
) -> Planned:
    """Solve a comparison of means for the one of effect, power and students that is not given.

    Args:
        design: everything else.
        effect: standardised difference, not 0.
        power: between 0 and 1.
        students: recruited, control arm first.

    Raises:
        InvalidInput: not exactly two are given, or one is out of range.
    """
    solved = _missing(effect, power, students)
    if design.class_size > 1:
        return _with_classes(design, solved, effect, power, students)
    try:
        if solved == "students":
            found = planning.sample_size_of_means(
                _effect(effect), _power(power), design.alpha, design.ratio, 1 / design.sd_ratio
            )
            return _recruiting(design, found)
        observed, n = _worth(design, students)
        if solved == "power":
            found = planning.power_of_means((n[1], n[0]), _effect(effect), design.alpha, design.sd_ratio)
        else:
            found = planning.detectable_effect((n[1], n[0]), _power(power), design.alpha, design.sd_ratio)
    except Meaningless as reason:
        raise InvalidInput(reason.reason) from reason
    return _planned(design, solved, students or (0, 0), observed, found)


def plan_proportions(
    design: Design,
    control: float,
    *,
    second: float | None = None,
    power: float | None = None,
    students: tuple[int, int] | None = None,
) -> Planned:
    """Solve a comparison of proportions for the one of second, power and students that is not given.

    Args:
        design: everything else; ``sd_ratio`` is not used.
        control: the proportion in the control arm, between 0 and 1.
        second: the proportion in the second arm; its search goes upward from ``control``.
        power: between 0 and 1.
        students: recruited, control arm first.

    Raises:
        InvalidInput: not exactly two are given, or one is out of range.
    """
    _within("control", control, 0, 1)
    if second is not None:
        _within("second", second, 0, 1)
    solved = _missing(second, power, students)
    try:
        if solved == "students":
            found = planning.sample_size_of_proportions(
                (control, second or 0.0), _power(power), design.alpha, design.ratio
            )
            return _recruiting(design, _turned(found))
        observed, n = _worth(design, students)
        if solved == "power":
            found = planning.power_of_proportions((n[1], n[0]), (second or 0.0, control), design.alpha)
        else:
            found = planning.detectable_proportion((n[1], n[0]), control, _power(power), design.alpha)
    except Meaningless as reason:
        raise InvalidInput(reason.reason) from reason
    return _planned(design, solved, students or (0, 0), observed, found)


def _with_classes(
    design: Design,
    solved: Solved,
    effect: float | None,
    power: float | None,
    students: tuple[int, int] | None,
) -> Planned:
    if design.sd_ratio != 1:
        raise InvalidInput("is not planned for together with classes", field="sd_ratio")
    if solved == "students":
        wanted, size = _power(power), _effect(effect)
        classes = _fewest(design, lambda k: _class_power(design, k, size) >= wanted)
    else:
        classes = _whole_classes(design, students)
    if solved == "effect":
        wanted = _power(power)
        size = _smallest_effect(lambda one: _class_power(design, classes, one) - wanted)
    else:
        size = _effect(effect)
    recruited = math.ceil(classes[0] * design.class_size), math.ceil(classes[1] * design.class_size)
    observed = tuple(math.floor(round(n * (1 - design.attrition), 9)) for n in recruited)
    found = Power(
        "means", (observed[0], observed[1]), size, design.alpha, _class_power(design, classes, size)
    )
    return _planned(design, solved, recruited, (observed[0], observed[1]), found)


def _class_power(design: Design, classes: tuple[int, int], effect: float) -> float:
    """Power of the t test of class means, equal classes of the size that remains after losses."""
    df = float(sum(classes) - 2)
    remaining = max(1.0, design.class_size * (1 - design.attrition))
    inflation = 1 + (remaining - 1) * design.icc
    error = math.sqrt(inflation / remaining * sum(1 / count for count in classes))
    edge = float(special.stdtrit(df, 1 - design.alpha / 2))
    below = noncentral_t_probability(edge, df, effect / error)
    return float(1 - below + noncentral_t_probability(-edge, df, effect / error))


def _whole_classes(design: Design, students: tuple[int, int] | None) -> tuple[int, int]:
    counted = [math.floor(round(n / design.class_size, 9)) for n in students or (0, 0)]
    if min(counted) < 1 or sum(counted) < 3:
        raise InvalidInput("at least 3 whole classes, and 1 in each arm", field="students")
    return counted[0], counted[1]


def _fewest(design: Design, enough: Callable[[tuple[int, int]], bool]) -> tuple[int, int]:
    def arms(control: int) -> tuple[int, int]:
        return control, max(1, math.ceil(round(control * design.ratio, 9)))

    high = 2
    while not enough(arms(high)):
        high *= 2
        if high > MOST_CLASSES:
            raise InvalidInput("more than a million classes would be needed", field="effect")
    low = high // 2 if high > 2 else 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(arms(middle)) else (middle, high)
    return arms(high)


def _smallest_effect(excess: Callable[[float], float]) -> float:
    high = 1.0
    while excess(high) < 0:
        high *= 2
    return float(optimize.brentq(excess, 0.0, high, xtol=1e-10))


def _recruiting(design: Design, found: Power) -> Planned:
    """From students who stand alone to students who have to be recruited, in whole classes."""
    effective = found.n
    observed = tuple(math.ceil(round(n * design.design_effect, 9)) for n in effective)
    recruited = tuple(math.ceil(round(n / (1 - design.attrition), 9)) for n in observed)
    if design.class_size > 1:
        classes = tuple(math.ceil(round(n / design.class_size, 9)) for n in recruited)
        recruited = tuple(math.ceil(count * design.class_size) for count in classes)
        observed = tuple(math.floor(n * (1 - design.attrition)) for n in recruited)
    return _planned(design, "students", (recruited[0], recruited[1]), (observed[0], observed[1]), found)


def _worth(design: Design, students: tuple[int, int] | None) -> tuple[tuple[int, int], tuple[int, int]]:
    """Of recruited students, those who will have an outcome, and what these are worth (rounded down)."""
    if students is None or min(students) < 2:
        raise InvalidInput("at least 2 students in each arm", field="students")
    observed = [math.floor(round(n * (1 - design.attrition), 9)) for n in students]
    worth = [math.floor(round(n / design.design_effect, 9)) for n in observed]
    if min(worth) < 2:
        raise InvalidInput("too few students remain after attrition and classes", field="students")
    return (observed[0], observed[1]), (worth[0], worth[1])


def _planned(
    design: Design, solved: Solved, recruited: tuple[int, int], observed: tuple[int, int], found: Power
) -> Planned:
    classes = None
    if design.class_size > 1:
        counted = [math.ceil(round(n / design.class_size, 9)) for n in recruited]
        classes = (counted[0], counted[1])
    effective = (observed[0] / design.design_effect, observed[1] / design.design_effect)
    return Planned(
        solved,
        recruited,
        observed,
        effective,
        classes,
        found.effect,
        design.alpha,
        found.power,
        design.design_effect,
    )


def _turned(found: Power) -> Power:
    """Sample sizes are asked for control first; their effect is then the control's less the second's."""
    return Power(found.outcome, found.n, -found.effect, found.alpha, found.power)


def _missing(effect: float | None, power: float | None, students: tuple[int, int] | None) -> Solved:
    names: tuple[Solved, ...] = ("effect", "power", "students")
    absent = [name for name, value in zip(names, (effect, power, students), strict=True) if value is None]
    if len(absent) != 1:
        raise InvalidInput("give two of effect, power and students; the third is computed", field="power")
    return absent[0]


def _effect(effect: float | None) -> float:
    if effect is None or not math.isfinite(effect) or effect == 0:
        raise InvalidInput("must be a number other than 0", field="effect")
    return abs(effect)


def _power(power: float | None) -> float:
    value = 0.8 if power is None else power
    _within("power", value, 0, 1)
    return value


def _within(name: str, value: float, low: float, high: float) -> None:
    if not low < value < high:
        raise InvalidInput(f"must be above {low} and below {high}", field=name)
