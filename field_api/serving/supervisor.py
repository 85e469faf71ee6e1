"""Several workers behind one port: each a process of its own, started again when it dies."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from field_api.core.parent import when_parent_ends

__all__ = ["LISTEN_FD", "inherited_listener", "supervise"]

log = structlog.get_logger(__name__)

LISTEN_FD = "XUNSHAN_LISTEN_FD"
"""Environment: the number of the listening socket that a worker inherits."""
SUPERVISOR = "XUNSHAN_SUPERVISOR"
"""Environment: the process whose end is a worker's end."""
LOOK_S = 0.2
SOON_S = 5.0
"""A worker that lives shorter than this failed at its start, and is waited with before the next."""
MOST_FAILURES = 5


@dataclass
class _Worker:
    process: subprocess.Popen[bytes]
    since_s: float


def inherited_listener() -> socket.socket | None:
    """Return the socket that a supervisor made, None in a process that has none.

    Without its supervisor, which holds the data folder, a worker stops by itself.
    """
    number, parent = os.environ.pop(LISTEN_FD, None), os.environ.pop(SUPERVISOR, None)
    if number is None or parent is None:
        return None
    when_parent_ends(int(parent), lambda: os.kill(os.getpid(), signal.SIGTERM))
    return socket.socket(fileno=int(number))


def supervise(listener: socket.socket, count: int, arguments: Sequence[str]) -> int:
    """Run workers until a signal says stop; return the exit status.

    Args:
        listener: bound; workers take connections from it in turn.
        count: how many workers.
        arguments: the command line of one, without the program.

    All workers that fail at their start again and again end the whole, with their status.
    """
    listener.listen(2048)
    listener.set_inheritable(True)
    environment = {
        **os.environ,
        LISTEN_FD: str(listener.fileno()),
        SUPERVISOR: str(os.getpid()),
    }
    asked: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda sig, _frame: asked.append(sig))

    def start() -> _Worker:
        process = subprocess.Popen(
            [sys.executable, "-m", "xunshan", *arguments],
            env=environment,
            pass_fds=[listener.fileno()],
            # A signal of the terminal goes to the supervisor, which passes it on once.
            start_new_session=True,
        )
        return _Worker(process, time.monotonic())

    workers = [start() for _ in range(count)]
    failures = 0
    while not asked:
        time.sleep(LOOK_S)
        for index, worker in enumerate(workers):
            status = worker.process.poll()
            if status is None:
                continue
            lived_s = time.monotonic() - worker.since_s
            log.error("worker_ended", status=status, lived_s=round(lived_s))
            failures = failures + 1 if lived_s < SOON_S else 0
            if failures >= MOST_FAILURES:
                log.error("workers_do_not_start")
                _stop(workers, signal.SIGTERM)
                return status or 1
            if failures:
                time.sleep(min(SOON_S, 0.5 * 2**failures))
            workers[index] = start()
    return _stop(workers, asked[0])


def _stop(workers: Sequence[_Worker], number: int) -> int:
    for worker in workers:
        if worker.process.poll() is None:
            worker.process.send_signal(number)
    return max(abs(worker.process.wait()) for worker in workers)
