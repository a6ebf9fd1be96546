"""One sentence while it is read: what was named in it, and the mood the words are in."""

from __future__ import annotations

from dataclasses import dataclass, field

from holdfast.programs.simulation.interpreter.cues import VERBS, Cue
from holdfast.programs.simulation.interpreter.mention import Detail, Mention, Mood
from holdfast.programs.simulation.interpreter.quantities import Quantity
from holdfast.programs.simulation.interpreter.sense import Sense
from holdfast.programs.simulation.scenario.care import Route

LINKS = frozenset({Cue.COMMA, Cue.JOIN, Cue.THEN})
FIRM = frozenset({Mood.NEGATED, Mood.ASKED, Mood.CONDITIONAL})
"""Moods that a description or an aside does not change."""
PLAIN = frozenset({Mood.BARE, Mood.REPORT, Mood.INTENT})
REACH = 30
"""How many of the last mentions a word can still change."""
_GOING_ON = LINKS | VERBS | {Cue.TO, Cue.TOWARDS, Cue.FILLER}


@dataclass(slots=True)
class Sentence:
    """The state of reading one sentence.

    Attributes:
        starts: index of the first word of each segment.
        stops: index after the last word of each segment that is over.
        unknown: how many words without a meaning stand in each clause.
        last: what was read last: a cue, ``term``, ``route``, ``amount``, ``number`` or ``word``.
        previous: the word read last, adverbs left out.
        started: the clause has begun with something that matters.
        fresh: nothing was named since the mood began.
        sticky: a treatment was named in the present mood.
        dosed: the medication, oxygen or fluid named last.
        group: counts the stretches that share a verb.
        negated_from: the mentions since here follow the negation.
        first_content: what stands first after the negation: ``treatment``, ``finding`` or ``word``.
        object_due: the verb still waits for what it governs.
        embedded: the question is part of a sentence that asks nothing ("I explain what I do").
        pending: mentions that fall if the condition after them turns out to be theirs.
    """

    starts: list[int]
    stops: list[int] = field(default_factory=list)
    mentions: list[Mention] = field(default_factory=list)
    details: list[Detail] = field(default_factory=list)
    unknown: dict[int, int] = field(default_factory=dict)
    mood: Mood = Mood.BARE
    saved: Mood = Mood.BARE
    outside: Mood = Mood.BARE
    clause: int = 0
    segment: int = 0
    verb_clause: int = -1
    group: int = 0
    clear: bool = True
    last: Cue | str = Cue.END
    previous: str = ""
    started: bool = False
    fresh: bool = True
    sticky: bool = False
    request: bool = False
    delegate: bool = False
    limit: bool = False
    into: bool = False
    negation: Cue = Cue.NOT_STATE
    negation_comma: bool = False
    negated_from: int = 0
    backward: bool = False
    first_content: str = ""
    verb_seen: bool = False
    object_due: bool = False
    preposed: bool = False
    embedded: bool = False
    pending: list[Mention] = field(default_factory=list)
    dosed: Mention | None = None

    def mention(self, sense: Sense, index: int) -> Mention:
        """Record that a treatment or finding is named here."""
        found = Mention(
            sense=sense,
            mood=self.mood,
            index=index,
            clause=self.clause,
            group=self.group,
            segment=self.segment,
            clear=self.clear,
            governed=self.clause == self.verb_clause,
            loose=self.mood is Mood.NEGATED and self.negation is Cue.NOT_STATE and self.negation_comma,
            diluent=self.into and sense.doses,
            route=sense.route if sense.doses else None,
        )
        self.sticky = self.sticky or sense.treats
        self.mentions.append(found)
        if sense.doses:
            self.dosed = found
        return found

    def note(self, last: Cue | str, word: str) -> None:
        """Remember what was read last."""
        self.last, self.previous, self.started = last, word, True

    def content(self, what: str) -> None:
        """Something that is no steering word was read."""
        self.fresh = self.object_due = False
        self.first_content = self.first_content or what

    def route(self, sense: Sense, route: Route, word: str, index: int) -> None:
        """A route or device is named."""
        self.details.append(
            Detail(index, self.clause, self.segment, self.mood, route=route, oxygen=sense.oxygen)
        )
        self.note("route", word)

    def amount(self, quantity: Quantity, word: str, index: int) -> None:
        """An amount is stated; limits and what something is dissolved in are no doses."""
        if not self.limit and self.last is not Cue.INTO:
            self.details.append(Detail(index, self.clause, self.segment, self.mood, dose=quantity))
        self.into = self.last is Cue.INTO
        self.limit = False
        self.note("amount", word)

    def number(self, word: str, *, delay: bool) -> None:
        """A number that is no amount: the value of what was just named, or a delay ("in 5 minutes")."""
        if delay and self.last is Cue.INTO:
            self.drop_segment()
        elif self.last == "term" and self.mood in {Mood.BARE, Mood.GIVE, Mood.INTENT} and self.mentions:
            self.mentions[-1].dropped |= not self.mentions[-1].sense.treats
        self.note("number", word)

    def word(self, word: str) -> None:
        """A word that means nothing here."""
        self.unknown[self.clause] = self.unknown.get(self.clause, 0) + 1
        self.look_back()
        self.content("word")
        self.note("word", word)

    def goes_on(self) -> bool:
        """Whether a line break here is mere space: nothing was named yet, or more must follow."""
        return self.last in _GOING_ON or not self.mentions

    def awaits_object(self) -> bool:
        """Whether a giving verb was just read, so that "it" means what was named before."""
        return self.mood is Mood.GIVE and self.last is Cue.GIVE

    def may_name_route(self) -> bool:
        """Whether an amount or a drug was just read, so that "in" may mean intranasal."""
        drug = self.last == "term" and bool(self.mentions) and self.mentions[-1].sense.doses
        return self.last == "amount" or drug

    def here(self) -> list[Mention]:
        """The mentions of this clause."""
        return [mention for mention in self.recent() if mention.clause == self.clause]

    def recent(self) -> list[Mention]:
        """The last `REACH` mentions: no word undoes more, so that reading stays linear in time."""
        return self.mentions[-REACH:]

    def drop_plain(self) -> None:
        """What was merely named in this clause turns out to be described, not ordered."""
        for mention in self.here():
            mention.dropped |= mention.mood in PLAIN

    def drop_segment(self) -> None:
        """What was named since the last conjunction is not for now."""
        for mention in self.recent():
            mention.dropped |= mention.segment == self.segment

    def next_segment(self, start: int, stop: int) -> None:
        """A verb, conjunction or bracket separates the words before `stop` from those after `start`."""
        self.segment += 1
        self.starts.append(start)
        self.stops.append(stop)
        self.clear = True
        self.into = self.object_due = False

    def next_clause(self, separator: int) -> None:
        """A comma or the like stands at `separator`."""
        self.next_segment(separator + 1, separator)
        self.clause += 1
        self.group += 1
        self.started = False
        self.sticky = False

    def close_clause(self) -> None:
        """The clause ends; a negation without an object was about what came before: "oxygen: no"."""
        self.backward = self.backward or (self.fresh and self.last is Cue.NOT_STATE)
        self.look_back()

    def look_back(self) -> None:
        """Apply a negation that stands after what it negates: "oxygen is not needed"."""
        if self.backward and self.mood is Mood.NEGATED and len(self.mentions) == self.negated_from:
            self.drop_plain()
        self.backward = False

    def finish(self, end: int, *, asked: bool) -> None:
        """The sentence is over before word `end`; `asked` when a question mark ends it."""
        self.stops.append(end)
        self.close_clause()
        for mention in self.pending:
            mention.dropped = True
        if asked and self.last is not Cue.TAG and self.started:
            for mention in self.mentions:
                bare = mention.mood is Mood.BARE and not mention.doses
                granted = self.request and mention.mood is Mood.GIVE
                mention.asked = (bare or mention.clause == self.clause) and not granted
