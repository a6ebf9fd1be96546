"""Files kept for another account: opened without following a link, given to their owner at once.

Started as root, Holdfast writes into directories that somebody else may own. That owner must not be able
to make root write elsewhere by leaving a symbolic link, so every file here is opened relative to its
directory, and neither the directory nor the file may be a link.
"""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple


class Owner(NamedTuple):
    """Numeric owner of a file."""

    uid: int
    gid: int


def owner_of(path: Path) -> Owner:
    """The owner of what is at `path`, not following a link.

    Raises:
        OSError: there is nothing there.
    """
    found = path.lstat()
    return Owner(found.st_uid, found.st_gid)


def open_own(path: Path, flags: int, owner: Owner) -> int:
    """Open `path` (mode 0600 when it is made) and, as root, give it to `owner`.

    Returns:
        A file descriptor that children do not inherit.

    Raises:
        OSError: also when the file or its directory is a symbolic link.
    """
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fd = os.open(path.name, flags | os.O_NOFOLLOW, 0o600, dir_fd=directory)
    finally:
        os.close(directory)
    give(fd, owner)
    return fd


def give(fd: int, owner: Owner) -> None:
    """Make `owner` the owner of an open file or directory; only root can, for anyone else nothing happens."""
    if os.geteuid() == 0 and os.fstat(fd).st_uid != owner.uid:
        os.fchown(fd, owner.uid, owner.gid)


def replace_own(path: Path, text: str, owner: Owner) -> None:
    """Write `text` to `path` so that a reader sees the old or the new content, never a part.

    Raises:
        OSError: the directory cannot be written, or is a symbolic link.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    fd = open_own(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, owner)
    try:
        with os.fdopen(fd, "w", encoding="utf-8") as file:
            file.write(text)
        directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            os.rename(draft.name, path.name, src_dir_fd=directory, dst_dir_fd=directory)
        finally:
            os.close(directory)
    except OSError:
        with suppress(OSError):
            draft.unlink()
        raise


def overwrite_own(path: Path, text: str, owner: Owner) -> None:
    """Write `text` over the content of `path`, in the place on the disk that it has already.

    For a full disk: a small file needs no room for this. A reader may see a part.

    Raises:
        OSError: there is no such file, or it cannot be written.
    """
    content = text.encode()
    fd = open_own(path, os.O_WRONLY, owner)
    try:
        os.pwrite(fd, content, 0)
        os.ftruncate(fd, len(content))
    finally:
        os.close(fd)


def make_own_directory(path: Path, owner: Owner, mode: int = 0o700) -> None:
    """Make the directory `path` for `owner`, or accept one that is there and is not a link.

    Raises:
        OSError: it cannot be made, or something else is there.
    """
    with suppress(FileExistsError):
        path.mkdir(mode)
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        give(fd, owner)
        if os.fstat(fd).st_uid == os.geteuid() or os.geteuid() == 0:
            os.fchmod(fd, mode)
    finally:
        os.close(fd)


def claim_directory(path: Path, mode: int) -> bool:
    """Make `path`, or accept it when it is a directory of the caller that nobody else could write to."""
    try:
        with suppress(FileExistsError):
            path.mkdir(mode=0o700)
        fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        found = os.fstat(fd)
        if found.st_uid != os.geteuid() or found.st_mode & 0o022:
            return False
        os.fchmod(fd, mode)
    finally:
        os.close(fd)
    return True


def give_tree(top: Path, owner: Owner) -> None:
    """Make `owner` the owner of `top` and all below it, following no link (root only).

    Raises:
        OSError: something below cannot be changed.
    """
    for _, directories, files, fd in os.fwalk(top, follow_symlinks=False):
        os.fchown(fd, owner.uid, owner.gid)
        for name in (*directories, *files):
            os.chown(name, owner.uid, owner.gid, dir_fd=fd, follow_symlinks=False)
