"""Hearing the phrases a scenario listens for: whole words in any case, spacing or accents.

A phrase counts wherever it is said, also inside a negated clause, a question or a condition: the
scenario asks whether the student *mentioned* it. Words of a phrase must follow one another; only
space, hyphens and line breaks may stand between them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from holdfast.programs.simulation.interpreter.tokens import tokenise, words_of
from holdfast.programs.simulation.interpreter.tree import Node
from holdfast.programs.simulation.scenario.model import Scenario, conditions_of


@dataclass(frozen=True, slots=True)
class Listener:
    """A set of phrases, compiled."""

    tree: Node[tuple[str, ...]]

    @classmethod
    def of(cls, phrases: Iterable[str]) -> Listener:
        """Compile phrases; those without any word are never heard."""
        tree: Node[tuple[str, ...]] = Node()
        for phrase in dict.fromkeys(phrases):
            words = words_of(phrase)
            if words:
                node = tree.reach(words)
                node.value = (*(node.value or ()), phrase)
        return cls(tree)

    def heard(self, text: str) -> tuple[str, ...]:
        """The phrases that the text contains, in their own spelling, in the order first said."""
        return self.heard_in(tokenise(text).words)

    def heard_in(self, words: list[str]) -> tuple[str, ...]:
        """The same for words that are split already."""
        first = self.tree.children
        found: dict[str, None] = {}
        for index, word in enumerate(words):
            if word in first:
                self._follow(words, index, found)
        return tuple(found)

    def _follow(self, words: list[str], index: int, found: dict[str, None]) -> None:
        node = self.tree
        for at in range(index, len(words)):
            if words[at] == "\n":
                continue
            child = node.children.get(words[at])
            if child is None:
                return
            node = child
            if node.value is not None:
                found.update(dict.fromkeys(node.value))


def phrases_of(scenario: Scenario) -> tuple[str, ...]:
    """Every phrase that a condition of the scenario listens for, challenge triggers included."""
    said = (phrase for _, condition in conditions_of(scenario) for phrase in sorted(condition.phrases()))
    return tuple(dict.fromkeys(said))
