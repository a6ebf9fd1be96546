"""The scripted facilitator's sentences: warm, short, and always question before judgement."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from holdfast.programs.simulation.review.brief import Point, ScenarioBrief
from holdfast.programs.simulation.review.conversation import Phase, Reply, Say, Step
from holdfast.programs.simulation.review.patterns import Pattern
from holdfast.programs.simulation.review.patterns.pattern import minutes

_ACKNOWLEDGE: dict[Reply, tuple[str, ...]] = {
    Reply.BRIEF: ("Thank you.", "All right.", "Thanks."),
    Reply.SELF_CRITICAL: (
        "Thank you for being so open about that; seeing it yourself is most of the way.",
        "It takes honesty to say that. It is what a review is for.",
        "I hear that this was not easy. Let us look at it together.",
    ),
    Reply.CONTENT: (
        "Good to hear, and worth knowing why it went that way.",
        "It is useful to notice what worked.",
        "I am glad. Let us see what made the difference.",
    ),
    Reply.NEUTRAL: (
        "Thank you, that helps me see it through your eyes.",
        "That is a clear account, thank you.",
        "Thank you for thinking that through.",
    ),
}

_ENDINGS = {
    "handed_over": "and ended with the handover",
    "stabilised": "and ended with the patient stable",
    "lost": "and the patient was lost",
    "time": "until the time was up",
}


def render(say: Say) -> str:
    """What is said as plain text: paragraphs, with points as dashed lines."""
    parts = [*_opening_words(say), *_BODIES[say.phase](say)]
    return "\n\n".join(part for part in parts if part)


def _opening_words(say: Say) -> Iterable[str]:
    if say.acknowledge and say.phase is not Phase.COMPLETE:
        variants = _ACKNOWLEDGE[say.acknowledge]
        yield variants[say.turn % len(variants)]
    if say.answers:
        yield f"To your question: {' '.join(say.answers)}"


def _opening(say: Say) -> list[str]:
    cases = "the scenario" if say.of == 1 else f"the {say.of} scenarios"
    welcome = (
        "Welcome to the after-action review. This is a conversation, not an examination: what counts is what "
        f"you take with you. We will go through {cases}, look for what runs through, and end with a short "
        "plan. You can end whenever you like by saying so."
    )
    return [welcome, "First of all: how do you feel after this session, in a few words?"]


def _scenario(say: Say) -> list[str]:
    if say.brief is None:
        return []
    return _feedback(say, say.brief) if say.step is Step.FEEDBACK else _reflection(say, say.brief)


def _reflection(say: Say, brief: ScenarioBrief) -> list[str]:
    which = f"Scenario {say.position} of {say.of}: " if say.of > 1 else ""
    ending = _ENDINGS.get(brief.outcome or "", "and was broken off")
    question = (
        "Before I say anything: what was the main problem as you saw it, what went well, and what would you "
        "do differently?"
    )
    return [f"{which}{brief.title}. It lasted {minutes(brief.duration_s)} min {ending}.", question]


def _feedback(say: Say, brief: ScenarioBrief) -> list[str]:
    noticed = " and ".join(f'"{name}"' for name in say.noticed)
    said = [f"You brought up {noticed} yourself, and I saw the same." if noticed else ""]
    said.append(
        _listed("Sustain", brief.sustain, "nothing stood out by itself; name one thing you would keep.")
    )
    said.append(_listed("Improve", brief.improve, "nothing stands out that needs correction."))
    said.append(_listed("Apply", brief.apply, ""))
    if brief.complication:
        said.append("The turn for the worse would have come in spite of good care; it was not your doing.")
    said.append("What from this case will you use with your next patient?")
    return said


def _listed(heading: str, points: Iterable[Point], otherwise: str) -> str:
    lines = [f"- {point.text}" for point in points]
    if not lines:
        return f"{heading}: {otherwise}" if otherwise else ""
    return "\n".join([f"{heading}:", *lines])


def _patterns(say: Say) -> list[str]:
    if say.step is Step.REFLECTION:
        across = "in this scenario" if say.of == 1 else "across the scenarios"
        return [f"Let us step back. Looking {across}, what did you do in the same way again and again?"]
    head = "Here is what I noticed:" if say.of == 1 else "Here is what runs through the whole session:"
    lines = "\n".join(f"- {_pattern_line(pattern)}" for pattern in say.patterns)
    return [f"{head}\n{lines}", "Which of these do you recognise, and where do you think it comes from?"]


def _pattern_line(pattern: Pattern) -> str:
    sort = "Strength" if pattern.is_strength else "To work on"
    return f"{sort}: {pattern.talking_point} {pattern.educational_focus}"


def _plan(say: Say) -> list[str]:
    if say.step is Step.REFLECTION:
        return [
            "Now to what comes next. If you could change one thing for your next shift, what would it be?"
        ]
    lines = "\n".join(
        f"{number}. {item.do} ({item.because.rstrip('.')}.)" for number, item in enumerate(say.items, start=1)
    )
    return [
        f"That belongs on the plan. I suggest these {len(say.items)} points beside it:\n{lines}",
        "Which one will you begin with, and when?",
    ]


def _closing(say: Say) -> list[str]:
    said = ["Of course, we end here." if say.ended_early else "Then let us close."]
    if say.overall is not None:
        said.append(f"Over all decisions your score is {say.overall:g} of 100.")
    if say.items:
        said.append(f"If you keep only one thing, let it be this: {say.items[0].do}")
    said.append("What is the one sentence you take away from today?")
    return said


def _complete(say: Say) -> list[str]:
    end = "The review is complete." if say.ended_early else "The review and with it the session are complete."
    return [f"Thank you for your work and your openness. {end} All the best for your next patient."]


_BODIES: dict[Phase, Callable[[Say], list[str]]] = {
    Phase.OPENING: _opening,
    Phase.SCENARIO_REVIEW: _scenario,
    Phase.PATTERN_ANALYSIS: _patterns,
    Phase.ACTION_PLAN: _plan,
    Phase.CLOSING: _closing,
    Phase.COMPLETE: _complete,
}
