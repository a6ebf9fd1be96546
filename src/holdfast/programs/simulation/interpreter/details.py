"""Amounts and routes find the treatment they belong to.

Within the words between two verbs, commas or conjunctions an amount belongs to the treatment before
it ("aspirin 300 mg") unless the first amount there comes before the first treatment ("300 mg of
aspirin"). Where no treatment stands there, it belongs to the one named before in the sentence.
"""

from __future__ import annotations

from bisect import bisect_left

from holdfast.programs.simulation.interpreter.mention import Detail, Mention, Mood
from holdfast.programs.simulation.interpreter.quantities import LITRE
from holdfast.programs.simulation.interpreter.sentence import Sentence
from holdfast.programs.simulation.interpreter.vocabulary import Vocabulary

_LARGEST_FLOW = 25
"""Litres; more than any flow meter gives, so more litres are a volume."""
_MOST_AMOUNTS = 4
_ORDERING = frozenset({Mood.BARE, Mood.GIVE, Mood.DO, Mood.KEEP, Mood.INTENT})


def attach(vocabulary: Vocabulary, sentence: Sentence, before: Mention | None) -> None:
    """Give every amount and route of a sentence to its treatment.

    `before` is the treatment given last in the sentences before, for "Give morphine. 5 mg IV."
    """
    owners = [m for m in sentence.mentions if m.sense.doses and not m.diluent]
    if not owners:
        _orphans(vocabulary, sentence, before)
        return
    places = [m.index for m in owners]
    leading = _leading(owners, sentence.details)
    amount_at = -1
    for detail in sentence.details:
        owner = _owner(owners, places, detail, leading=detail.segment in leading, amount_at=amount_at)
        if owner is not None:
            _give(owner, detail)
        amount_at = detail.index if detail.dose else amount_at
    for mention in owners:
        if mention.repeats is not None:
            mention.doses = mention.doses or mention.repeats.doses
            mention.route = mention.route or mention.repeats.route


def _leading(owners: list[Mention], details: list[Detail]) -> set[int]:
    """The segments in which amounts come before what they are amounts of."""
    first: dict[int, int] = {}
    for mention in owners:
        first.setdefault(mention.segment, mention.index)
    seen: set[int] = set()
    leading: set[int] = set()
    for detail in details:
        if detail.dose is not None and detail.segment not in seen:
            seen.add(detail.segment)
            if detail.index < first.get(detail.segment, -1):
                leading.add(detail.segment)
    return leading


def _owner(
    owners: list[Mention], places: list[int], detail: Detail, *, leading: bool, amount_at: int
) -> Mention | None:
    """The mention that an amount or route belongs to; `amount_at` is where the last amount stood."""
    at = bisect_left(places, detail.index)
    before = owners[at - 1] if at else None
    after = owners[at] if at < len(owners) else None
    own_before = before is not None and before.segment == detail.segment
    own_after = after is not None and after.segment == detail.segment
    if before is not None and own_before and own_after:
        if detail.route is None:
            return after if leading else before
        taken = before.route is not None or (leading and amount_at > before.index)
        return after if taken else before
    if own_before or own_after:
        return before if own_before else after
    if before is not None:
        return before
    return after if after is not None and after.clause == detail.clause else None


def _give(owner: Mention, detail: Detail) -> None:
    """A first amount counts wherever it stands, a second only beside it ("0.5 ml (0.5 mg)")."""
    owner.route = owner.route or detail.route
    beside = detail.segment == owner.segment or detail.clause == owner.clause
    if detail.dose is not None and (not owner.doses or beside) and len(owner.doses) < _MOST_AMOUNTS:
        owner.doses.append(detail.dose)


def _orphans(vocabulary: Vocabulary, sentence: Sentence, before: Mention | None) -> None:
    """Details without a treatment: of the one given before, or of oxygen that goes without saying."""
    ordered = [d for d in sentence.details if d.mood in _ORDERING]
    if not ordered:
        return
    if before is not None and not before.doses and not sentence.mentions:
        for detail in ordered:
            _give(before, detail)
    elif any(_means_oxygen(detail) for detail in ordered):
        first = ordered[0]
        implied = Mention(
            sense=vocabulary.oxygen,
            mood=first.mood,
            index=first.index,
            clause=first.clause,
            group=sentence.group,
            segment=first.segment,
            clear=True,
            governed=False,
        )
        sentence.mentions.append(implied)
        for detail in ordered:
            _give(implied, detail)


def _means_oxygen(detail: Detail) -> bool:
    if detail.oxygen:
        return True
    if detail.dose is None:
        return False
    litres = detail.dose.unit == LITRE and detail.dose.value <= _LARGEST_FLOW
    return detail.dose.unit == "l_per_min" or (litres and detail.mood is Mood.GIVE)
