"""What comes of an attempt to draw: a figure with its words, or the reason why there is none."""

from __future__ import annotations

from dataclasses import dataclass

from matplotlib.figure import Figure


@dataclass(frozen=True, slots=True)
class Drawn:
    """A figure.

    Attributes:
        name: of its files, snake_case.
        title: a few words.
        caption: what is shown, n, what the intervals are.
        alt: what somebody hears who cannot see it: what it shows and what it says.
        figure: to be saved.
    """

    name: str
    title: str
    caption: str
    alt: str
    figure: Figure


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A figure that would have been empty or misleading."""

    name: str
    title: str
    reason: str


Piece = Drawn | LeftOut
