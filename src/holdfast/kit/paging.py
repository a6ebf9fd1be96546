"""Paging: limit and offset, clamped as the older clients expect, with the true total."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")
LARGEST_PAGE = 100
FURTHEST_OFFSET = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Page:
    """A window on a list: `limit` 1 to 100, `offset` 0 or more."""

    limit: int = 20
    offset: int = 0

    @classmethod
    def clamped(cls, limit: int, offset: int) -> Page:
        """The nearest legal window."""
        return cls(min(max(limit, 1), LARGEST_PAGE), min(max(offset, 0), FURTHEST_OFFSET))


@dataclass(frozen=True, slots=True)
class Listing(Generic[T]):
    """The items of a page and how many there are in all."""

    items: Sequence[T]
    total: int
    page: Page
