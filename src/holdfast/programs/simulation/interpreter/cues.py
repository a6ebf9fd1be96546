"""The words that steer an order: verbs, negations, questions, conditions and the small words between.

These decide whether the things named near them are done. The reading itself is in ``sentence``.
"""

from __future__ import annotations

from enum import IntEnum, auto

from holdfast.programs.simulation.interpreter.entries import listed, word_set


class Cue(IntEnum):
    """What a word or phrase does to the sentence it stands in."""

    GIVE = auto()  # a verb that gives
    DO = auto()  # a verb that carries out: procedures and assessments, drugs only with an amount
    ASSESS = auto()  # a verb that looks
    GET = auto()  # fetches: procedures and assessments, never drugs
    KEEP = auto()  # continues, reduces, needs, wants: drugs only with an amount
    PREPARE = auto()  # prepares, plans, considers
    NOT_ORDER = auto()  # negates the verb that follows
    NOT_STATE = auto()  # negates what follows until something new begins
    STOP = auto()  # withholds or ends; its objects are not given
    HOLD = auto()  # withholds when a drug follows
    BREAK = auto()  # "but": what was before holds no longer
    INSTEAD = auto()
    QUESTION = auto()  # asks, wherever it stands
    ASKER = auto()  # asks at the beginning of a clause
    REQUEST = auto()  # "can you": an order when a giving verb follows
    CONDITION = auto()
    WHEN = auto()
    WHETHER = auto()  # "see if", "check whether": no condition
    ASIDE = auto()  # what follows is talk about something
    PAST = auto()  # reports what was done or is taken
    REPORT = auto()  # describes
    INTENT = auto()  # "I will", "we should"
    AFTERWARDS = auto()  # undoes what was named before it: "ready", "later", "contraindicated"
    COMMA = auto()
    JOIN = auto()
    THEN = auto()
    OPEN = auto()
    CLOSE = auto()
    COLON = auto()
    END = auto()
    ASKED = auto()  # the question mark
    LINE = auto()
    FILLER = auto()
    ADVERB = auto()  # a filler that may stand between "to" and a verb
    TOWARDS = auto()  # a preposition of purpose: what follows is a reason, not a task
    TO = auto()
    IT = auto()
    PARTNER = auto()  # somebody who can be told to give
    LIMIT = auto()  # the next amount is a limit, not a dose
    INTO = auto()  # the next amount is what it is dissolved in
    TAG = auto()  # "ok?", "right?" after an order do not make it a question


VERBS = frozenset({Cue.GIVE, Cue.DO, Cue.ASSESS, Cue.GET, Cue.KEEP, Cue.PREPARE})

