"""Processes beyond one's own children: what an earlier supervisor left, and ties between parent and child."""

from __future__ import annotations

import ctypes
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_PROC = Path("/proc")
_TICK_S = 0.02


def named_after(key: str, program: str, uid: int) -> list[int]:
    """Ids of the living processes of `program` under account `uid` whose command line holds `key`.

    The supervisor puts the key of its data directory on every command line, and PostgreSQL repeats it in
    the titles of its server processes. Ended processes that nobody has reaped have no command line and
    are not found.
    """
    pattern = re.compile(rf"^(\S*/)?{re.escape(program)}\b.*{re.escape(key)}")
    return [pid for pid, owner, line in _command_lines() if owner == uid and pattern.search(line)]


def _command_lines() -> Iterator[tuple[int, int, str]]:
    if not (_PROC / "self" / "cmdline").exists():
        yield from _listed_by_ps()
        return
    for entry in _PROC.iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                yield int(entry.name), entry.stat().st_uid, line


def _listed_by_ps() -> Iterator[tuple[int, int, str]]:
    listing = subprocess.run(
        ["/bin/ps", "-axww", "-o", "pid=,uid=,command="],
        check=True,
        capture_output=True,
        text=True,
        errors="replace",
    )
    for line in listing.stdout.splitlines():
        pid, uid, command = line.split(maxsplit=2)
        yield int(pid), int(uid), command


def end_all(find: Callable[[], list[int]], steps: tuple[tuple[signal.Signals | None, float], ...]) -> bool:
    """Send the processes that `find` finds one signal after the other until none is left.

    Args:
        find: lists the processes that are still there.
        steps: a signal (None to send nothing) and the seconds to wait after it, in order of severity.

    Returns:
        Whether all are gone.
    """
    for number, seconds in steps:
        for pid in find():
            if number is not None:
                with suppress(ProcessLookupError):
                    os.kill(pid, number)
        until = time.monotonic() + seconds
        while find():
            if time.monotonic() >= until:
                break
            time.sleep(_TICK_S)
        else:
            return True
    return not find()


def exists(pid: int) -> bool:
    """Whether the process table has an entry `pid`, alive or not reaped."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def die_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    """A function for a new child to call: it asks for signal `number` when the parent ends (Linux only)."""
    prctl = _prctl()
    if prctl is None:
        return None
    parent = os.getpid()

    def ask() -> None:
        prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)

    return ask


def adopt_orphans() -> None:
    """Become the parent of processes that one's children leave behind, to reap them (Linux only)."""
    prctl = _prctl()
    if prctl is not None:
        prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def reap_orphans(own: set[int]) -> None:
    """Reap every ended child except those in `own`, which their `Popen` objects reap (Linux only)."""
    if sys.platform != "linux":
        return
    with suppress(ChildProcessError):
        for pid in _ended_children():
            if pid in own:
                return
            os.waitpid(pid, os.WNOHANG)


def _ended_children() -> Iterator[int]:
    while (ended := os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)) is not None:
        yield ended.si_pid


def _prctl() -> Callable[..., int] | None:
    if sys.platform != "linux":
        return None
    function: Callable[..., int] = ctypes.CDLL(None, use_errno=True).prctl
    return function
