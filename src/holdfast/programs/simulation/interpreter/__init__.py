"""The interpreter: from a student's free text to the engine's actions.

`Vocabulary.of` compiles the words of a scenario once, `interpret` reads a text with it, `structured`
checks an action that arrives as fields, and `Listener` hears phrases. All of it is pure and repeatable;
what happens to the patient is the engine's business.

How a text is read, in the order of the modules: ``tokens`` splits and folds it; ``vocabulary`` knows
what phrases mean (the scenario's own names first, then the lexicons ``drugs``, ``procedures`` and
``observations``, then ``routes`` and the steering words in ``cues``); ``reading`` goes through a
sentence once, ``steering`` with ``verbs`` and ``talk`` keeps its mood (giving, negated, asked,
conditional …), ``details`` brings amounts and routes to their treatments, ``verdict`` says what is
done, ``orders`` makes actions of it.

Decisions:

* Where in doubt nothing is given. An order needs a verb or stands in a bare list. Questions,
  conditions, preparations, plans, reports ("we gave", "he takes") and talk give nothing.
* Assessments count when ordered, listed or asked as a question, not when their result is stated.
* A phrase that the scenario listens for is heard anywhere, also in a negated clause.
* The statement comes first among the actions, so that it is heard before treatments are judged.
* Of a range the higher dose counts; litres are a flow for oxygen and a volume for anything else; a
  dose without a unit is not taken; a nasal cannula is the intranasal route.
* A drug known to the lexicon but not to the scenario is a treatment with ``known=False``; a procedure
  that the scenario does not have is nothing.
"""

from holdfast.programs.simulation.interpreter.listening import Listener
from holdfast.programs.simulation.interpreter.orders import interpret
from holdfast.programs.simulation.interpreter.structured import structured
from holdfast.programs.simulation.interpreter.vocabulary import Vocabulary

__all__ = ["Listener", "Vocabulary", "interpret", "structured"]
