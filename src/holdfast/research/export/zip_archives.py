"""Making an Office file the same for the same content, and putting entries into it that were packed apart.

The time in its properties is replaced. Entries are copied as they are compressed, so that a large workbook
costs only its bytes.
"""

from __future__ import annotations

import os
import re
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

PROPERTIES = "docProps/core.xml"
_TIME = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_LOCAL, _NAME_AT = 30, 26
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Packed:
    """An entry of an archive that is compressed already.

    Attributes:
        path: of the compressed bytes (raw deflate); they are gone when they stand in the archive.
        crc, size: of what they hold.
        packed: how many bytes they are.
    """

    path: Path
    crc: int
    size: int
    packed: int


Change = bytes | Packed
"""The new content of an entry."""


def rewrite(path: Path, target: Path, moment: datetime, changes: Mapping[str, Change]) -> None:
    """Write an Office file anew, with one moment for the times in its properties.

    Args:
        path: the file.
        target: the new one.
        moment: aware, UTC.
        changes: entries that have another content.
    """
    with zipfile.ZipFile(path) as archive, path.open("rb") as source, target.open("wb") as file:
        properties = _TIME.sub(moment.strftime("%Y-%m-%dT%H:%M:%SZ").encode(), archive.read(PROPERTIES))
        _copy(archive, source, file, {PROPERTIES: properties, **changes})


def _copy(
    archive: zipfile.ZipFile, source: IO[bytes], target: IO[bytes], changes: Mapping[str, Change]
) -> None:
    central = []
    for entry in archive.infolist():
        start = target.tell()
        change = changes.get(entry.filename)
        if isinstance(change, Packed):
            facts = (change.crc, change.packed, change.size)
            target.write(_local(entry, facts))
            with change.path.open("rb") as part:
                _copy_bytes(part, target, change.packed)
            change.path.unlink()
        elif change is not None:
            packer = zlib.compressobj(6, zlib.DEFLATED, -15)
            packed = packer.compress(change) + packer.flush()
            facts = (zlib.crc32(change), len(packed), len(change))
            target.write(_local(entry, facts) + packed)
        else:
            facts = (entry.CRC, entry.compress_size, entry.file_size)
            target.write(_local(entry, facts))
            source.seek(entry.header_offset + _NAME_AT)
            name, extra = struct.unpack("<HH", source.read(4))
            source.seek(entry.header_offset + _LOCAL + name + extra)
            _copy_bytes(source, target, entry.compress_size)
        central.append(_central(entry, facts, start))
    _finish(target, central)


def _copy_bytes(source: IO[bytes], target: IO[bytes], count: int) -> None:
    while count:
        part = source.read(min(count, _CHUNK))
        if not part:
            raise OSError("the archive ends too early")
        target.write(part)
        count -= len(part)


_ZIP64 = 45
_LIMIT = 0xFFFFFFFF
_DOS_DATE = 0x21  # 1 January 1980, the first that there is
_UTF8 = 0x800


def _local(entry: zipfile.ZipInfo, facts: tuple[int, int, int]) -> bytes:
    crc, packed, size = facts
    name = entry.filename.encode()
    big = packed >= _LIMIT or size >= _LIMIT
    extra = struct.pack("<HHQQ", 1, 16, size, packed) if big else b""
    sizes = (_LIMIT, _LIMIT) if big else (packed, size)
    fixed = (0x04034B50, _ZIP64 if big else 20, _UTF8, entry.compress_type, 0, _DOS_DATE, crc)
    return struct.pack("<IHHHHHIIIHH", *fixed, *sizes, len(name), len(extra)) + name + extra


def _central(entry: zipfile.ZipInfo, facts: tuple[int, int, int], start: int) -> bytes:
    crc, packed, size = facts
    name = entry.filename.encode()
    big = packed >= _LIMIT or size >= _LIMIT or start >= _LIMIT
    extra = struct.pack("<HHQQQ", 1, 24, size, packed, start) if big else b""
    shown = (_LIMIT, _LIMIT, _LIMIT) if big else (packed, size, start)
    version = _ZIP64 if big else 20
    fixed = (0x02014B50, version, version, _UTF8, entry.compress_type, 0, _DOS_DATE, crc)
    tail = (len(name), len(extra), 0, 0, 0, 0, shown[2])
    return struct.pack("<IHHHHHHIIIHHHHHII", *fixed, *shown[:2], *tail) + name + extra


def _finish(target: IO[bytes], central: list[bytes]) -> None:
    start = target.tell()
    target.write(b"".join(central))
    size = target.tell() - start
    count = len(central)
    if start >= _LIMIT:
        record = (0x06064B50, 44, _ZIP64, _ZIP64, 0, 0, count, count, size, start)
        target.write(struct.pack("<IQHHIIQQQQ", *record))
        target.write(struct.pack("<IIQI", 0x07064B50, 0, start + size, 1))
    target.write(struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, count, count, size, min(start, _LIMIT), 0))
    target.flush()
    os.fsync(target.fileno())
