"""Whether a store lives, judged by talking to it.

Spoken directly over the socket, without a driver: the supervisor asks every other second for as long as it
runs and should stay small, and a start should not wait for the import of one.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from contextlib import suppress
from enum import Enum, auto
from pathlib import Path

_PROTOCOL_3 = 196608
_HEAD = struct.Struct("!ci")
_TERMINATE = b"X\x00\x00\x00\x04"
_CANNOT_CONNECT_NOW = "57P03"


class Pulse(Enum):
    """What a store answered."""

    READY = auto()
    """It does its work, or refuses this caller for a reason of its own, such as too many connections."""
    STARTING = auto()
    """It lives but does not serve yet: it starts or recovers."""
    LEAVING = auto()
    """It lives and is shutting down."""
    SILENT = auto()
    """It does not answer."""


def valkey_pulse(path: Path, timeout_s: float = 1.0) -> Pulse:
    """Ask a Valkey on the socket `path` for its PONG, waiting `timeout_s` seconds at most."""
    try:
        with _connected(path, timeout_s) as connection:
            connection.sendall(b"PING\r\n")
            answer = connection.recv(64)
    except OSError:
        return Pulse.SILENT
    if answer.startswith(b"+PONG"):
        return Pulse.READY
    return Pulse.STARTING if answer.startswith(b"-LOADING") else Pulse.SILENT


def postgres_pulse(path: Path, timeout_s: float = 1.0, user: str = "postgres") -> Pulse:
    """Log in to the PostgreSQL on the socket `path`, waiting `timeout_s` seconds at most for each answer.

    The login goes as far as a session that could take a query, so that a server whose main process answers
    but which cannot start sessions does not count as alive. Message formats: PostgreSQL documentation,
    "Frontend/Backend Protocol".
    """
    names = ("user", user, "database", "postgres", "application_name", "holdfast pulse")
    startup = struct.pack("!i", _PROTOCOL_3) + "".join(f"{name}\0" for name in names).encode() + b"\0"
    try:
        with _connected(path, timeout_s) as connection:
            connection.sendall(struct.pack("!i", len(startup) + 4) + startup)
            for kind, body in _messages(connection):
                if kind == b"Z":
                    with suppress(OSError):
                        connection.sendall(_TERMINATE)
                    return Pulse.READY
                if kind == b"E":
                    return _refusal(body)
    except OSError:
        pass
    return Pulse.SILENT


def _connected(path: Path, timeout_s: float) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(timeout_s)
    try:
        connection.connect(str(path))
    except OSError:
        connection.close()
        raise
    return connection


def _messages(connection: socket.socket) -> Iterator[tuple[bytes, bytes]]:
    with connection.makefile("rb") as stream:
        while len(head := stream.read(_HEAD.size)) == _HEAD.size:
            kind, length = _HEAD.unpack(head)
            yield kind, stream.read(length - 4)


def _refusal(body: bytes) -> Pulse:
    fields = {part[:1]: part[1:].decode(errors="replace") for part in body.split(b"\0") if part}
    if fields.get(b"C") != _CANNOT_CONNECT_NOW:
        return Pulse.READY
    return Pulse.LEAVING if "shutting down" in fields.get(b"M", "") else Pulse.STARTING
