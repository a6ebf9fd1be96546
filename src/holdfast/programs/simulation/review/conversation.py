"""The after-action review as an explicit, stored state machine; ``wording`` puts it into sentences.

Phases: opening, scenario_review, pattern_analysis, action_plan, closing, complete. In each of the three
middle phases the student reflects before any feedback is given, scenario by scenario; feedback comes as
Sustain, Improve, Apply. The structure is that of PEARLS (Eppich and Cheng 2015, Simulation in
Healthcare 10(2)): reactions, description, analysis, summary. The review ends by itself with the reply to
the closing; a request to end leads to the closing at once.

The state carries all it talks about (briefs, patterns, action items), fixed when the review began, so
that it goes on after any restart exactly as it was.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Any

from holdfast.kit.errors import WrongStep
from holdfast.programs.simulation.listening import names, wants_to_end
from holdfast.programs.simulation.review.brief import Point, ScenarioBrief, brief_of
from holdfast.programs.simulation.review.patterns import Pattern, PatternAnalysis
from holdfast.programs.simulation.review.plan import ActionItem, action_items
from holdfast.programs.simulation.review.snapshot import RunSnapshot
from holdfast.programs.simulation.review.stored import Stored
from holdfast.programs.simulation.scoring import score_session

SHORT_REPLY_WORDS = 4


class Phase(StrEnum):
    """The phases of the review, in order."""

    OPENING = "opening"
    SCENARIO_REVIEW = "scenario_review"
    PATTERN_ANALYSIS = "pattern_analysis"
    ACTION_PLAN = "action_plan"
    CLOSING = "closing"
    COMPLETE = "complete"


class Step(StrEnum):
    """Within a phase: the student reflects first, feedback follows."""

    REFLECTION = "reflection"
    FEEDBACK = "feedback"


class Reply(StrEnum):
    """How the student's last text is acknowledged."""

    BRIEF = "brief"
    SELF_CRITICAL = "self_critical"
    CONTENT = "content"
    NEUTRAL = "neutral"


class ReviewState(Stored):
    """The stored state of the review.

    Attributes:
        scenario: 0-based position among `briefs` while scenarios are reviewed.
        overall: the session's overall score, 0 to 100, or none.
        turns: how many texts of the student were taken up; it varies the phrasing.
        ended_early: whether the student asked to end.
    """

    phase: Phase
    step: Step = Step.REFLECTION
    scenario: int = 0
    overall: float | None = None
    briefs: tuple[ScenarioBrief, ...] = ()
    patterns: tuple[Pattern, ...] = ()
    items: tuple[ActionItem, ...] = ()
    turns: int = 0
    ended_early: bool = False

    @property
    def complete(self) -> bool:
        """Whether the review is over."""
        return self.phase is Phase.COMPLETE


class Say(Stored):
    """What the facilitator says next, as content; a model or `wording.render` makes the sentences.

    Attributes:
        acknowledge: how to take up what the student just said; none at the beginning.
        noticed: points of the coming feedback that the student named without help.
        answers: what the facts say to a question that the student asked.
        brief: the scenario talked about; with the step feedback its points are given, before not.
        position, of: which scenario this is (1-based) and of how many.
        patterns, items: given in the feedback of their phases.
        overall: the session's score, said with the action plan and the closing only.
    """

    phase: Phase
    step: Step = Step.REFLECTION
    acknowledge: Reply | None = None
    noticed: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    brief: ScenarioBrief | None = None
    position: int = 0
    of: int = 0
    patterns: tuple[Pattern, ...] = ()
    items: tuple[ActionItem, ...] = ()
    overall: float | None = None
    ended_early: bool = False
    turn: int = 0

    @property
    def completed(self) -> bool:
        """Whether this is the last word."""
        return self.phase is Phase.COMPLETE


def begin(
    snapshots: Sequence[RunSnapshot], analysis: PatternAnalysis, overall: float | None = None
) -> tuple[ReviewState, Say]:
    """Open the review of these runs.

    Args:
        snapshots: one per scenario, in the order played; none makes a review without scenarios.
        analysis: the patterns of the same runs; those for discussion are taken over.
        overall: the session's overall score, 0 to 100, where it is known already; without it the
            decisions of the runs are pooled.
    """
    if overall is None:
        overall = score_session([run.score for run in snapshots]).overall.score
    briefs = tuple(brief_of(run) for run in snapshots)
    patterns = analysis.for_discussion
    items = action_items(briefs, analysis.detected, overall)
    state = ReviewState(phase=Phase.OPENING, overall=overall, briefs=briefs, patterns=patterns, items=items)
    return state, _say(state)


