"""Work on several files at once: what takes the time (polars, zlib, the disk) waits for no other thread."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Given = TypeVar("Given")
Made = TypeVar("Made")

MOST = 4
"""Files at once: each holds some tens of megabytes."""


def side_by_side(work: Callable[[Given], Made], given: Iterable[Given]) -> Iterator[Made]:
    """What the work makes of each, in their order; nothing is begun before the first is asked for.

    The first error is raised when those that were begun are done; the others are not begun.
    """
    with ThreadPoolExecutor(min(MOST, os.cpu_count() or 1), "research") as pool:
        waiting = [pool.submit(work, each) for each in given]
        try:
            for each in waiting:
                yield each.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
