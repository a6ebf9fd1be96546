"""Advisory file locks (`flock`): the kernel drops them however a process ends."""

from __future__ import annotations

import fcntl
import os
from contextlib import suppress
from pathlib import Path

from holdfast.store.embedded.ownfile import Owner, open_own


def try_shared(path: Path, owner: Owner) -> int | None:
    """Take a shared lock on `path` without waiting.

    Returns:
        The descriptor that holds the lock until it is closed, or None when somebody holds it alone.
    """
    return _try(path, owner, fcntl.LOCK_SH)


def try_exclusive(path: Path, owner: Owner) -> int | None:
    """Take the lock on `path` alone without waiting.

    Returns:
        The descriptor that holds the lock until it (and every inherited copy) is closed, or None when
        anybody else holds it.
    """
    return _try(path, owner, fcntl.LOCK_EX)


def _try(path: Path, owner: Owner, kind: int) -> int | None:
    fd = open_own(path, os.O_RDWR | os.O_CREAT, owner)
    try:
        fcntl.flock(fd, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(fd)
        return None
    except OSError:
        os.close(fd)
        raise
    return fd


def drop(fd: int | None) -> None:
    """Give a lock back by closing its descriptor."""
    if fd is not None:
        with suppress(OSError):
            os.close(fd)