def reply(state: ReviewState, text: str) -> tuple[ReviewState, Say]:
    """What the student's text leads to.

    Raises:
        WrongStep: when the review is complete.
    """
    if state.complete:
        raise WrongStep("The review is complete.", expected="none")
    turned = state.model_copy(update={"turns": state.turns + 1})
    if wants_to_end(text) and state.phase is not Phase.CLOSING:
        moved = turned.model_copy(
            update={"phase": Phase.CLOSING, "step": Step.REFLECTION, "ended_early": True}
        )
        return moved, _say(moved)
    moved = turned.model_copy(update=_next(state))
    heard = {"acknowledge": _heard(text), "answers": _answers(state, text)}
    if moved.phase is Phase.SCENARIO_REVIEW and moved.step is Step.FEEDBACK:
        heard["noticed"] = _noticed(moved.briefs[moved.scenario], text)
    return moved, _say(moved).model_copy(update=heard)


def _next(state: ReviewState) -> dict[str, Any]:
    """The place after this one."""
    if state.phase is Phase.CLOSING:
        return _at(Phase.COMPLETE)
    if state.phase is Phase.OPENING:
        return _at(Phase.SCENARIO_REVIEW) if state.briefs else _after_scenarios(state)
    if state.step is Step.REFLECTION:
        return {"step": Step.FEEDBACK}
    if state.phase is Phase.SCENARIO_REVIEW:
        if state.scenario + 1 < len(state.briefs):
            return {"step": Step.REFLECTION, "scenario": state.scenario + 1}
        return _after_scenarios(state)
    return _at(Phase.ACTION_PLAN if state.phase is Phase.PATTERN_ANALYSIS else Phase.CLOSING)


def _after_scenarios(state: ReviewState) -> dict[str, Any]:
    return _at(Phase.PATTERN_ANALYSIS if state.patterns else Phase.ACTION_PLAN)


def _at(phase: Phase) -> dict[str, Any]:
    return {"phase": phase, "step": Step.REFLECTION}


def _say(state: ReviewState) -> Say:
    """The content of the place the state is at; nothing that is to come after a reflection."""
    feedback = state.step is Step.FEEDBACK
    in_scenario = state.phase is Phase.SCENARIO_REVIEW
    ending = state.phase in (Phase.CLOSING, Phase.COMPLETE)
    planning = state.phase is Phase.ACTION_PLAN and feedback
    return Say(
        phase=state.phase,
        step=state.step,
        brief=_shown(state.briefs[state.scenario], feedback=feedback) if in_scenario else None,
        position=state.scenario + 1 if in_scenario else 0,
        of=len(state.briefs),
        patterns=state.patterns if state.phase is Phase.PATTERN_ANALYSIS and feedback else (),
        items=state.items if planning or ending else (),
        overall=state.overall if planning or ending else None,
        ended_early=state.ended_early,
        turn=state.turns,
    )


def _shown(brief: ScenarioBrief, *, feedback: bool) -> ScenarioBrief:
    """Before the student has reflected, only the description: neither score nor points."""
    if feedback:
        return brief
    hidden = {"score": None, "checklist_percentage": None, "sustain": (), "improve": (), "apply": ()}
    return brief.model_copy(update=hidden)


_CRITICAL_WORDS = (
    "wrong mistake bad badly late slow forgot missed failed error nervous stress stressed panic unsure"
    " panicked difficult hard terrible awful worse"
)
_CONTENT_WORDS = "good well great fine happy proud confident calm satisfied pleased"
_CRITICAL = frozenset(_CRITICAL_WORDS.split())
_CONTENT = frozenset(_CONTENT_WORDS.split())


def _heard(text: str) -> Reply:
    words = re.findall(r"\w+", text.casefold())
    if len(words) <= SHORT_REPLY_WORDS:
        return Reply.BRIEF
    if not _CRITICAL.isdisjoint(words):
        return Reply.SELF_CRITICAL
    return Reply.NEUTRAL if _CONTENT.isdisjoint(words) else Reply.CONTENT


def _noticed(brief: ScenarioBrief, text: str) -> tuple[str, ...]:
    return tuple(point.about for point in _points(brief) if point.about and names(text, point.about))[:2]


def _points(brief: ScenarioBrief) -> tuple[Point, ...]:
    return (*brief.improve, *brief.sustain)


def _answers(state: ReviewState, text: str) -> tuple[str, ...]:
    """One fact or lesson on what a question is about, from scenarios whose feedback was given."""
    if "?" not in text:
        return ()
    question = " ".join(part for part in text.replace("!", ".").split(".") if "?" in part)
    told = state.briefs
    if state.phase in (Phase.OPENING, Phase.SCENARIO_REVIEW):
        told = told[: state.scenario + (state.step is Step.FEEDBACK)]
    for point in (point for brief in reversed(told) for point in (*_points(brief), *brief.apply)):
        if names(question, point.about):
            return (point.why or point.text,)
    return ()
