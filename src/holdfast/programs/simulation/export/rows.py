"""The rows of the simulation's tables from what its statements yield. Pure.

Every score is that of the program's own rules, over the ratings as they stand now: an instructor's rating
counts in place of the automatic one, also when it came after the session was complete.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from holdfast.programs.simulation.export import TABLES
from holdfast.programs.simulation.scenario.vocabulary import Rating
from holdfast.programs.simulation.scoring.challenges import challenges_of_counts
from holdfast.programs.simulation.scoring.decisions import WEIGHTS, OverallScore, score_of_counts
from holdfast.programs.simulation.scoring.rounding import to_tenth
from holdfast.programs.simulation.scoring.safety import safety_score
from holdfast.programs.simulation.stored import Columns as Record

Place = tuple[str, int]
"""A session and the 0-based index of a run in it."""

SIGNS = ("heart_rate", "respiratory_rate", "spo2", "systolic", "diastolic", "temperature", "gcs", "glucose",
         "pain")  # fmt: skip
_FINAL = dict(zip(("final_hr", "final_rr", *(f"final_{sign}" for sign in SIGNS[2:])), SIGNS, strict=True))
_REVIEW = "aar_agent"


@dataclass(frozen=True, slots=True)
class Who:
    """A student as every row names them: the columns that do not come from the simulation.

    Attributes:
        identity: columns of the overview that the cohort's list tells.
    """

    student_id: str
    arm: str | None
    cohort: str | None
    identity: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Batch:
    """What the statements yielded for some students.

    Attributes:
        members: one for each student, in the order of the students.
        medications: treatments that are medications, oxygen or fluids, by the hash of their scenario.
    """

    members: Sequence[tuple[Who, Record]]
    runs: Sequence[Record] = ()
    occurrences: Sequence[Record] = ()
    judgements: Sequence[Record] = ()
    vital_signs: Sequence[Record] = ()
    messages: Sequence[Record] = ()
    medications: Mapping[str, frozenset[str]] = field(default_factory=dict)


def rows_of(batch: Batch) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of every table, columns in the order of the codebook."""
    made = _Made(batch)
    return {
        table.name: [tuple(row.get(v.name) for v in table.variables) for row in made.rows[table.name]]
        for table in TABLES
    }


