"""Starting a supervisor: as a process of its own that outlives whoever starts it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from holdfast.store.embedded.layout import Layout
from holdfast.store.embedded.logs import Log
from holdfast.store.embedded.state import Phase, State, publish, published

SUPERVISOR_MODULE = "holdfast.store.embedded.supervisor"
GRACE_S = 1.5
_PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "XDG_RUNTIME_DIR", "VIRTUAL_ENV", "SYSTEMROOT")
_PASSED_ON_PREFIXES = ("PYTHON", "LD_", "DYLD_")


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the one who starts the supervisor asks for.

    Attributes:
        options: PostgreSQL settings beyond the defaults.
        grace_s: seconds that the stores stay after the last holder has left.
    """

    options: Mapping[str, str]
    grace_s: float = GRACE_S


def launch(layout: Layout, lock: int, wishes: Wishes) -> None:
    """Start a supervisor and hand it the supervisor lock.

    The lock's descriptor is inherited, so there is no moment in which a second supervisor could be
    started; it is closed here. The process detaches itself; this returns when it has, after about 0.1 s.

    Args:
        layout: the data directory.
        lock: descriptor of the supervisor lock, held by the caller.
        wishes: what is asked for.

    Raises:
        OSError: the state or the log cannot be written, or Python cannot be started.
    """
    log = Log(layout.log("supervisor"), layout.owner)
    try:
        publish(layout, State(Phase.STARTING, "starting the stores", runtime=published(layout).runtime))
        log.trim()
        output = log.open()
        try:
            subprocess.run(  # noqa: S603 - this interpreter, this package
                _command(layout, lock, wishes),
                cwd="/",
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=(lock,),
                start_new_session=True,
                check=False,
            )
        finally:
            os.close(output)
    finally:
        os.close(lock)


def _command(layout: Layout, lock: int, wishes: Wishes) -> list[str]:
    options = [word for name, value in wishes.options.items() for word in ("--option", f"{name}={value}")]
    # -P keeps the working directory out of the module path.
    interpreter = [sys.executable, "-P", "-m", SUPERVISOR_MODULE]
    return [
        *interpreter,
        str(layout.data),
        "--detach",
        "--lock-fd",
        str(lock),
        "--grace",
        str(wishes.grace_s),
        *options,
    ]


def _environment() -> dict[str, str]:
    # Secrets of the server have no business in a process that stays behind.
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in _PASSED_ON or name.startswith(_PASSED_ON_PREFIXES)
    }
    if "PYTHONPATH" in kept:
        paths = kept["PYTHONPATH"].split(os.pathsep)
        kept["PYTHONPATH"] = os.pathsep.join(os.path.abspath(path) for path in paths if path)  # noqa: PTH100
    return kept
