"""What a text comes to: the actions for the engine, in the order in which the student named them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from holdfast.programs.simulation.engine.facts import Action
from holdfast.programs.simulation.interpreter.details import attach
from holdfast.programs.simulation.interpreter.mention import Mention, Mood
from holdfast.programs.simulation.interpreter.quantities import LITRE, Quantity
from holdfast.programs.simulation.interpreter.reading import sentences
from holdfast.programs.simulation.interpreter.sense import Sense
from holdfast.programs.simulation.interpreter.sentence import Sentence
from holdfast.programs.simulation.interpreter.tokens import Tokens, tokenise
from holdfast.programs.simulation.interpreter.verdict import assessed, treated
from holdfast.programs.simulation.interpreter.vocabulary import Vocabulary
from holdfast.programs.simulation.scenario.care import Route

MAXIMUM_ACTS = 60
"""Treatments and assessments taken from one text; what follows is only listened to."""

_LONGEST_WORDING = 300
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def interpret(vocabulary: Vocabulary, text: str) -> tuple[Action, ...]:
    """The student's text as actions.

    The first is always the one ``statement``, so that rules about what was mentioned already hold when
    the treatments of the same text are judged; its `text` is the whole text (characters that cannot be
    stored replaced by U+FFFD), its `phrases` all that the scenario listens for and the text contains.
    Treatments and assessments follow in the order of the text, at most `MAXIMUM_ACTS`; a finding
    appears once, a treatment named twice without two doses is one treatment.

    Never raises; the time is linear in the length of the text, of which 40,000 characters are read.
    """
    clean = _UNSTORABLE.sub("\ufffd", text)
    tokens = tokenise(clean)
    statement = Action("statement", phrases=vocabulary.listener.heard_in(tokens.words), text=clean)
    return (statement, *_acts(vocabulary, tokens))


def in_scenario_units(dose: Quantity, *, oxygen: bool) -> Quantity:
    """A dose in the units of scenarios: litres are a flow for oxygen, else a volume."""
    if dose.unit != LITRE:
        return dose
    return Quantity(dose.value, "l_per_min") if oxygen else Quantity(dose.value * 1000, "ml")


def treatment(
    vocabulary: Vocabulary, sense: Sense, doses: list[Quantity], route: Route | None, text: str
) -> Action:
    """The action of giving what `sense` names; amounts count only for what is dosed.

    Of several amounts the first counts whose unit the scenario doses the treatment in.
    """
    stated = [in_scenario_units(dose, oxygen=sense.oxygen) for dose in doses] if sense.doses else []
    way = route.value if route and sense.doses else None
    target = vocabulary.chosen(sense, {dose.unit for dose in stated}, way) or sense.drug
    units = vocabulary.choices[target].units if sense.treatments else frozenset[str]()
    dose = next((dose for dose in stated if dose.unit in units), stated[0] if stated else None)
    return Action(
        "treatment",
        target=target,
        known=bool(sense.treatments),
        dose=dose.value if dose else None,
        unit=dose.unit if dose else None,
        route=way,
        text=text,
    )


def _acts(vocabulary: Vocabulary, tokens: Tokens) -> Iterator[Action]:
    seen: set[str] = set()
    count = 0
    for mention, wording in _accepted(vocabulary, tokens):
        for action in _actions(vocabulary, mention, wording, seen):
            if count == MAXIMUM_ACTS:
                return
            count += 1
            yield action


def _accepted(vocabulary: Vocabulary, tokens: Tokens) -> list[tuple[Mention, str]]:
    """What is done, with the student's words for it; stops early once there is more than enough."""
    done: list[tuple[Mention, str]] = []
    given: dict[tuple[tuple[str, ...], str], Mention] = {}
    latest: Mention | None = None
    reporting = False
    for sentence in sentences(vocabulary, tokens):
        attach(vocabulary, sentence, latest)
        for mention in sorted(sentence.mentions, key=lambda m: m.index):
            does_treat, does_assess = treated(mention, sentence), assessed(mention, sentence)
            if not (does_treat or does_assess) or (reporting and mention.mood is Mood.BARE):
                continue
            reporting = reporting or not vocabulary.handovers.isdisjoint(mention.sense.treatments)
            mention.mood = _settled(does_treat=does_treat, does_assess=does_assess)
            if does_treat:
                latest = mention
                if _same_act(given, mention):
                    continue
            done.append((mention, _wording(tokens, sentence, mention)))
            if len(done) > MAXIMUM_ACTS:
                return done
    return done


def _settled(*, does_treat: bool, does_assess: bool) -> Mood:
    """Note in the mood what an accepted mention is."""
    if does_treat and does_assess:
        return Mood.DO
    return Mood.GIVE if does_treat else Mood.ASSESS


def _same_act(given: dict[tuple[tuple[str, ...], str], Mention], mention: Mention) -> bool:
    """Whether this names again what is given already; then it may add the dose or route."""
    key = (mention.sense.treatments, mention.sense.drug)
    first = given.get(key)
    if first is None or (first.doses and mention.doses):
        given[key] = mention
        return False
    first.doses = first.doses or mention.doses
    first.route = first.route or mention.route
    return mention.mood is not Mood.DO


def _actions(vocabulary: Vocabulary, mention: Mention, wording: str, seen: set[str]) -> Iterator[Action]:
    if mention.mood is not Mood.ASSESS:
        yield treatment(vocabulary, mention.sense, mention.doses, mention.route, wording)
    if mention.mood is not Mood.GIVE:
        for finding in mention.sense.findings:
            if finding not in seen:
                seen.add(finding)
                yield Action("assessment", target=finding, text=wording)


def _wording(tokens: Tokens, sentence: Sentence, mention: Mention) -> str:
    """The words between the conjunctions around a mention, as the student wrote them."""
    start = sentence.starts[mention.segment]
    last = max(mention.index, sentence.stops[mention.segment] - 1)
    begin = tokens.starts[min(start, mention.index)]
    words = tokens.text[begin : min(tokens.ends[last], begin + _LONGEST_WORDING)]
    return words.strip(" ,.;:-\n")
