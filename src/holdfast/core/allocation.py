"""Allocation to study groups by permuted blocks: a pure function of seed and number.

Within each block every arm occurs equally often, so that after any number of allocations two
arms differ by at most half a block when there are two of them. Anyone can recompute the whole list from the
cohort's seed (ICH E9, section 2.3.2, on blocked randomisation).
"""

from __future__ import annotations

from collections.abc import Sequence

from holdfast.kit.errors import InvalidInput
from holdfast.kit.randomness import stream


def arm_for(number: int, *, arms: Sequence[str], block_size: int, seed: int) -> str:
    """The arm of the allocation with this 0-based number.

    Raises:
        InvalidInput: when the block size is not a positive multiple of the number of arms.
    """
    check_blocks(arms, block_size)
    block, place = divmod(number, block_size)
    letters = list(arms) * (block_size // len(arms))
    stream(seed, f"allocation block {block}").shuffle(letters)
    return letters[place]


def check_blocks(arms: Sequence[str], block_size: int) -> None:
    """Refuse blocks that cannot be balanced."""
    if not arms or len(set(arms)) != len(arms):
        raise InvalidInput("name at least one arm, and none twice", field="arms")
    if block_size <= 0 or block_size % len(arms):
        raise InvalidInput(f"must be a multiple of the {len(arms)} arms", field="blockSize")
