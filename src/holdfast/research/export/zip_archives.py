"""Making an Office file the same for the same content: the time in its properties is replaced.

The other entries are copied as they are compressed, so that a large workbook costs only its bytes.
"""

from __future__ import annotations

import os
import re
import struct
import zipfile
import zlib
from datetime import datetime
from pathlib import Path
from typing import IO

PROPERTIES = "docProps/core.xml"
_TIME = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_LOCAL, _NAME_AT = 30, 26
_CHUNK = 1 << 20


def fix_time(path: Path, moment: datetime) -> None:
    """Replace the times in the properties of an Office file by one moment, in place.

    Args:
        path: the file; beside it a temporary one stands meanwhile.
        moment: aware, UTC.
    """
    beside = path.with_name(path.name + ".fixed")
    with zipfile.ZipFile(path) as archive, path.open("rb") as source, beside.open("wb") as target:
        _copy(archive, source, target, moment.strftime("%Y-%m-%dT%H:%M:%SZ").encode())
    beside.replace(path)


def _copy(archive: zipfile.ZipFile, source: IO[bytes], target: IO[bytes], moment: bytes) -> None:
    central = []
    for entry in archive.infolist():
        start = target.tell()
        if entry.filename == PROPERTIES:
            content = _TIME.sub(moment, archive.read(entry))
            packer = zlib.compressobj(6, zlib.DEFLATED, -15)
            packed = packer.compress(content) + packer.flush()
            facts = (zlib.crc32(content), len(packed), len(content))
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
