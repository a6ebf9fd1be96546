"""What one sentence says so far: the things named in it, the amounts and routes, and their places."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, auto

from holdfast.programs.simulation.interpreter.quantities import Quantity
from holdfast.programs.simulation.interpreter.sense import Sense
from holdfast.programs.simulation.scenario.care import Route


class Mood(IntEnum):
    """What the words just read do to what is named next."""

    BARE = auto()  # no verb: a list of orders
    GIVE = auto()
    DO = auto()
    ASSESS = auto()
    GET = auto()
    KEEP = auto()
    PREPARE = auto()
    NEGATED = auto()
    ASKED = auto()
    CONDITIONAL = auto()
    ASIDE = auto()
    PAST = auto()
    REPORT = auto()
    INTENT = auto()


@dataclass(slots=True)
class Mention:
    """A treatment or finding named in a sentence.

    Attributes:
        index: where its first word stands.
        clause: the stretch between commas it stands in.
        group: the stretch between verbs and commas it stands in.
        segment: the stretch between verbs, commas and conjunctions it stands in.
        clear: it is the object of its verb or an item of a list, not of a preposition.
        governed: the verb stands in the same clause.
        loose: negated by a "no" that stands before a comma.
        dropped: undone by something said after it.
        asked: it stands in the clause that ends with a question mark.
        diluent: something else is dissolved in it.
        doses: the amounts stated; several when one is said in two units.
        repeats: the mention that "it" stands for.
    """

    sense: Sense
    mood: Mood
    index: int
    clause: int
    group: int
    segment: int
    clear: bool
    governed: bool
    loose: bool = False
    dropped: bool = False
    asked: bool = False
    diluent: bool = False
    doses: list[Quantity] = field(default_factory=list)
    route: Route | None = None
    repeats: Mention | None = None

    @property
    def amounted(self) -> bool:
        """Whether an amount or a route is stated."""
        return bool(self.doses) or self.route is not None


@dataclass(frozen=True, slots=True)
class Detail:
    """An amount or a route, waiting for the treatment it belongs to."""

    index: int
    clause: int
    segment: int
    mood: Mood
    dose: Quantity | None = None
    route: Route | None = None
    oxygen: bool = False
