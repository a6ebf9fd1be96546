"""A prefix tree over words, for finding the longest known phrase at each place in one pass."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic, TypeVar

Value = TypeVar("Value")


@dataclass(slots=True)
class Node(Generic[Value]):
    """What may follow the words so far, and what they mean if the phrase ends here."""

    children: dict[str, Node[Value]] = field(default_factory=dict)
    value: Value | None = None

    def reach(self, words: tuple[str, ...]) -> Node[Value]:
        """The node at the end of a phrase, made when it is not there yet."""
        node = self
        for word in words:
            child = node.children.get(word)
            if child is None:
                child = node.children[word] = Node()
            node = child
        return node

    def longest(self, words: list[str], index: int) -> tuple[Value | None, int]:
        """The value of the longest phrase that begins at `index`, and the index after it."""
        node = self
        best: Value | None = None
        end = index
        for at in range(index, len(words)):
            child = node.children.get(words[at])
            if child is None:
                break
            node = child
            if node.value is not None:
                best, end = node.value, at + 1
        return best, end
