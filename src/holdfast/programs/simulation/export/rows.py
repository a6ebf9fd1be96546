"""The rows of the simulation's tables from what its statements yield. Pure.

Every score is that of the program's own rules, over the ratings as they stand now: an instructor's rating
counts in place of the automatic one, also when it came after the session was complete.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from holdfast.programs.simulation.export import TABLES
from holdfast.programs.simulation.export.batch import Batch, Place, Who
from holdfast.programs.simulation.export.entries import (
    SIGNS,
    administration,
    challenge,
    logged,
    medication_event,
    microseconds,
    pattern,
    state,
)
from holdfast.programs.simulation.export.totals import overview, score_of, scores
from holdfast.programs.simulation.scenario.vocabulary import Rating
from holdfast.programs.simulation.scoring.challenges import challenges_of_counts
from holdfast.programs.simulation.scoring.decisions import WEIGHTS
from holdfast.programs.simulation.scoring.rounding import to_tenth
from holdfast.programs.simulation.scoring.safety import safety_score
from holdfast.programs.simulation.stored import Columns as Record

_FINAL = dict(zip(("final_hr", "final_rr", *(f"final_{sign}" for sign in SIGNS[2:])), SIGNS, strict=True))
_REVIEW = "aar_agent"


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
                    "elapsed_s": o["at_s"], "timestamp": microseconds(o["created_at"]),
                    "cdp_title": detail["title"],
                    "rating": detail["rating"], "explanation": detail["explanation"], "rated_by": "rules",
                }  # fmt: skip
        for j in self._batch.judgements:
            here = rated[_place(j)].setdefault(j["decision"], {"cdp_title": j["decision"]})
            here |= {
                "rating": j["rating"], "explanation": j["explanation"], "rated_by": "instructor",
                "timestamp": microseconds(j["created_at"]),
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
            when = {"elapsed_s": o["at_s"], "timestamp": microseconds(o["created_at"])}
            made = [("critical_actions_timeline", logged(o["type"], detail))]
            if o["type"] == "state_changed":
                made.append(("state_history", state(detail)))
            elif o["type"] == "medication_event":
                self._events[place][detail["severity"]] += 1
                made.append(("medication_events", medication_event(detail)))
            elif o["type"] == "treatment_given" and self._is_medication(place, detail["treatment"]):
                error = (place, detail["treatment"], o["at_s"]) in wrong or not detail["safe"]
                made.append(("medications_administered", administration(detail, error=error)))
            elif o["type"] == "challenge_opened":
                self._events[place]["challenge"] += 1
                challenges[place[0]] += 1
                answer = answers.get((place, o["subject"]))
                opened = challenge(detail, answer) | {"challenge_number": challenges[place[0]]}
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
                    "timestamp": microseconds(v["created_at"]),
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
            score = score_of(self._rated.get(place, ()))
            events = self._events[place]
            self.rows["scenario_performance"].append(
                self._start(place)
                | scores(score, "score")
                | {final: run[sign] for final, sign in _FINAL.items()}
                | {
                    "scenario_title": run["title"],
                    "scenario_version": run["version"],
                    "engine_version": run["engine_version"],
                    "scenario_status": run["status"],
                    "started_at": microseconds(run["started_at"]),
                    "completed_at": microseconds(run["ended_at"]),
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
            self.rows["students_overview"].append(overview(who, m, [self._runs[p] for p in begun]))
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
        score = score_of(decisions)
        return (
            row
            | scores(score, "overall_score")
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
                "role": m["role"], "timestamp": microseconds(m["created_at"]), "characters": len(content),
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
            for each in found if isinstance(found, list) else ():
                self.rows["pattern_analysis"].append(start | pattern(category, each))


def _place(row: Record) -> Place:
    return row["session_id"], row["scenario_index"]
