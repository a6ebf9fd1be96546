"""Questions, conditions, reports and asides: words after which naming something does nothing."""

from __future__ import annotations

from holdfast.programs.simulation.interpreter.cues import Cue
from holdfast.programs.simulation.interpreter.entries import word_set
from holdfast.programs.simulation.interpreter.mention import Mood
from holdfast.programs.simulation.interpreter.sentence import FIRM, LINKS, PLAIN, Sentence
from holdfast.programs.simulation.interpreter.verbs import verb

_TALKED_ABOUT = word_set(
    """
    effect effects response reaction overdose contraindication contraindications intolerance benefit
    benefits risk risks interaction interactions may might could can available availability recommended
    suggested advised expired guideline guidelines protocol allergy refill
    """
)
"""Talk that is about what was named just before it: "morphine may …", "aspirin allergy"."""
_WONDERING = word_set("see check know ask sure as wonder determine tell")
_INTERROGATIVES = word_set("what what's whats how how's hows which where where's why who who's whose")
_AUXILIARIES = word_set("did do does was is were are has have will can should")


def ask(sentence: Sentence, _word: str, _index: int, _following: str) -> None:
    """What is named next is asked about."""
    if sentence.mood is not Mood.CONDITIONAL:
        sentence.mood, sentence.fresh, sentence.request = Mood.ASKED, True, False
        sentence.embedded = False


def asker(sentence: Sentence, word: str, index: int, following: str) -> None:
    """A question word asks at the beginning of a clause, some also inside ("I wonder what")."""
    embedded = sentence.started
    if not embedded or (word in _INTERROGATIVES and sentence.mood is not Mood.GIVE):
        ask(sentence, word, index, following)
        sentence.embedded = embedded


def request(sentence: Sentence, word: str, index: int, following: str) -> None:
    """Asking "can you" becomes an order when a giving verb follows."""
    ask(sentence, word, index, following)
    sentence.request = True


def condition(sentence: Sentence, _word: str, _index: int, _following: str) -> None:
    """A condition undoes what shares its verb, or holds for all that follows when it comes first."""
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


def whether(sentence: Sentence, word: str, index: int, _following: str) -> None:
    """Seeing "if" something is so sets no condition, it looks."""
    verb(sentence, Cue.ASSESS, index, word)


def when(sentence: Sentence, word: str, index: int, following: str) -> None:
    """A question in "when did", a condition in "when he"."""
    if following in _AUXILIARIES and not sentence.started:
        ask(sentence, word, index, following)
    elif word == "when" or not sentence.started:
        condition(sentence, word, index, following)


def aside(sentence: Sentence, word: str, _index: int, _following: str) -> None:
    """What follows is talk about something, up to the next comma."""
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


def past(sentence: Sentence, _word: str, _index: int, _following: str) -> None:
    """What is named was done or is taken already."""
    sentence.look_back()
    asking = sentence.mood is Mood.ASSESS and sentence.clause == sentence.verb_clause
    if sentence.mood in FIRM or asking or (sentence.mood is Mood.GIVE and sentence.fresh):
        return
    sentence.drop_plain()
    sentence.mood, sentence.sticky = Mood.PAST, False


def report(sentence: Sentence, _word: str, _index: int, _following: str) -> None:
    """Something is described."""
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


def intent(sentence: Sentence, _word: str, _index: int, _following: str) -> None:
    """After "I will" or "we should" the verb is still to come."""
    mood = sentence.mood
    if mood in {Mood.BARE, Mood.REPORT, Mood.PAST}:
        for mention in sentence.here():
            mention.dropped |= mention.sense.doses and mention.mood is Mood.BARE
        sentence.mood = Mood.INTENT
    elif mood not in FIRM and mood is not Mood.ASIDE and sentence.clause != sentence.verb_clause:
        sentence.mood = Mood.INTENT


def afterwards(sentence: Sentence, _word: str, _index: int, _following: str) -> None:
    """What was named just before is not for now: "ready", "later", "contraindicated"."""
    sentence.drop_segment()


def partner(sentence: Sentence, _word: str, _index: int, _following: str) -> None:
    """Somebody is there who can be told to give."""
    sentence.delegate = True


def set_limit(sentence: Sentence, _word: str, _index: int, _following: str) -> None:
    """The next amount is a limit."""
    sentence.limit = True


def unclear(sentence: Sentence, _word: str, _index: int, _following: str) -> None:
    """What follows is a purpose, not a task."""
    sentence.clear = False