_WORDS: dict[Cue, str] = {
    Cue.GIVE: """
        give, gives, giving, gimme, administer, administers, administering, adminster, adminstering,
        administrate, admininster, apply, applies, applying, start, starts, starting, begin, begins,
        beginning, commence, commencing, initiate, initiating, put, puts, putting, place, places, placing,
        push, pushing, inject, injects, injecting, infuse, infusing, hang, hanging, deliver, delivering,
        provide, provides, providing, supply, supplying, use, load, loading, treat, treats, treating,
        titrate, titrating, increase, increasing, turn up, switch to, change to, repeat, repeating, redose,
        set up, setting up, hook up, hook, connect, connecting, spray, chew, swallow, inhale, attach,
        attaches, attaching, take, bolus, assist with, help him take, help her take, let him take, let her
        take, get him on, get her on, get him to chew, get her to chew, get him to take, get her to take,
        get the patient on, get patient on, get them on, put on, offer, offering, im giving, im starting, im
        applying, im administering, im putting, sedate, oxygenate, have you chew, have you take, have you
        inhale, give you, draw up and give, go ahead and give, go ahead with, proceed with, proceed to give,
        dose him with, dose her with""",
    Cue.DO: """
        do, doing, perform, performs, performing, obtain, obtains, obtaining, establish, establishing, run,
        running, conduct, conducting, complete, carry out, carrying out, insert, inserting, secure,
        securing, open, opening, record, recording, acquire, make, making, gain, gaining, ensure, ensuring,
        call, calling, activate, activating, notify, notifying, alert, alerting, inform, informing, contact,
        contacting""",
    Cue.ASSESS: """
        check, checks, checking, recheck, re check, rechecking, assess, assesses, assessing, reassess, re
        assess, reassessing, examine, examines, examining, evaluate, evaluating, re evaluate, reevaluate,
        inspect, inspecting, look at, looking at, look for, looking for, look, looking, listen, listening,
        listen to, listening to, feel, feeling, palpate, palpating, percuss, measure, measures, measuring,
        monitor, monitors, observe, observing, ask, asks, asking, inquire, enquire, find out, determine,
        determining, confirm, confirming, verify, review, reviewing, test, testing, read, watch, survey,
        count, counting, auscultate, auscultating, see, tell me, describe, show me, interpret, interpreting,
        let me see, let me check, screen, taking, im checking, im taking, know, tell, telling""",
    Cue.GET: "get, getting, gather, gathering, collect, give me, hand me, pass me, bring me, get me",
    Cue.KEEP: """
        continue, continues, continuing, maintain, maintaining, keep, keeping, reduce, reducing, decrease,
        decreasing, lower, lowering, wean, turn down, need, needs, require, requires, want, wants, order,
        ordering, would like, i'd like""",
    Cue.PREPARE: """
        prepare, prepares, preparing, prep, prepping, draw up, draws up, drawing up, drawn up, get ready,
        getting ready, consider, considers, considering, think about, thinking about, think of, thinking of,
        plan, planning, planned, plans, fetch, fetching, bring, bringing, grab, grabbing, locate, find,
        finding, request, requesting, anticipate, be ready, stand by, propose, intend""",
    Cue.NOT_ORDER: """
        do not, don't, dont, will not, won't, would not, wouldn't, wouldnt, should not, shouldn't, shouldnt,
        must not, mustn't, shall not, shan't, never, under no circumstances, on no account, not going to,
        not gonna, let's not, lets not, let us not, need not, needn't, i'd not, we'd not, i'll not, we'll
        not, not to, im not, am not, i'm not, we do not, ought not, not sure, unsure, not convinced, not
        sure if, not sure whether, don't know, do not know, dont know, don't think, do not think, dont
        think, don't know if, don't believe, do not believe""",
    Cue.NOT_STATE: """
        no, not, without, none, does not, doesn't, doesnt, did not, didn't, didnt, is not, isn't, isnt, are
        not, aren't, arent, was not, wasn't, wasnt, were not, weren't, has not, hasn't, hasnt, have not,
        haven't, havent, had not, hadn't, cannot, can not, can't, cant, could not, couldn't, couldnt,
        neither, nor, denies, denied, denying, no more, no further, no longer, no need, no need for, no need
        to, lack of, absence of, nothing, not yet, no reason, no reason to, no indication for, no indication
        to""",
    Cue.STOP: """
        withhold, withholds, withholding, hold off, hold off on, holding off, holding off on, hold back,
        holding back, avoid, avoids, avoiding, refrain, refrain from, refraining from, skip, skipping, omit,
        omitting, stop, stops, stopping, discontinue, discontinuing, cease, cancel, remove, removing, take
        off, taking off, turn off, turning off, switch off, disconnect, refuse, refusing, forgo, forego,
        against, delay, delaying, postpone, postponing, defer, deferring, stay away from, steer clear of,
        keep away from, abstain, abstain from, leave out""",
    Cue.HOLD: "hold, holding",
    Cue.BREAK: """
        but, so, however, although, though, nevertheless, rather, except that, but also, but rather""",
    Cue.INSTEAD: "instead",
    Cue.QUESTION: """
        what about, how about, what if, how come, should i, should we, can i, can we, could i, could we, may
        i, may we, might he, might she, might it, shall i, shall we, would it, would he, would she, would
        they, would you, would this, would that, will it, will he, will she, will they, will this, will
        that, do you, do we, do they, do i, does he, does she, does it, does this, does that, does anyone,
        does anything, did you, did he, did she, did they, did it, did anyone, did anything, have you, have
        they, has he, has she, has it, has anyone, has anything, has this, had you, had he, had she, are
        you, are they, are there, are we, are these, are those, is he, is she, is it, is there, is this, is
        that, was it, was he, was she, was there, were you, were they, were there, am i, can he, can she,
        can they, can it, could he, could she, could it, wasn't there, isn't there, aren't you, don't you,
        doesn't he, doesn't she, shouldn't we, shouldn't i, do you want me to, would you like, would you
        like me to, i wonder, any idea""",
    Cue.ASKER: """
        what, what's, whats, how, how's, hows, which, where, where's, why, who, who's, whose, whom, any,
        anything, anyone, is, are, was, were, does, did, should, could, would, can, may, might, shall, has,
        isn't, aren't""",
    Cue.REQUEST: """
        can you, could you, will you, can you please, could you please, will you please, would you please,
        please can you, please could you, can somebody, can someone, could someone, could somebody""",
    Cue.CONDITION: """
        if, unless, in case, in case of, provided, provided that, assuming, should he, should she, should
        the, should they, should it, as soon as, whenever, in the event, in the event of, depending,
        depending on, as needed, if needed, if necessary, if required, as required, as necessary, prn, only
        if, even if""",
    Cue.WHEN: "when, once",
    Cue.WHETHER: """
        see if, check if, ask if, find out if, determine if, assess if, check whether, see whether, ask
        whether, find out whether, assess whether""",
    Cue.ASIDE: """
        before, prior to, maybe, perhaps, possibly, after, because, because of, since, due to, instead of,
        rather than, in place of, other than, apart from, except, except for, despite, until, till, than,
        allergic, allergic to, allergy to, allergies to, intolerant, intolerant to, intolerance,
        contraindication, contraindications, contraindications to, contraindications for, side effect, side
        effects, effect, effects, effect of, effects of, response, response to, reaction, reaction to, risk,
        risk of, risks, allergy, history of, indication, indications, indication for, indications for,
        whether, may, might, could, can, able to, unable to, sure if, wonder, wondering, worried, worried
        about, concerned, concerned about, concern, discuss, discussing, explain, explaining, overdose,
        overdosed, permission, permission to, benefit, benefits, benefit of, interaction, interactions,
        recommend, recommended, recommends, suggest, suggested, advise, advised, guidelines, guideline,
        protocol, think, thinks, believe, last dose, last dose of, overuse, abuse, role of, amount of,
        supply of, run out of, out of, availability, available, like, unlike, so that, the use of, use of,
        instead to, whether or not, order to, refill, expired""",
    Cue.PAST: """
        gave, given, administered, applied, started, took, taken, takes, used, uses, received, had, already,
        previously, prescribed, usual, regular, regularly, yesterday, was on, is on, he's on, she's on, are
        on, were on, is taking, been on, been taking, checked, measured, assessed, placed, inserted,
        obtained, done, has been, have been, on regular, has taken, have taken, stopped, given that,
        normally, usually, ran out, swallowed, injected, chewed, inhaled earlier, completed, performed,
        examined""",
    Cue.REPORT: """
        is, are, was, were, has, have, shows, showed, showing, suggests, indicates, means, seems, seem,
        appears, low, high, normal, present, absent, palpable, equal, reactive, patent, unremarkable,
        intact, weak, thready, elevated, dropping, falling, improved, worsening, helps, helped, works,
        worked, causes, cause, reduces, lowers, raises, increases, decreases, increased, decreased, dropped,
        stable, equals, remains, there's, it's, its, he's, she's, that's, they're, you're, prevents,
        relieves, treats pain, improves, makes, contains, acts, dilates, constricts, kills, isnt""",
    Cue.INTENT: """
        will, should, would, must, shall, i'll, we'll, i'd, we'd, let's, lets, let us, going to, gonna, am,
        i'm, we're, im going to, im gonna, ought to, have to, need to, needs to, want to, wants to, would
        like to, i'd like to, we'd like to, time to, going to need to, about to""",
    Cue.AFTERWARDS: """
        ready, off, later, later on, afterwards, standby, on standby, on hand, to hand, nearby, withheld,
        unnecessary, contraindicated, contra indicated, ago, earlier, at home, next time, can wait,
        unavailable, not needed, not necessary, not indicated, not required, not given, not yet, is out,
        inappropriate, not appropriate""",
    Cue.THEN: "then, next, after that, afterward, followed by, thereafter, after this, subsequently",
    Cue.JOIN: "and, or, plus, with, using, &, +, /, along with, together with, and also, as well as, also",
    Cue.COMMA: ", - \u2013 \u2014 |",
    Cue.OPEN: "( [",
    Cue.CLOSE: ") ]",
    Cue.COLON: ":",
    Cue.END: ". ! ;",
    Cue.ASKED: "?",
    Cue.LINE: "\n",
    Cue.TO: "to",
    Cue.IT: "it, them, this one",
    Cue.PARTNER: """
        partner, colleague, crew, nurse, emt, assistant, team, medic, paramedic, driver, teammate, second
        crew member""",
    Cue.LIMIT: """
        max, maximum, maximum of, max of, up to, total, total of, in total, not exceeding, no more than""",
    Cue.INTO: "in, diluted in, dissolved in, mixed in, diluted with, diluted to, in to, into",
    Cue.TAG: "ok, okay, right, alright, correct, agreed, yes, please",
    Cue.TOWARDS: """
        for, above, below, target, targeting, over, under, about, against the, aiming, aim, of low, at
        least, toward, towards, regarding, per, like a, as a, as an, as the, like the""",
    Cue.ADVERB: """
        now, immediately, quickly, just, slowly, please, carefully, first, gently, quick, directly,
        promptly, stat, asap, right now, right away, at once, straight away, simultaneously, actually,
        really, still, definitely, certainly, further""",
    Cue.FILLER: """
        a, an, the, his, her, their, your, my, our, he, she, they, him, i, we, you, this, that, these,
        those, some, more, another, second, additional, extra, of, on, at, via, by, from, onto, as, as well,
        too, again, once again, so much, so many, so sure, so far, hello, hi, hey, thank, thanks, thank you,
        dose, doses, dose of, doses of, bolus of, tablet, tablets, tab, tabs, ampoule, ampoules, amp,
        infusion, injection, drip, full, complete set, initial, repeat dose, repeat dose of, high flow, high
        dose, high concentration, low dose, low flow, patient, patient's, pt, patients, sir, madam, ma'am,
        mr, mrs, ms, miss, me, us, well, good, great, fine, sure, alright then, if possible, if you can, if
        you please, is fine, worry, not only, not just, do not forget, don't forget, dont forget, never
        forget, do not hesitate, don't hesitate, without delay, without hesitation, no delay, no doubt,
        without a doubt, no problem, do not delay, don't delay, no time to lose, no matter, do not worry,
        don't worry, dont worry, don't panic, do not panic, do not move, don't move, try not to move, to not
        move, don't be afraid, do not be afraid, don't be scared, be, been, being, one, minute, minutes,
        min, mins, rate, air, solution, concentration, flow, litre bag, while, meanwhile, during, every,
        each, both, all, there, here, not to worry, no worries, under any circumstances, patient to, the
        patient to""",
}


