"""How steering words change the mood of a sentence.

The mood is what the last steering word left: *giving*, *negated*, *asked* and so on. A new verb
changes it, unless the mood holds the verb: after "do not" the verb itself is negated, after "should
I" it is asked. A negation ends at "but" and "instead", at the next verb of its own, and, for a mere
"no", at a comma before something new.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from holdfast.programs.simulation.interpreter.cues import VERBS, Cue
from holdfast.programs.simulation.interpreter.entries import word_set
from holdfast.programs.simulation.interpreter.mention import Mood
from holdfast.programs.simulation.interpreter.sense import Sense
from holdfast.programs.simulation.interpreter.sentence import FIRM, LINKS, PLAIN, Sentence

_MOOD_OF = {
    Cue.GIVE: Mood.GIVE,
    Cue.DO: Mood.DO,
    Cue.ASSESS: Mood.ASSESS,
    Cue.GET: Mood.GET,
    Cue.KEEP: Mood.KEEP,
    Cue.PREPARE: Mood.PREPARE,
}
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
_TALKED_ABOUT = word_set(
    """
    effect effects response reaction overdose contraindication contraindications intolerance benefit
    benefits risk risks interaction interactions may might could can available availability recommended
    suggested advised expired guideline guidelines protocol allergy refill
    """
)
"""Talk that is about what was named just before it: "morphine may …", "aspirin allergy"."""
_BEFORE_VERB = word_set("to for of from about by or nor than")
_ASKED_TO = word_set("you please someone somebody")
_WONDERING = word_set("see check know ask sure as wonder determine tell")
_INTERROGATIVES = word_set("what what's whats how how's hows which where where's why who who's whose")
_AUXILIARIES = word_set("did do does was is were are has have will can should")
DRUG_FOLLOWS = " "
"""What `steer` is told of the following word when a drug is named shortly after "hold"."""

_Handler: TypeAlias = Callable[[Sentence, str, int, str], None]


def steer(sentence: Sentence, sense: Sense, word: str, index: int, following: str) -> None:
    """Read a steering word: `word` is its last word, `following` the word after it."""
    cue = sense.cue
    if cue is None:
        return
    if sense.opener and not sentence.started and cue is not Cue.ASKER:
        _ask(sentence, word, index, following)
    elif cue in VERBS:
        _verb(sentence, cue, index, word)
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
        _verb(sentence, sense.lead, index, word)
    elif sense.lead is Cue.QUESTION:
        _ask(sentence, word, index, "")
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


# --- verbs ---------------------------------------------------------------------------------------


def _verb(sentence: Sentence, cue: Cue, index: int, word: str) -> None:
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


# --- negation ------------------------------------------------------------------------------------


def _negate(sentence: Sentence, cue: Cue, word: str) -> None:
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


def _negating(cue: Cue) -> _Handler:
    def handler(sentence: Sentence, word: str, _index: int, _following: str) -> None:
        _negate(sentence, cue, word)

    return handler


def _hold(sentence: Sentence, word: str, index: int, following: str) -> None:
    """To "hold the nitro" withholds, "hold his hand" does not."""
    if following == DRUG_FOLLOWS:
        _negate(sentence, Cue.STOP, word)
    else:
        _verb(sentence, Cue.DO, index, word)


def _instead(sentence: Sentence, word: str, index: int, following: str) -> None:
    """What stands in the clause of "instead" is given after all: "no nitro, aspirin instead"."""
    if sentence.mood is Mood.NEGATED and sentence.negation_comma:
        for mention in sentence.here():
            mention.mood = Mood.BARE
    _break(sentence, word, index, following)


# --- boundaries ----------------------------------------------------------------------------------


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


# --- questions and conditions --------------------------------------------------------------------


def _ask(sentence: Sentence, _word: str, _index: int, _following: str) -> None:
    if sentence.mood is not Mood.CONDITIONAL:
        sentence.mood, sentence.fresh, sentence.request = Mood.ASKED, True, False
        sentence.embedded = False


def _asker(sentence: Sentence, word: str, index: int, following: str) -> None:
    embedded = sentence.started
    if not embedded or (word in _INTERROGATIVES and sentence.mood is not Mood.GIVE):
        _ask(sentence, word, index, following)
        sentence.embedded = embedded


def _request(sentence: Sentence, word: str, index: int, following: str) -> None:
    _ask(sentence, word, index, following)
    sentence.request = True


def _condition(sentence: Sentence, _word: str, _index: int, _following: str) -> None:
    asked = sentence.mood is Mood.ASKED and sentence.last is not Cue.COMMA
    if asked or sentence.previous in _WONDERING:
        return
    preposed = not sentence.started or sentence.last in LINKS
    if not preposed:
        for mention in sentence.recent():
            mention.dropped |= mention.group == sentence.group
        sentence.pending = []
    elif not sentence.started:
        sentence.pending = [m for m in sentence.recent() if m.clause == sentence.clause - 1]
    sentence.preposed = preposed
    sentence.mood = Mood.CONDITIONAL


def _whether(sentence: Sentence, word: str, index: int, _following: str) -> None:
    _verb(sentence, Cue.ASSESS, index, word)


def _when(sentence: Sentence, word: str, index: int, following: str) -> None:
    if following in _AUXILIARIES and not sentence.started:
        _ask(sentence, word, index, following)
    elif word == "when" or not sentence.started:
        _condition(sentence, word, index, following)


# --- talk ----------------------------------------------------------------------------------------


def _aside(sentence: Sentence, word: str, _index: int, _following: str) -> None:
    sentence.look_back()
    if sentence.mood in FIRM:
        sentence.content("word")
        return
    if word == "whether" and sentence.mood is Mood.ASSESS:
        return
    if sentence.last == "term" and word in _TALKED_ABOUT:
        sentence.drop_plain()
    if sentence.mood is not Mood.ASIDE:
        sentence.saved = sentence.mood
    sentence.mood, sentence.fresh = Mood.ASIDE, True


def _past(sentence: Sentence, _word: str, _index: int, _following: str) -> None:
    sentence.look_back()
    asking = sentence.mood is Mood.ASSESS and sentence.clause == sentence.verb_clause
    if sentence.mood in FIRM or asking or (sentence.mood is Mood.GIVE and sentence.fresh):
        return
    sentence.drop_plain()
    sentence.mood, sentence.sticky = Mood.PAST, False


def _report(sentence: Sentence, _word: str, _index: int, _following: str) -> None:
    mood = sentence.mood
    if mood in FIRM:
        return
    if mood in PLAIN:
        sentence.drop_plain()
        sentence.mood = Mood.REPORT
    elif sentence.clause != sentence.verb_clause and mood is not Mood.PAST:
        for mention in sentence.here():
            mention.dropped = True
        sentence.mood = mood if mood is Mood.ASIDE else Mood.REPORT
    elif sentence.last == "term" and mood is Mood.GIVE and sentence.mentions:
        sentence.mentions[-1].dropped |= not sentence.mentions[-1].sense.treats


def _intent(sentence: Sentence, _word: str, _index: int, _following: str) -> None:
    mood = sentence.mood
    if mood in {Mood.BARE, Mood.REPORT, Mood.PAST}:
        for mention in sentence.here():
            mention.dropped |= mention.sense.doses and mention.mood is Mood.BARE
        sentence.mood = Mood.INTENT
    elif mood not in FIRM and mood is not Mood.ASIDE and sentence.clause != sentence.verb_clause:
        sentence.mood = Mood.INTENT


def _afterwards(sentence: Sentence, _word: str, _index: int, _following: str) -> None:
    sentence.drop_segment()


def _partner(sentence: Sentence, _word: str, _index: int, _following: str) -> None:
    sentence.delegate = True


def _set_limit(sentence: Sentence, _word: str, _index: int, _following: str) -> None:
    sentence.limit = True


def _unclear(sentence: Sentence, _word: str, _index: int, _following: str) -> None:
    sentence.clear = False


_HANDLERS: dict[Cue, _Handler] = {
    Cue.NOT_ORDER: _negating(Cue.NOT_ORDER),
    Cue.NOT_STATE: _negating(Cue.NOT_STATE),
    Cue.STOP: _negating(Cue.STOP),
    Cue.HOLD: _hold,
    Cue.BREAK: _break,
    Cue.INSTEAD: _instead,
    Cue.QUESTION: _ask,
    Cue.ASKER: _asker,
    Cue.REQUEST: _request,
    Cue.CONDITION: _condition,
    Cue.WHEN: _when,
    Cue.WHETHER: _whether,
    Cue.ASIDE: _aside,
    Cue.PAST: _past,
    Cue.REPORT: _report,
    Cue.INTENT: _intent,
    Cue.AFTERWARDS: _afterwards,
    Cue.COMMA: _comma,
    Cue.JOIN: _join,
    Cue.THEN: _then,
    Cue.OPEN: _open,
    Cue.CLOSE: _close,
    Cue.COLON: _colon,
    Cue.PARTNER: _partner,
    Cue.LIMIT: _set_limit,
    Cue.TOWARDS: _unclear,
    Cue.TO: _unclear,
}