class _Made:
    """The rows of a batch as mappings, by table."""

    def __init__(self, batch: Batch) -> None:
        self.rows: dict[str, list[dict[str, Any]]] = {table.name: [] for table in TABLES}
        self._batch = batch
        self._who = {m["session_id"]: who for who, m in batch.members if m["session_id"] is not None}
        self._runs: dict[Place, Record] = {(r["session_id"], r["scenario_index"]): r for r in batch.runs}
        self._events: dict[Place, Counter[str]] = defaultdict(Counter)
        self._decisions()
        self._course()
        self._signs()
        self._words()
        self._scenarios()
        self._members()

    def _start(self, place: Place) -> dict[str, Any]:
        session, index = place
        who = self._who[session]
        return {
            "student_id": who.student_id, "ab_group": who.arm, "cohort": who.cohort, "session_id": session,
            "scenario_number": index + 1, "scenario_id": self._runs[place]["scenario_id"],
        }  # fmt: skip

    # --- the course -------------------------------------------------------------------------------

    def _decisions(self) -> None:
        rated: dict[Place, dict[str, dict[str, Any]]] = defaultdict(dict)
        for o in self._batch.occurrences:
            if o["type"] == "decision_rated":
                detail = o["detail"]
                rated[_place(o)][o["subject"]] = {
                    "elapsed_s": o["at_s"], "timestamp": _us(o["created_at"]), "cdp_title": detail["title"],
                    "rating": detail["rating"], "explanation": detail["explanation"], "rated_by": "rules",
                }  # fmt: skip
        for j in self._batch.judgements:
            here = rated[_place(j)].setdefault(j["decision"], {"cdp_title": j["decision"]})
            here |= {
                "rating": j["rating"], "explanation": j["explanation"], "rated_by": "instructor",
                "timestamp": _us(j["created_at"]),
            }  # fmt: skip
        self._rated = {place: list(found.values()) for place, found in rated.items()}
        for place, found in sorted(rated.items()):
            ordered = sorted(found.items(), key=lambda each: each[1].get("elapsed_s") or 0.0)
            for number, (name, decision) in enumerate(ordered, start=1):
                weight = WEIGHTS.get(Rating(decision["rating"]))
                self._add(
                    "cdp_evaluations",
                    place,
                    decision | {"sequence": number, "cdp_id": name, "weight": weight},
                )

    def _course(self) -> None:
        answers = {
            (_place(o), o["subject"]): o["detail"]
            for o in self._batch.occurrences
            if o["type"] == "challenge_answered"
        }
        wrong = {
            (_place(o), o["detail"]["treatment"], o["at_s"])
            for o in self._batch.occurrences
            if o["type"] == "medication_event" and o["detail"]["severity"] == "error"
        }
        counts: dict[tuple[str, Place], int] = Counter()
        challenges: Counter[str] = Counter()
        for o in self._batch.occurrences:
            place, detail = _place(o), o["detail"]
            when = {"elapsed_s": o["at_s"], "timestamp": _us(o["created_at"])}
            made = [("critical_actions_timeline", _logged(o["type"], detail))]
            if o["type"] == "state_changed":
                made.append(("state_history", _state(detail)))
            elif o["type"] == "medication_event":
                self._events[place][detail["severity"]] += 1
                made.append(("medication_events", _medication_event(detail)))
            elif o["type"] == "treatment_given" and self._is_medication(place, detail["treatment"]):
                error = (place, detail["treatment"], o["at_s"]) in wrong or not detail["safe"]
                made.append(("medications_administered", _administration(detail, error=error)))
            elif o["type"] == "challenge_opened":
                self._events[place]["challenge"] += 1
                challenges[place[0]] += 1
                answer = answers.get((place, o["subject"]))
                opened = _challenge(detail, answer) | {"challenge_number": challenges[place[0]]}
                self._add("challenge_points_usage", place, when | opened)
            for table, row in made:
                counts[table, place] += 1
                self._add(table, place, when | row | {"sequence": counts[table, place]})
        self._logged = {place: count for (table, place), count in counts.items() if table.startswith("crit")}

    def _is_medication(self, place: Place, treatment: str) -> bool:
        return treatment in self._batch.medications.get(self._runs[place]["content_hash"], frozenset())

    def _signs(self) -> None:
        for v in self._batch.vital_signs:
            signs = {sign: v[sign] for sign in SIGNS}
            self._add(
                "vital_signs",
                _place(v),
                signs
                | {
                    "sequence": v["ordinal"] + 1,
                    "elapsed_s": v["at_s"],
                    "timestamp": _us(v["created_at"]),
                    "patient_state": v["patient_state"],
                },
            )

    def _add(self, table: str, place: Place, row: dict[str, Any]) -> None:
        self.rows[table].append(self._start(place) | row)

    # --- totals -----------------------------------------------------------------------------------

    def _scenarios(self) -> None:
        for place, run in self._runs.items():
            performance = run["performance"] or {}
            checklist = performance.get("checklistResults") or {}
            score = _score(self._rated.get(place, ()))
            events = self._events[place]
            self.rows["scenario_performance"].append(
                self._start(place)
                | _scores(score, "score")
                | {final: run[sign] for final, sign in _FINAL.items()}
                | {
                    "scenario_title": run["title"],
                    "scenario_version": run["version"],
                    "engine_version": run["engine_version"],
                    "scenario_status": run["status"],
                    "started_at": _us(run["started_at"]),
                    "completed_at": _us(run["ended_at"]),
                    "duration_s": run["elapsed_s"],
                    "medication_errors": events["error"],
                    "medication_warnings": events["warning"],
                    "safety_score": safety_score(events["error"], events["warning"]),
                    "critical_actions_completed": len(checklist["completed"]) if checklist else None,
                    "critical_actions_missed": len(checklist["missed"]) if checklist else None,
                    "checklist_percentage": checklist.get("percentage"),
                    "challenge_points_count": events["challenge"],
                    "challenge_score": performance.get("challengeScore"),
                    "final_state": run["final_state"] or run["patient_state"],
                    "outcome": run["outcome"],
                }
            )

    def _members(self) -> None:
        runs: dict[str, list[Place]] = defaultdict(list)
        for place in self._runs:
            runs[place[0]].append(place)
        for who, m in self._batch.members:
            begun = runs.get(m["session_id"], [])
            self.rows["students_overview"].append(_overview(who, m, [self._runs[p] for p in begun]))
            self.rows["performance_metrics"].append(self._totals(who, m, begun))
            self._patterns(who, m)

    def _totals(self, who: Who, m: Record, begun: Sequence[Place]) -> dict[str, Any]:
        row = {"student_id": who.student_id, "ab_group": who.arm, "cohort": who.cohort}
        if not begun:
            return row | {"session_id": m["session_id"]}
        decisions = [decision for place in begun for decision in self._rated.get(place, ())]
        events = sum((self._events[place] for place in begun), Counter())
        lists = [(self._runs[p]["performance"] or {}).get("checklistResults") for p in begun]
        ended = [each for each in lists if each]
        points, most = sum(c["points"] for c in ended), sum(c["maxPoints"] for c in ended)
        score = _score(decisions)
        return (
            row
            | _scores(score, "overall_score")
            | {
                "session_id": m["session_id"],
                "performance_level": score.interpretation if score.score is not None else None,
                "instructor_ratings": sum(d["rated_by"] == "instructor" for d in decisions),
                "medication_errors": events["error"],
                "medication_warnings": events["warning"],
                "safety_violations": events["error"],
                "safety_score": safety_score(events["error"], events["warning"]),
                "critical_actions_count": sum(self._logged.get(place, 0) for place in begun),
                "critical_actions_completed": sum(len(c["completed"]) for c in ended) if ended else None,
                "critical_actions_missed": sum(len(c["missed"]) for c in ended) if ended else None,
                "checklist_percentage": to_tenth(100 * points, most) if most else None,
                "challenge_points_count": events["challenge"],
                "challenge_score": self._challenge_score(m["session_id"]),
            }
        )

    def _challenge_score(self, session: str) -> float | None:
        asked = [r for r in self.rows["challenge_points_usage"] if r["session_id"] == session]
        qualities = Counter(r["quality"] for r in asked if r["quality"] is not None)
        return challenges_of_counts(len(asked), qualities).score

    # --- words ------------------------------------------------------------------------------------

    def _words(self) -> None:
        reviews: Counter[str] = Counter()
        for m in self._batch.messages:
            who, content = self._who[m["session_id"]], m["content"]
            row = {
                "student_id": who.student_id, "session_id": m["session_id"], "message_number": m["seq"],
                "role": m["role"], "timestamp": _us(m["created_at"]), "characters": len(content),
                "words": len(content.split()), "content": content,
            }  # fmt: skip
            part = m["part"]
            more = {"scenario_number": None if part is None else part + 1, "agent": m["agent"],
                    "elapsed_s": m["clinical_s"]}  # fmt: skip
            self.rows["messages"].append(row | more)
            if m["agent"] == _REVIEW:
                reviews[m["session_id"]] += 1
                self.rows["aar_transcripts"].append(row | {"message_number": reviews[m["session_id"]]})

    def _patterns(self, who: Who, m: Record) -> None:
        start = {"student_id": who.student_id, "session_id": m["session_id"]}
        for number, response in enumerate((m["coach"] or {}).get("responses", ()), start=1):
            self.rows["coach_answers"].append(
                start
                | {
                    "question_number": number,
                    "question_id": response["question"],
                    "reasoning": response["reasoning"],
                }
            )
        for category, found in (m["pattern_analysis"] or {}).items():
            for pattern in found if isinstance(found, list) else ():
                self.rows["pattern_analysis"].append(start | _pattern(category, pattern))


