"""Spaced repetition: when a word is due again (FSRS, with its published default weights).

A word that is learned becomes a card, and its coming up again is a review. Reviews happen when a
session is practised, not minutes apart, so there are no learning steps: the shortest interval is a day.
Intervals are not blurred by chance, so the same reviews always give the same dates.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum

from fsrs import Card as FsrsCard
from fsrs import Rating as FsrsRating
from fsrs import Scheduler, State

RETENTION = 0.9
"""The probability of recall at which a word is due: FSRS's default."""

_SCHEDULER = Scheduler(
    desired_retention=RETENTION, learning_steps=(), relearning_steps=(), enable_fuzzing=False
)


class Rating(IntEnum):
    """How well a word was known, on FSRS's scale."""

    AGAIN = 1
    HARD = 2
    GOOD = 3
    EASY = 4


UNRATED = Rating.GOOD
"""What a word counts as that comes without a rating: it was used, so it was known."""


@dataclass(frozen=True, slots=True)
class Card:
    """What is remembered about a word.

    Attributes:
        stability: days after which the probability of recall has fallen to 0.9.
        difficulty: 1 (easy) to 10 (hard).
        due_at: when it should come up again.
        reviewed_at: when it last came up.
    """

    stability: float
    difficulty: float
    due_at: datetime
    reviewed_at: datetime


def reviewed(card: Card | None, rating: Rating, *, now: datetime) -> Card:
    """The card after a word came up; none before it did for the first time.

    A clock that has stepped back does not move a review before the one it follows.
    """
    moment = now.astimezone(UTC)
    if card is None:
        before = FsrsCard(card_id=0, due=moment)
    else:
        moment = max(moment, card.reviewed_at.astimezone(UTC))
        before = FsrsCard(
            card_id=0,
            state=State.Review,
            stability=card.stability,
            difficulty=card.difficulty,
            due=card.due_at,
            last_review=card.reviewed_at.astimezone(UTC),
        )
    after, _ = _SCHEDULER.review_card(before, FsrsRating(rating), moment)
    if after.stability is None or after.difficulty is None:
        raise ArithmeticError("a reviewed card has a stability and a difficulty")
    return Card(after.stability, after.difficulty, after.due, moment)
