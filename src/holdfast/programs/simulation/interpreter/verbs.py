"""What a verb governs, and negation, which keeps a verb from governing.

A new verb changes the mood unless the mood holds the verb: after "do not" the verb itself is negated,
after "should I" it is asked. A negation ends at "but" and "instead", at the next verb of its own, and,
for a mere "no", at a comma before something new.
"""

from __future__ import annotations

from holdfast.programs.simulation.interpreter.cues import Cue
from holdfast.programs.simulation.interpreter.entries import word_set
from holdfast.programs.simulation.interpreter.mention import Mood
from holdfast.programs.simulation.interpreter.sentence import LINKS, Sentence

_MOOD_OF = {
    Cue.GIVE: Mood.GIVE,
    Cue.DO: Mood.DO,
    Cue.ASSESS: Mood.ASSESS,
    Cue.GET: Mood.GET,
    Cue.KEEP: Mood.KEEP,
    Cue.PREPARE: Mood.PREPARE,
}
_BEFORE_VERB = word_set("to for of from about by or nor than")
_ASKED_TO = word_set("you please someone somebody")
DRUG_FOLLOWS = " "
"""What `hold` is told of the following word when a drug is named shortly after it."""


def verb(sentence: Sentence, cue: Cue, index: int, word: str) -> None:
    """Read a verb: change the mood, unless the mood holds it."""
    held = _holds(sentence, cue, word)
    sentence.next_segment(index, index)
    sentence.object_due = True
    sentence.group += 1
    if held:
        sentence.pending = []
        sentence.verb_seen = True
        if sentence.negation is Cue.NOT_STATE:
            sentence.negation = Cue.NOT_ORDER
        return
    sentence.mood = _MOOD_OF[cue]
    sentence.verb_clause = sentence.clause
    sentence.fresh = True


def _holds(sentence: Sentence, cue: Cue, word: str) -> bool:
    """Whether the mood keeps what this verb governs."""
    towards = sentence.previous in _BEFORE_VERB
    mood = sentence.mood
    if mood is Mood.NEGATED:
        return towards or _negation_holds(sentence)
    if mood is Mood.ASKED:
        released = sentence.request and sentence.previous in _ASKED_TO and word != "take"
        joined = sentence.embedded and sentence.last is Cue.JOIN
        return not (released or joined or sentence.last is Cue.COMMA or sentence.last is Cue.THEN)
    if mood is Mood.CONDITIONAL:
        return sentence.preposed or sentence.last not in {Cue.COMMA, Cue.THEN}
    if mood is Mood.PREPARE or mood is Mood.ASIDE:
        return towards or (sentence.fresh and sentence.last not in LINKS)
    return mood is Mood.ASSESS and towards and cue is not Cue.ASSESS and not sentence.delegate


def _negation_holds(sentence: Sentence) -> bool:
    if sentence.negation is Cue.NOT_ORDER:
        return not sentence.verb_seen and (sentence.fresh or not sentence.negation_comma)
    return sentence.fresh and not sentence.negation_comma


def negate(sentence: Sentence, cue: Cue, word: str) -> None:
    """Read a negation, one of ``NOT_ORDER``, ``NOT_STATE`` and ``STOP``."""
    if sentence.mood is Mood.CONDITIONAL and sentence.preposed:
        return
    if sentence.mood is Mood.ASKED and sentence.last is not Cue.COMMA:
        return
    after = sentence.last == "term" or sentence.last is Cue.REPORT
    sentence.backward = cue is not Cue.STOP and after and word not in {"no", "without", "nothing"}
    sentence.negation = cue
    sentence.negation_comma = False
    sentence.negated_from = len(sentence.mentions)
    sentence.first_content = ""
    sentence.verb_seen = cue is Cue.STOP
    sentence.mood = Mood.NEGATED
    sentence.fresh = sentence.clear = True


def hold(sentence: Sentence, word: str, index: int, following: str) -> None:
    """To "hold the nitro" withholds, "hold his hand" does not."""
    if following == DRUG_FOLLOWS:
        negate(sentence, Cue.STOP, word)
    else:
        verb(sentence, Cue.DO, index, word)