def _overview(who: Who, m: Record, runs: Sequence[Record]) -> dict[str, Any]:
    begun, ended = m["started_at"], m["completed_at"]
    return dict(who.identity) | {
        "student_id": who.student_id,
        "ab_group": who.arm,
        "cohort": who.cohort,
        "session_id": m["session_id"],
        "session_started": _us(begun),
        "session_completed": _us(ended),
        "session_status": m["status"],
        "session_complete": m["status"] == "COMPLETED",
        "simulation_sessions": m["sessions"] or 0,
        "challenge_points_enabled": m["challenge_points_enabled"],
        "scenarios_assigned": m["scenarios_assigned"],
        "scenarios_completed": sum(run["status"] == "COMPLETED" for run in runs),
        "total_duration_s": (ended - begun).total_seconds() if ended else None,
        "total_messages": m["total_messages"],
        "student_messages": m["student_messages"],
        "student_words": m["student_words"],
        "time_scale": m["time_scale"],
    }


def _place(row: Record) -> Place:
    return row["session_id"], row["scenario_index"]


def _us(moment: datetime | None) -> int | None:
    """Microseconds since 1970, exactly."""
    if moment is None:
        return None
    return int(moment.timestamp()) * 1_000_000 + moment.microsecond


def _score(decisions: Iterable[Record]) -> OverallScore:
    return score_of_counts(Counter(Rating(decision["rating"]) for decision in decisions))


