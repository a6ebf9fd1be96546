"""Whether something named in a sentence is done.

An order needs a verb, or it stands bare in a list ("oxygen 15 l NRB, salbutamol 5 mg neb"): then few
words without a meaning may stand around it, because "aspirin thins the blood" is no order. Where in
doubt nothing is given: a student can say it again, a dose cannot be taken back.
"""

from __future__ import annotations

from holdfast.programs.simulation.interpreter.cues import Cue
from holdfast.programs.simulation.interpreter.mention import Mention, Mood
from holdfast.programs.simulation.interpreter.sentence import Sentence

_STRANGERS = 1
"""Words without a meaning that may stand around a bare drug or finding."""
_STRANGERS_WITH_AMOUNT = 4
_STRANGERS_AROUND_ACT = 2
_LOOKS = frozenset({Mood.ASSESS, Mood.DO, Mood.GET})
_LOOKS_AT_OBJECTS = frozenset({Mood.GIVE, Mood.KEEP})


def treated(mention: Mention, sentence: Sentence) -> bool:
    """Whether the mention is a treatment that is given."""
    sense = mention.sense
    if not sense.treats or mention.dropped or mention.asked or mention.diluent:
        return False
    if sense.doses and not _dose_ordered(mention, sentence):
        return False
    if not sense.doses and not _act_ordered(mention, sentence):
        return False
    return not (sense.doses and sense.findings) or mention.amounted or mention.mood is Mood.GIVE


def assessed(mention: Mention, sentence: Sentence) -> bool:
    """Whether the mention is a finding that is looked at or asked for."""
    sense, mood = mention.sense, mention.mood
    if not sense.findings or mood is Mood.CONDITIONAL or (sense.doses and treated(mention, sentence)):
        return False
    if mention.asked or mood is Mood.ASKED:
        return True
    if mention.dropped:
        return False
    if mood is Mood.BARE:
        return sentence.unknown.get(mention.clause, 0) <= _STRANGERS
    return mood in _LOOKS or (mood in _LOOKS_AT_OBJECTS and mention.clear)


def _dose_ordered(mention: Mention, sentence: Sentence) -> bool:
    mood, strangers = mention.mood, sentence.unknown.get(mention.clause, 0)
    if mood is Mood.GIVE or (mood is Mood.DO and mention.amounted):
        return True
    if mood is Mood.KEEP:
        return bool(mention.doses)
    if mood is Mood.ASSESS:
        return bool(mention.doses) and mention.clear
    if mood is Mood.INTENT or (mood is Mood.NEGATED and mention.loose):
        return bool(mention.doses) and strangers <= _STRANGERS_WITH_AMOUNT
    return mood is Mood.BARE and strangers <= (_STRANGERS_WITH_AMOUNT if mention.amounted else _STRANGERS)


def _act_ordered(mention: Mention, sentence: Sentence) -> bool:
    mood = mention.mood
    if mood in {Mood.GIVE, Mood.DO, Mood.GET, Mood.KEEP}:
        return True
    if mood is Mood.ASSESS:
        return mention.clear and not mention.governed
    if mood is Mood.INTENT:
        return mention.sense.lead is Cue.INTENT
    return mood is Mood.BARE and sentence.unknown.get(mention.clause, 0) <= _STRANGERS_AROUND_ACT
