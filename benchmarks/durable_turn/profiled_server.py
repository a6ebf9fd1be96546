"""`holdfast serve` under a sampling profiler that runs between SIGUSR1 and SIGUSR2.

`python -m benchmarks.durable_turn.profiled_server FILE` writes to FILE which part of the program had the
processor, in seconds. A second thread looks at the stack of the first every millisecond: a profiler that
hooks calls would book the waiting of the event loop on whoever is called after it.
"""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from types import FrameType

import orjson

from holdfast.app.serving import serve
from holdfast.app.settings import read_settings

_INTERVAL_S = 0.001

_TO_AND_FROM_JSON = {"to_json", "from_json", "_plain", "_readers", "<lambda>", "<dictcomp>"}
_PARTS = (
    ("interpreter", ("simulation/interpreter/",)),
    ("engine", ("simulation/engine/",)),
    ("persona", ("simulation/personas/", "holdfast/agents/")),
    ("auth", ("web/security.py", "core/access.py", "/jwt/")),
    ("JSON", ("web/responses.py", "simulation/stored.py", "/json/")),
    ("asyncpg and pool", ("/asyncpg/", "store/database.py", "store/statements.py")),
    ("turn logic", ("holdfast/programs/", "holdfast/core/")),
    ("HTTP and framework", ("/fastapi/", "/starlette/", "/pydantic", "/anyio/", "uvicorn/protocols")),
)
"""Parts of the program and the files that are theirs; the innermost frame that has a part decides."""
_LOOP = "event loop and sockets"


def part_of(frame: FrameType | None) -> str:
    """The part that the innermost telling frame of a stack belongs to."""
    while frame is not None:
        file, function = frame.f_code.co_filename, frame.f_code.co_name
        if function in _TO_AND_FROM_JSON and file.endswith(("run_state.py", "store/database.py")):
            return "JSON"
        for part, files in _PARTS:
            if any(piece in file for piece in files):
                return part
        frame = frame.f_back
    return _LOOP


class _Watch:
    """The sampler, driven by signals."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._sample, args=(threading.get_ident(),), daemon=True)
        self._samples: Counter[str] = Counter()
        self._began = (0.0, 0.0)
        signal.signal(signal.SIGUSR1, self._start)
        signal.signal(signal.SIGUSR2, self._stop)

    def _start(self, *_: object) -> None:
        sys.setswitchinterval(_INTERVAL_S / 4)
        self._began = (time.perf_counter(), time.process_time())
        self._thread.start()

    def _sample(self, watched: int) -> None:
        while not self._over.wait(_INTERVAL_S):
            self._samples[part_of(sys._current_frames().get(watched))] += 1  # noqa: SLF001

    def _stop(self, *_: object) -> None:
        wall = time.perf_counter() - self._began[0]
        cpu = time.process_time() - self._began[1]
        self._over.set()
        count = self._samples.total() or 1
        parts = {part: samples / count * wall for part, samples in self._samples.items()}
        # The loop's share holds its waiting; what it did not wait for, it spent on sockets and callbacks.
        waiting = min(max(0.0, wall - cpu), parts.get(_LOOP, 0.0))
        parts |= {_LOOP: parts.get(_LOOP, 0.0) - waiting, "waiting": waiting}
        self._file.write_bytes(orjson.dumps({"wall_s": wall, "cpu_s": cpu, "parts_s": parts}))


if __name__ == "__main__":
    _Watch(Path(sys.argv[1]))
    serve(read_settings(), say=lambda line: print(line, flush=True))