def cue_phrases() -> list[tuple[Cue, str]]:
    """Every steering phrase with what it does; a phrase that stands twice belongs to the last."""
    by_space = {Cue.COMMA, Cue.OPEN, Cue.CLOSE, Cue.END}
    pairs: list[tuple[Cue, str]] = []
    for cue, text in _WORDS.items():
        if cue is Cue.LINE:
            pairs.append((cue, text))
            continue
        items = text.split() if cue in by_space else listed(" ".join(text.split()))
        pairs += [(cue, item) for item in items]
    return pairs


ACT_WORDS = word_set("""
    reassure calm sit lie lay transport cannulate intubate ventilate bag suction immobilise immobilize
    stabilise stabilize protect raise elevate roll turn stop control drive evacuate move undress log hand
    transmit send splint decompress coach breathe talk hold explain lower sedate shock defibrillate
    cardiovert cool warm cover dress bandage bind press sweep clear aspirate tilt scrape don wear clean
    close leave orient comfort brief load scoop go bring drag carry cushion pad assist stay pre prealert
    prenotify hyperventilate rebreathe discharge depart position lean wrap loosen time ask search smell
    squeeze wiggle rate pulse press
    """) - {"pulse", "rate", "time"}
"""First words by which the name of an act is itself an order ("sit him up", "stop the bleeding")."""

ASKING_WORDS = word_set("what when where how why who can could is are do does did any have has since")
"""First words by which the name of a finding is itself a question ("what happened")."""
