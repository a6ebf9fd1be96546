"""A store's log file: appended to, kept small, and quoted in errors."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from holdfast.store.embedded.ownfile import Owner, open_own

LARGEST_LOG = 20 * 1024 * 1024
_KEPT = 1024 * 1024
_QUOTED = 64 * 1024
# PostgreSQL needs one piece of WAL to go on.
_TIGHT = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Log:
    """A log file that a child process appends to."""

    path: Path
    owner: Owner

    def open(self) -> int:
        """A descriptor that appends; the caller closes it.

        Raises:
            OSError: the file cannot be written.
        """
        return open_own(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, self.owner)

    def size(self) -> int:
        """Bytes in the log now; 0 when there is none."""
        try:
            return self.path.stat().st_size
        except OSError:
            return 0

    def tail(self, since: int = 0, lines: int = 12) -> str:
        """The last `lines` lines written after the byte `since`."""
        try:
            with self.path.open("rb") as file:
                file.seek(max(since, self.size() - _QUOTED))
                text = file.read().decode(errors="replace")
        except OSError:
            return ""
        return "\n".join(text.strip().splitlines()[-lines:])

    def quoted(self, since: int = 0) -> str:
        """The last lines for an error message, and whether the disk they are on is full."""
        text = f"Last lines of {self.path}:\n{self.tail(since)}"
        try:
            free = shutil.disk_usage(self.path.parent).free
        except OSError:
            return text
        return text if free > _TIGHT else f"The disk is full: {free // 1024} KiB are free.\n{text}"

    def trim(self) -> None:
        """Cut a log over 20 MiB to its last MiB; lines written in that moment may be lost."""
        if self.size() <= LARGEST_LOG:
            return
        fd = open_own(self.path, os.O_RDWR, self.owner)
        try:
            kept = os.pread(fd, _KEPT, os.fstat(fd).st_size - _KEPT)
            os.ftruncate(fd, 0)
            os.pwrite(fd, kept, 0)
        finally:
            os.close(fd)
