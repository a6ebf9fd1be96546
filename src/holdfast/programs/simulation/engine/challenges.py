"""Challenge points: when one interrupts, whether a text answers it, and how good the answer is.

A challenge is looked for after the student's message has taken effect, so the treatment named in that
message is still given. One is open at a time, each opens once, and a message that answers one does
not open the next. While one is open the student may go on acting.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

from holdfast.kit.errors import WrongStep
from holdfast.programs.simulation.engine.course import Course
from holdfast.programs.simulation.engine.facts import Action, ChallengeAnswered, ChallengeOpened
from holdfast.programs.simulation.engine.rules import Rules
from holdfast.programs.simulation.scenario.judgement import ChallengePoint, ChallengeResolution

REASONING_WORDS = (
    "because", "since", "therefore", "thus", "hence", "due to", "so that", "in order to", "otherwise",
    "which means", "this means", "as a result", "leads to", "caused by", "reason", "reasoning", "rationale",
    "to avoid", "to prevent", "to reduce", "to improve", "to relieve", "i think", "i believe", "i suspect",
    "i am concerned", "i'm concerned", "i am worried", "i'm worried", "risk", "benefit",
)  # fmt: skip
"""Words by which a text reads as reasoning; any of them makes it a reply."""

LONG_REPLY_WORDS = 20
"""A text of so many words reads as a reply and as reasoning."""

SKIP_PHRASES = frozenset({
    "skip", "pass", "not sure", "unsure", "don't know", "do not know", "dont know", "no idea", "no clue",
    "have no idea", "no comment", "can't say", "cannot say", "next", "next question", "move on", "go on",
    "nothing", "no answer", "rather not", "don't want to answer", "rather not say",
})  # fmt: skip
"""What a reply that declines consists of, apart from `FILLER_WORDS`."""

FILLER_WORDS = frozenset({
    "i", "i'm", "im", "i'd", "am", "i've", "would", "really", "please", "sorry", "um", "uh", "er", "hmm",
    "well", "just", "honestly", "actually", "let's", "lets", "we", "can", "could", "to", "the", "this",
    "that", "it", "one", "question", "challenge", "ok", "okay", "yet", "now", "at", "all", "about", "for",
})  # fmt: skip
"""Words that add nothing to a reply that declines."""

Quality = Literal["excellent", "good", "basic", "poor", "skipped"]

_BARE_SKIPS = frozenset(
    " ".join(word for word in phrase.split() if word not in FILLER_WORDS) for phrase in SKIP_PHRASES
) - {""}
_EXCELLENT, _GOOD, _BASIC = 0.75, 0.5, 0.25
_INFLECTION = r"(?:s|es|d|ed|ing)?"


def is_challenge_reply(challenge: ChallengePoint, text: str) -> bool:
    """Whether a text answers the challenge: it reasons, names an expected word, is long, or declines."""
    return reads_as_reasoning(text) or is_skip(text) or bool(_concepts(challenge, text))


def reads_as_reasoning(text: str) -> bool:
    """Whether a text holds a reasoning word or at least `LONG_REPLY_WORDS` words."""
    plain = _plain(text)
    return len(plain.split()) >= LONG_REPLY_WORDS or any(_contains(plain, word) for word in REASONING_WORDS)


def is_skip(text: str) -> bool:
    """Whether the whole text does nothing but decline to answer."""
    words = re.sub(r"[^\w'\s]", " ", _plain(text)).split()
    if " ".join(words) in SKIP_PHRASES:
        return True
    return " ".join(word for word in words if word not in FILLER_WORDS) in _BARE_SKIPS


def open_due(rules: Rules, course: Course) -> None:
    """Open the first challenge by priority whose trigger holds, if one may open now."""
    if not course.challenges or course.open_challenge or course.outcome is not None:
        return
    if len(course.asked) >= rules.maximum_challenges:
        return
    for rule in rules.challenges:
        if rule.challenge.id in course.asked or not rule.trigger(course):
            continue
        if rule.skip is None or not rule.skip(course):
            _open(course, rule.challenge)
            return


def reply(rules: Rules, course: Course, action: Action) -> None:
    """Rate the reply to the open challenge and close it.

    Raises:
        WrongStep: that challenge is not open.
    """
    if not action.target or action.target != course.open_challenge:
        raise WrongStep(f"The challenge '{action.target}' is not open.", field="target", expected="message")
    challenge = _by_id(rules, action.target)
    if is_skip(action.text):
        _close(course, challenge, action.text, "skipped", ())
        return
    found = _concepts(challenge, action.text)
    _close(course, challenge, action.text, _quality(challenge, action.text, found), found)


def skip_open(rules: Rules, course: Course) -> None:
    """Close the open challenge, if there is one, as skipped without a word."""
    if course.open_challenge:
        _close(course, _by_id(rules, course.open_challenge), "", "skipped", ())


def _by_id(rules: Rules, name: str) -> ChallengePoint:
    return next(rule.challenge for rule in rules.challenges if rule.challenge.id == name)


def _open(course: Course, challenge: ChallengePoint) -> None:
    course.asked = (*course.asked, challenge.id)
    course.open_challenge = challenge.id
    course.asked_s = course.elapsed_s
    expected = tuple(element.concept for element in challenge.expected)
    course.occurrences.append(
        ChallengeOpened(course.elapsed_s, challenge.id, challenge.question, challenge.context, expected)
    )


def _close(
    course: Course, challenge: ChallengePoint, text: str, quality: Quality, found: tuple[str, ...]
) -> None:
    since_s = course.elapsed_s if course.asked_s is None else course.asked_s
    course.open_challenge = course.asked_s = None
    course.occurrences.append(
        ChallengeAnswered(
            course.elapsed_s,
            challenge.id,
            text,
            quality == "skipped",
            quality,
            found,
            tuple(e.concept for e in challenge.expected if e.concept not in found),
            round(course.elapsed_s - since_s, 3),
            _says(challenge.resolution, quality),
        )
    )


def _quality(challenge: ChallengePoint, text: str, found: tuple[str, ...]) -> Quality:
    """By the share of expected concepts; without any, by whether the text reasons."""
    if not challenge.expected:
        return "good" if reads_as_reasoning(text) else "basic"
    share = len(found) / len(challenge.expected)
    if share >= _EXCELLENT:
        return "excellent"
    if share >= _GOOD:
        return "good"
    return "basic" if share >= _BASIC else "poor"


def _says(resolution: ChallengeResolution, quality: Quality) -> str:
    if quality in ("excellent", "good"):
        return resolution.good
    return resolution.partial if quality == "basic" else resolution.struggling


def _concepts(challenge: ChallengePoint, text: str) -> tuple[str, ...]:
    plain = _plain(text)
    return tuple(
        element.concept
        for element in challenge.expected
        if any(_contains(plain, keyword) for keyword in element.keywords)
    )


def _plain(text: str) -> str:
    return " ".join(text.casefold().replace("\u2019", "'").split())


def _contains(plain: str, words: str) -> bool:
    return _pattern(words).search(plain) is not None


@lru_cache(maxsize=4096)
def _pattern(words: str) -> re.Pattern[str]:
    """Whole words in any case, with a simple English ending allowed on the last."""
    return re.compile(rf"(?<!\w){re.escape(_plain(words))}{_INFLECTION}(?!\w)")
