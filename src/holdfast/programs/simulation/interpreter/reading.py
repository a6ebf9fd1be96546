"""From words to what the student does: the pass over a text, sentence by sentence."""

from __future__ import annotations

from collections.abc import Iterator

from holdfast.programs.simulation.interpreter import steering, verbs
from holdfast.programs.simulation.interpreter.cues import Cue
from holdfast.programs.simulation.interpreter.entries import word_set
from holdfast.programs.simulation.interpreter.mention import Mention, Mood
from holdfast.programs.simulation.interpreter.quantities import NUMBER_WORDS, quantity_at
from holdfast.programs.simulation.interpreter.sense import Sense
from holdfast.programs.simulation.interpreter.sentence import Sentence
from holdfast.programs.simulation.interpreter.tokens import Tokens
from holdfast.programs.simulation.interpreter.vocabulary import Vocabulary
from holdfast.programs.simulation.scenario.care import Route

_MINUTES = word_set("minute minutes min mins hour hours hr hrs second seconds sec")
_CLOSING = frozenset(["", ",", ".", "!", ";", "?", ")", "\n", "and", "then", "now"])
_LOOK_AHEAD = 3


def sentences(vocabulary: Vocabulary, tokens: Tokens) -> Iterator[Sentence]:
    """Every sentence of a text, read; each word is looked at a bounded number of times."""
    known, mended = vocabulary.speller.known, vocabulary.speller.mended
    words = [word if word in known else mended(word) for word in tokens.words]
    return _Reader(vocabulary, words).sentences()


class _Reader:
    def __init__(self, vocabulary: Vocabulary, words: list[str]) -> None:
        self.tree = vocabulary.tree
        self.words = words
        self.sentence = Sentence([0])
        self.named: Mention | None = None

    def sentences(self) -> Iterator[Sentence]:
        words, known, longest = self.words, self.tree.children, self.tree.longest
        index, size = 0, len(words)
        while index < size:
            word = words[index]
            if word in NUMBER_WORDS or word[0].isdigit():
                after = self._number(index)
                if after > index:
                    index = after
                    continue
            sense, end = longest(words, index) if word in known else (None, index)
            if sense is None:
                index += 1
                if word[0].isalpha():
                    self.sentence.word(word)
            elif sense.cue is Cue.END or sense.cue is Cue.ASKED or self._line_ends(sense, index):
                yield self._ended(index, end, asked=sense.cue is Cue.ASKED)
                index = end
            else:
                if sense.cue is Cue.FILLER and not sense.names:
                    steering.filler(self.sentence, words[end - 1])
                else:
                    self._read(sense, index, end)
                index = end
        yield self._ended(size, size, asked=False)

    def _ended(self, end: int, start: int, *, asked: bool) -> Sentence:
        sentence = self.sentence
        sentence.finish(end, asked=asked)
        self.sentence = Sentence([start])
        return sentence

    def _line_ends(self, sense: Sense, index: int) -> bool:
        """Whether a line break ends the sentence; a comma in place of the break when only a clause."""
        if sense.cue is not Cue.LINE:
            return False
        if not self.sentence.goes_on():
            return True
        if not self.sentence.fresh and not self.sentence.mentions:
            steering.steer(self.sentence, Sense(cue=Cue.COMMA), ",", index, "")
        return False

    def _number(self, index: int) -> int:
        """Read a number or amount; the index after it, or `index` when the word must be read otherwise."""
        words = self.words
        node = self.tree.children.get(words[index])
        if node is not None and node.children and words[index][0].isdigit():
            sense, _ = self.tree.longest(words, index)
            if sense is not None:
                return index
        quantity, after = quantity_at(words, index)
        if quantity is not None:
            self.sentence.amount(quantity, words[after - 1], index)
            return after
        if words[index][0].isdigit() and after > index:
            delay = after < len(words) and words[after] in _MINUTES
            self.sentence.number(words[index], delay=delay)
            return after
        return index

    def _read(self, sense: Sense, index: int, end: int) -> None:
        sentence, word = self.sentence, self.words[end - 1]
        if sense.cue is Cue.LINE:
            return
        if sense.cue is Cue.IT:
            self._it(word, index)
            return
        if sense.cue is Cue.INTO and sentence.may_name_route() and self._following(end) in _CLOSING:
            sentence.route(sense, Route.INTRANASAL, word, index)
            return
        if sense.names and not (sense.cue is Cue.ASSESS and self._finding_follows(end)):
            steering.term(sentence, sense, word, index)
            if sense.treats and sentence.mentions:
                self.named = sentence.mentions[-1]
            if sense.cue in {None, Cue.ASSESS, Cue.DO, Cue.FILLER}:
                return
        elif sense.route is not None:
            sentence.route(sense, sense.route, word, index)
        steering.steer(sentence, sense, word, index, self._hint(sense, end))

    def _it(self, word: str, index: int) -> None:
        """After "draw up adrenaline and give it" what was named last, and is not given yet, is given."""
        named, sentence = self.named, self.sentence
        if named is not None and sentence.awaits_object() and named.mood is not Mood.NEGATED:
            again = sentence.mention(named.sense, index)
            again.repeats = named
            sentence.content("treatment")
            sentence.note("term", word)
            self.named = None
        else:
            steering.filler(sentence, word)

    def _following(self, index: int) -> str:
        return self.words[index] if index < len(self.words) else ""

    def _hint(self, sense: Sense, end: int) -> str:
        if sense.cue is not Cue.HOLD:
            return self._following(end)
        drug = any(s.doses and not s.oxygen for s in self._ahead(end))
        return verbs.DRUG_FOLLOWS if drug else ""

    def _finding_follows(self, end: int) -> bool:
        """Whether a word that names and looks ("monitor") is the verb of a finding after it."""
        return any(sense.findings for sense in self._ahead(end))

    def _ahead(self, index: int) -> Iterator[Sense]:
        """What the next few words mean, up to the first that is more than a filler."""
        for _ in range(_LOOK_AHEAD):
            sense, end = self.tree.longest(self.words, index)
            if sense is None:
                return
            yield sense
            if sense.cue is not Cue.FILLER:
                return
            index = end
