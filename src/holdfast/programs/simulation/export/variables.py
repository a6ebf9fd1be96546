"""Variables that several of the simulation's tables have: who, where in the session, when, how rated."""

from __future__ import annotations

from holdfast.core.codebook import Kind, Measure, Variable

RATINGS = {
    "optimal": "the best that could be done (100)",
    "acceptable": "good enough (75)",
    "suboptimal": "not good enough (50)",
    "dangerous": "dangerous to this patient (0)",
    "not_performed": "the decision came up and nothing was done about it",
}
"""In the order from best to worst; the weights are those of the overall score."""

STUDENT = Variable("student_id", Kind.IDENTIFIER, "The student", names="student")
SESSION = Variable(
    "session_id", Kind.IDENTIFIER, "The session", names="session", missing="no session was begun"
)
ARM = Variable(
    "ab_group", Kind.CATEGORY, "Study group that the student was allocated to", missing="none was recorded"
)
COHORT = Variable("cohort", Kind.CATEGORY, "The cohort", missing="none was recorded")
SCENARIO_NUMBER = Variable(
    "scenario_number",
    Kind.INTEGER,
    "Place of the scenario in the session, from 1",
    low=1,
    missing="before the first scenario, after the last, or not recorded",
)
SCENARIO = Variable("scenario_id", Kind.CATEGORY, "The scenario", missing="not recorded")
MOMENT = Variable("timestamp", Kind.MOMENT, "When it came to light", missing="not recorded")
ELAPSED = Variable(
    "elapsed_s",
    Kind.NUMBER,
    "Clinical time since the scenario began",
    unit="seconds",
    low=0,
    missing="not recorded",
)


def sequence(what: str) -> Variable:
    """The number of a row within its scenario."""
    return Variable("sequence", Kind.INTEGER, f"Order of the {what} within the scenario, from 1", low=1)


def count(name: str, label: str, missing: str = "not recorded") -> Variable:
    """A number of things that cannot be negative."""
    return Variable(name, Kind.INTEGER, label, low=0, missing=missing)


def seconds(name: str, label: str, missing: str = "not recorded") -> Variable:
    """A duration."""
    return Variable(name, Kind.NUMBER, label, unit="seconds", low=0, missing=missing)


def score(name: str, label: str, missing: str) -> Variable:
    """A score on 0 to 100."""
    return Variable(name, Kind.NUMBER, label, unit="points", low=0, high=100, missing=missing)


def ordered(name: str, label: str, values: dict[str, str], missing: str) -> Variable:
    """A closed category whose codes have an order."""
    return Variable(name, Kind.CATEGORY, label, values=values, missing=missing, measure=Measure.ORDINAL)


DECISION_COUNTS = (
    count("optimal_decisions", "Decisions rated optimal", "no decision was rated"),
    count("acceptable_decisions", "Decisions rated acceptable", "no decision was rated"),
    count("suboptimal_decisions", "Decisions rated suboptimal", "no decision was rated"),
    count("dangerous_decisions", "Decisions rated dangerous", "no decision was rated"),
    count("not_performed_decisions", "Decisions that came up and were not performed", "not recorded"),
    count("total_cdps", "Decisions that count in the score (all but not performed)", "not recorded"),
)

_SIGNS = (
    ("heart_rate", "hr", "Heart rate", "1/min", 0, 400),
    ("respiratory_rate", "rr", "Respiratory rate", "1/min", 0, 150),
    ("spo2", "spo2", "Oxygen saturation", "percent", 0, 100),
    ("systolic", "systolic", "Systolic blood pressure", "mmHg", 0, 400),
    ("diastolic", "diastolic", "Diastolic blood pressure", "mmHg", 0, 300),
    ("temperature", "temperature", "Body temperature", "degrees Celsius", 10, 50),
    ("gcs", "gcs", "Glasgow Coma Scale", "points", 3, 15),
    ("glucose", "glucose", "Blood glucose", "mmol/L", 0, 100),
    ("pain", "pain", "Pain", "points", 0, 10),
)


def vital_signs(prefix: str = "", when: str = "") -> tuple[Variable, ...]:
    """The nine vital signs; with a prefix they have the seed's short names (``final_hr``)."""
    return tuple(
        Variable(
            f"{prefix}{short if prefix else name}",
            Kind.NUMBER,
            f"{label}{when}",
            unit=unit,
            low=low,
            high=high,
            missing="not recorded",
        )
        for name, short, label, unit, low, high in _SIGNS
    )
