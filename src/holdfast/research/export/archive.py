"""A bundle as one zip archive, made while it is sent: it never stands on the disk or whole in memory."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_CHUNK = 1 << 20
_PACKED = {".xlsx", ".png", ".pdf", ".parquet"}
_EPOCH = (1980, 1, 1, 0, 0, 0)


class _Pipe(io.RawIOBase):
    """What the archive writes into, and the answer reads out of."""

    def __init__(self) -> None:
        super().__init__()
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        """Writing is all it is for."""
        return True

    def write(self, part: Any) -> int:
        """Take a part."""
        self._parts.append(bytes(part))
        return len(part)

    def drain(self) -> bytes:
        """What came since the last time."""
        parts, self._parts = self._parts, []
        return b"".join(parts)


def zipped(bundle: Path) -> Iterator[bytes]:
    """The archive piece by piece; the same bundle makes the same archive."""
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w") as archive:
        for path in sorted(path for path in bundle.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(bundle).as_posix(), _EPOCH)
            entry.compress_type = zipfile.ZIP_STORED if path.suffix in _PACKED else zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            with archive.open(entry, "w", force_zip64=True) as target, path.open("rb") as source:
                while part := source.read(_CHUNK):
                    target.write(part)
                    yield pipe.drain()
    yield pipe.drain()
