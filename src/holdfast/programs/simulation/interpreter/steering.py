"""How steering words change the mood of a sentence.

The mood is what the last steering word left: *giving*, *negated*, *asked* and so on. ``verbs`` says
what verbs and negations do, ``talk`` what questions, conditions and reports do, and this module what
the marks and words between clauses do.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from holdfast.programs.simulation.interpreter import talk, verbs
from holdfast.programs.simulation.interpreter.cues import VERBS, Cue
from holdfast.programs.simulation.interpreter.entries import word_set
from holdfast.programs.simulation.interpreter.mention import Mood
from holdfast.programs.simulation.interpreter.sense import Sense
from holdfast.programs.simulation.interpreter.sentence import FIRM, LINKS, Sentence

_SILENT = LINKS | {
    Cue.TAG,
    Cue.BREAK,
    Cue.INSTEAD,
    Cue.OPEN,
    Cue.CLOSE,
    Cue.COLON,
    Cue.TO,
}
"""Cues with which a clause has not yet begun."""
_GREETINGS = word_set("hello hi hey sir madam ma'am so well thanks thank good great fine sure")

_Handler: TypeAlias = Callable[[Sentence, str, int, str], None]


def steer(sentence: Sentence, sense: Sense, word: str, index: int, following: str) -> None:
    """Read a steering word: `word` is its last word, `following` the word after it."""
    cue = sense.cue
    if cue is None:
        return
    if sense.opener and not sentence.started and cue is not Cue.ASKER:
        talk.ask(sentence, word, index, following)
    elif cue in VERBS:
        verbs.verb(sentence, cue, index, word)
    elif cue in _HANDLERS:
        _HANDLERS[cue](sentence, word, index, following)
    if cue is not Cue.ADVERB:
        sentence.last = cue
        sentence.previous = "" if cue is Cue.INTENT else word
        sentence.started = sentence.started or (cue not in _SILENT and word not in _GREETINGS)


def filler(sentence: Sentence, word: str) -> None:
    """Read a small word that steers nothing."""
    sentence.last, sentence.previous = Cue.FILLER, word
    sentence.started = sentence.started or word not in _GREETINGS


def term(sentence: Sentence, sense: Sense, word: str, index: int) -> None:
    """Read the name of something that can be done."""
    purpose = sentence.previous == "to" and _gives_in_this_clause(sentence)
    if (sense.lead is Cue.GIVE or sense.lead is Cue.ASSESS) and not sentence.object_due:
        verbs.verb(sentence, sense.lead, index, word)
    elif sense.lead is Cue.QUESTION:
        talk.ask(sentence, word, index, "")
    if not _merged(sentence, sense, word, index):
        sentence.mention(sense, index).dropped = purpose and not sense.doses
    sentence.content("treatment" if sense.treats else "finding")
    sentence.note("term", word)
    sentence.clear = False


def _gives_in_this_clause(sentence: Sentence) -> bool:
    """Whether something was given here already, so that "to calm her" is why and not what."""
    dosed = sentence.dosed
    return sentence.mood is Mood.GIVE and dosed is not None and dosed.clause == sentence.clause


def _merged(sentence: Sentence, sense: Sense, word: str, index: int) -> bool:
    """Whether a device and the oxygen it carries were named together and make one mention."""
    if not sense.doses:
        return False
    other = sentence.dosed
    if other is None or other.clause != sentence.clause or not (sense.device or other.sense.device):
        return False
    if sense.oxygen and other.sense.oxygen:
        if sense.device:
            other.sense, other.route = sense, sense.route or other.route
        return True
    if sense.device and sense.route is not None:
        sentence.route(sense, sense.route, word, index)
        return True
    return False


def _negating(cue: Cue) -> _Handler:
    def handler(sentence: Sentence, word: str, _index: int, _following: str) -> None:
        verbs.negate(sentence, cue, word)

    return handler


def _comma(sentence: Sentence, _word: str, index: int, _following: str) -> None:
    sentence.close_clause()
    sticky = sentence.sticky
    sentence.next_clause(index)
    if sentence.mood is Mood.ASIDE:
        sentence.mood = sentence.saved
    elif sentence.mood in {Mood.PAST, Mood.REPORT, Mood.INTENT}:
        sentence.mood = sentence.mood if sticky else Mood.BARE
        sentence.sticky = sticky
    elif sentence.mood is Mood.NEGATED:
        new = sentence.negation is Cue.NOT_STATE and sentence.first_content != "treatment"
        sentence.mood = Mood.BARE if new else Mood.NEGATED
        sentence.negation_comma = not (sentence.fresh and sentence.negation is Cue.NOT_ORDER)


def _then(sentence: Sentence, _word: str, index: int, _following: str) -> None:
    linked = sentence.last is Cue.COMMA or sentence.last is Cue.JOIN
    sentence.close_clause()
    sentence.next_clause(index)
    mood = sentence.mood
    loose = mood is Mood.NEGATED or (mood is Mood.CONDITIONAL and not sentence.preposed)
    if (loose and linked) or mood not in FIRM | {Mood.GIVE, Mood.DO, Mood.KEEP}:
        sentence.mood = Mood.BARE


def _break(sentence: Sentence, _word: str, index: int, _following: str) -> None:
    sentence.close_clause()
    sentence.next_clause(index)
    conditional = sentence.mood is Mood.CONDITIONAL and sentence.preposed
    if sentence.mood is not Mood.ASKED and not conditional:
        sentence.mood = Mood.BARE


def _join(sentence: Sentence, _word: str, index: int, _following: str) -> None:
    sentence.next_segment(index + 1, index)


def _open(sentence: Sentence, _word: str, index: int, _following: str) -> None:
    sentence.outside = sentence.mood
    sentence.next_segment(index + 1, index)


def _close(sentence: Sentence, _word: str, index: int, _following: str) -> None:
    sentence.close_clause()
    sentence.mood = sentence.outside
    sentence.next_segment(index + 1, index)


def _colon(sentence: Sentence, _word: str, index: int, _following: str) -> None:
    """A finding before a colon is described: "airway: patent"."""
    if sentence.last == "term" and sentence.mood is Mood.BARE and sentence.mentions:
        sentence.mentions[-1].dropped |= not sentence.mentions[-1].sense.treats
    if not (sentence.last == "term" and sentence.mentions and sentence.mentions[-1].sense.doses):
        sentence.next_clause(index)


def _instead(sentence: Sentence, word: str, index: int, following: str) -> None:
    """What stands in the clause of "instead" is given after all: "no nitro, aspirin instead"."""
    if sentence.mood is Mood.NEGATED and sentence.negation_comma:
        for mention in sentence.here():
            mention.mood = Mood.BARE
    _break(sentence, word, index, following)


_HANDLERS: dict[Cue, _Handler] = {
    Cue.NOT_ORDER: _negating(Cue.NOT_ORDER),
    Cue.NOT_STATE: _negating(Cue.NOT_STATE),
    Cue.STOP: _negating(Cue.STOP),
    Cue.HOLD: verbs.hold,
    Cue.BREAK: _break,
    Cue.INSTEAD: _instead,
    Cue.QUESTION: talk.ask,
    Cue.ASKER: talk.asker,
    Cue.REQUEST: talk.request,
    Cue.CONDITION: talk.condition,
    Cue.WHEN: talk.when,
    Cue.WHETHER: talk.whether,
    Cue.ASIDE: talk.aside,
    Cue.PAST: talk.past,
    Cue.REPORT: talk.report,
    Cue.INTENT: talk.intent,
    Cue.AFTERWARDS: talk.afterwards,
    Cue.COMMA: _comma,
    Cue.JOIN: _join,
    Cue.THEN: _then,
    Cue.OPEN: _open,
    Cue.CLOSE: _close,
    Cue.COLON: _colon,
    Cue.PARTNER: talk.partner,
    Cue.LIMIT: talk.set_limit,
    Cue.TOWARDS: talk.unclear,
    Cue.TO: talk.unclear,
}
