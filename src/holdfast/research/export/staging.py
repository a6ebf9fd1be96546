"""A directory that appears whole or not at all: made under another name beside its place, then renamed.

The directory under way is locked by the process that makes it. A lock dies with its process, so what the
next run finds unlocked is a leftover, and is removed.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex

from holdfast.kit.errors import Conflict, InvalidInput

MANIFEST = "manifest.json"
_ENDING = ".partial"


@contextmanager
def staged(place: Path, *, replace: bool = False) -> Iterator[Path]:
    """A new directory, which takes its place when the block ends well and is removed when it does not.

    Args:
        place: where it shall stand; its parent is made.
        replace: an earlier bundle at this place is replaced, in one step where the system can.

    Raises:
        Conflict: there is something at this place already.
        InvalidInput: the place cannot be written, or its disk is full.
    """
    place = Path(os.path.abspath(place))  # noqa: PTH100  # resolve() would follow a link that stands there
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        _check(place, replace=replace)
        _remove_leftovers(place)
        work = place.with_name(f".{place.name}.{token_hex(6)}{_ENDING}")
        work.mkdir(mode=0o700)
    except OSError as error:
        raise _told(error, place) from error
    lock = os.open(work, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            yield work
            _make_lasting(work)
            _put(work, place, replace=replace)
        except OSError as error:
            raise _told(error, place) from error
        finally:
            shutil.rmtree(work, ignore_errors=True)
    finally:
        os.close(lock)


def _check(place: Path, *, replace: bool) -> None:
    if not (place.exists() or place.is_symlink()) or (_is_directory(place) and not any(place.iterdir())):
        return
    if not replace:
        raise Conflict(
            "is there already; choose another place, or --replace to put the new bundle there",
            field=str(place),
        )
    if not (_is_directory(place) and (place / MANIFEST).is_file()):
        raise Conflict("is no bundle and is not replaced", field=str(place))


def _is_directory(place: Path) -> bool:
    return place.is_dir() and not place.is_symlink()


def _remove_leftovers(place: Path) -> None:
    for left in place.parent.glob(f".{_plain(place.name)}.*{_ENDING}"):
        lock = os.open(left, os.O_RDONLY)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(left)
        except BlockingIOError:
            continue  # another run is at work
        finally:
            os.close(lock)


def _plain(name: str) -> str:
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in name)


def _make_lasting(work: Path) -> None:
    """Every file and directory is on the disk before its name is."""
    for root, directories, files in os.walk(work):
        for name in (*files, *directories, "."):
            handle = os.open(Path(root) / name, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)


def _put(work: Path, place: Path, *, replace: bool) -> None:
    try:
        work.rename(place)
    except OSError as error:
        if error.errno not in {errno.ENOTEMPTY, errno.EEXIST}:
            raise
        if not replace:
            raise Conflict("was made meanwhile by another run", field=str(place)) from error
        _exchange(work, place)
    _sync(place.parent)


_AT_FDCWD, _RENAME_EXCHANGE = -100, 2


def _exchange(work: Path, place: Path) -> None:
    """Swap two directories; ``work`` is then the earlier one. In one step on Linux, in two elsewhere."""
    libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
    if libc is not None and hasattr(libc, "renameat2"):
        names = os.fsencode(work), os.fsencode(place)
        if libc.renameat2(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE) == 0:
            return
    earlier = work.with_name(work.name.removesuffix(_ENDING) + f".earlier{_ENDING}")
    place.rename(earlier)
    work.rename(place)
    shutil.rmtree(earlier, ignore_errors=True)


def _sync(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _told(error: OSError, place: Path) -> InvalidInput:
    return InvalidInput(f"cannot be written: {error.strerror or error}", field=str(place))
