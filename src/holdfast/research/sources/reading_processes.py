"""Processes that read students' files: each takes a run of files, writes its rows, and says what it found.

They are Python itself with this module and nothing of the program that started them. They end with it: when
it asks for no more, is interrupted, or dies (the pipe between them is closed then).
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import wait as wait_for
from contextlib import suppress
from queue import SimpleQueue
from typing import IO, Any

from holdfast.kit.errors import HoldfastError
from holdfast.research.sources.file_chunks import Found, Order, read_chunk

_SERVE = f"from {__name__} import serve; serve()"
_LOOK_AGAIN_S = 0.1


class ReadingFailed(HoldfastError):
    """A process that read files ended before its time; there is no dataset."""

    code = "reading_failed"


class ReadingStopped(HoldfastError):
    """Reading was asked to stop."""

    code = "reading_stopped"


def read_in_processes(orders: Sequence[Order], count: int, stopped: Callable[[], bool]) -> Iterator[Found]:
    """What each order found, in the order of the orders.

    Args:
        orders: what to read.
        count: processes.
        stopped: is asked ten times a second; when it says so, the processes are ended.

    Raises:
        ReadingFailed: a process was killed, or could not start.
        ReadingStopped: as was asked for.
        OSError: a process could not write.
    """
    processes = [_Reader() for _ in range(count)]
    idle: SimpleQueue[_Reader] = SimpleQueue()
    for process in processes:
        idle.put(process)

    def read(order: Order) -> Found:
        reader = idle.get()
        try:
            return reader.read(order)
        finally:
            idle.put(reader)

    with ThreadPoolExecutor(count, "reading") as pool:
        try:
            waiting = deque(pool.submit(read, order) for order in orders)
            while waiting:
                yield _result(waiting.popleft(), stopped)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
            for process in processes:
                process.end()


def _result(future: Future[Found], stopped: Callable[[], bool]) -> Found:
    while not wait_for([future], _LOOK_AGAIN_S).done:
        if stopped():
            raise ReadingStopped("reading files was stopped")
    return future.result()


class _Reader:
    """One process."""

    def __init__(self) -> None:
        command = [sys.executable, "-P", "-c", _SERVE]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S603

    def read(self, order: Order) -> Found:
        """What it found."""
        try:
            pickle.dump(order, self._to)
            self._to.flush()
            found = pickle.load(self._from)  # noqa: S301  # from a process of ours
        except (EOFError, OSError, pickle.UnpicklingError) as error:
            status = self._process.wait()
            how = signal.Signals(-status).name if status < 0 else f"status {status}"
            raise ReadingFailed(
                f"a process that read files from number {order.number + 1} on was ended ({how}); "
                "when memory is short, the system ends processes"
            ) from error
        if isinstance(found, BaseException):
            raise found
        assert isinstance(found, Found)  # noqa: S101  # the process sends nothing else
        return found

    def end(self) -> None:
        """End it, whatever it does."""
        self._process.kill()
        self._process.wait()
        self._from.close()
        with suppress(OSError):  # what was still to be sent to it
            self._to.close()

    @property
    def _to(self) -> IO[bytes]:
        assert self._process.stdin is not None  # noqa: S101  # a pipe
        return self._process.stdin

    @property
    def _from(self) -> IO[bytes]:
        assert self._process.stdout is not None  # noqa: S101  # a pipe
        return self._process.stdout


def serve() -> None:
    """Read orders from the standard input until it ends, and answer each on the standard output."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started this one ends it
    gc.disable()  # what is read has no cycles; looking for them took an eighth of the time
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what is printed by mistake must not stand between the answers
    while True:
        try:
            order = pickle.load(sys.stdin.buffer)  # noqa: S301  # from the process that started this one
        except EOFError:
            return
        answer: Any
        try:
            answer = read_chunk(order)
        except Exception as error:  # noqa: BLE001  # it is raised again over there
            answer = error
        try:
            pickle.dump(answer, answers)
            answers.flush()
        except BrokenPipeError:
            return