def _scores(score: OverallScore, name: str) -> dict[str, Any]:
    counts = {f"{rating.value}_decisions": number for rating, number in score.counts.items()}
    came_up = sum(score.counts.values())
    points = sum(weight * score.counts[rating] for rating, weight in WEIGHTS.items())
    with_zero = to_tenth(points, came_up) if came_up else None
    return counts | {name: score.score, "total_cdps": score.total, "score_not_performed_zero": with_zero}


def _logged(kind: str, detail: Record) -> dict[str, Any]:
    """An occurrence as the critical actions timeline names it."""
    name, more = _LOGGED[kind]
    action, about, details = name(detail)
    return _named(action, about, **details) | {column: detail[key] for column, key in more.items()}


def _medication_log(detail: Record) -> tuple[str, str, dict[str, Any]]:
    action = "dangerous_medication_given" if detail["severity"] == "error" else "medication_warning"
    return action, detail["name"], {"kind": detail["kind"], "reason": detail["reason"]}


_DOSES = {"dose": "dose", "dose_unit": "unit", "route": "route"}
_LOGGED: Mapping[str, tuple[Callable[[Record], tuple[str, str, dict[str, Any]]], Mapping[str, str]]] = {
    "treatment_given": (lambda d: ("treatment_given", d["name"], {"impact": d["impact"]}), _DOSES),
    "medication_event": (_medication_log, {}),
    "decision_rated": (lambda d: ("cdp_evaluation", d["title"], {}), {"rating": "rating"}),
    "challenge_opened": (lambda d: ("challenge_point_triggered", d["challenge"], {}), {}),
    "challenge_answered": (lambda d: ("challenge_evaluated", d["challenge"], {}), {"quality": "quality"}),
    "checklist_done": (
        lambda d: ("critical_action_done", d["action"], {"importance": d["importance"]}),
        {"category": "category", "points": "points", "on_time": "on_time"},
    ),
    "state_changed": (
        lambda d: (f"state_change_to_{d['state']}", d["state"], {"reason": d["reason"]}),
        {},
    ),
}
"""By type: how an entry is named, and which columns its fields have."""


def _named(action: str, name: str, **details: Any) -> dict[str, Any]:
    rest = orjson.dumps(details, option=orjson.OPT_SORT_KEYS).decode() if details else None
    return {"action_type": action, "action_name": name, "details": rest}


def _dose(detail: Record) -> dict[str, Any]:
    return {column: detail[key] for column, key in _DOSES.items()}


def _state(detail: Record) -> dict[str, Any]:
    signs = {sign: detail["vitals"].get(sign) for sign in SIGNS}
    named = {"previous_state": detail["previous"] or None, "state": detail["state"]}
    return signs | named | {"reason": detail["reason"] or None}


def _medication_event(detail: Record) -> dict[str, Any]:
    return {
        "severity": detail["severity"], "event_kind": detail["kind"], "medication_id": detail["treatment"],
        "medication": detail["name"], "reason": detail["reason"],
    }  # fmt: skip


def _administration(detail: Record, *, error: bool) -> dict[str, Any]:
    named = {"medication_id": detail["treatment"], "medication": detail["name"], "impact": detail["impact"]}
    return _dose(detail) | named | {"medication_error": error}


def _challenge(detail: Record, answer: Record | None) -> dict[str, Any]:
    opened = {
        "challenge_id": detail["challenge"], "challenge_text": detail["question"],
        "context": detail["context"] or None, "answered": answer is not None, "quality": None,
    }  # fmt: skip
    if answer is None:
        return opened
    return opened | {
        "skipped": answer["skipped"],
        "response_s": answer["response_s"],
        "quality": answer["quality"],
        "concepts_found": len(answer["found"]),
        "concepts_expected": len(answer["found"]) + len(answer["missing"]),
        "response": answer["response"],
    }


def _pattern(category: str, pattern: Mapping[str, Any]) -> dict[str, Any]:
    data = pattern.get("data")
    return {
        "category": category,
        "pattern_name": pattern["patternName"],
        "detected": pattern["detected"],
        "is_strength": pattern["isStrength"],
        "severity": pattern["severity"],
        "priority": pattern["priority"],
        "educational_focus": pattern["educationalFocus"] or None,
        "data": orjson.dumps(data, option=orjson.OPT_SORT_KEYS).decode() if data else None,
    }
