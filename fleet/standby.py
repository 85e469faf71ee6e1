"""Keeps a process running: when it is killed, another one goes on within a fraction of a second.

An aircraft comes home 5 s after its ground station fell silent. Python needs most of that to import
what a node is made of, so a process that has imported everything waits beside the one that works
and forks a new one when that dies. It does nothing else, and nothing of the worker's is in it.
"""

import ctypes
import gc
import os
import signal
import sys
import time
from collections.abc import Callable

import structlog

__all__ = ["keep_running"]

log = structlog.get_logger(__name__)

QUICK_S = 2.0
"""Dead sooner than this after its start, it may never work."""
QUICK_DEATHS = 5
PAUSE_S = 0.2
ENDING = (signal.SIGINT, signal.SIGTERM)
PR_SET_PDEATHSIG = 1


def keep_running(work: Callable[[], int]) -> int:
    """Run `work` in a process of its own until it ends by itself; return its exit status.

    A worker that was killed, by a signal or for want of memory, is started again at once; after
    `QUICK_DEATHS` in a row that died right after their start this gives up. SIGINT and SIGTERM are
    passed on and end it all. The worker ends with this process, however this one ends (on Linux):
    two nodes must not speak to the same aircraft.
    """
    ending = False
    worker = 0

    def end(number: int, _frame: object) -> None:
        nonlocal ending
        ending = True
        if worker:
            os.kill(worker, number)

    for number in ENDING:
        signal.signal(number, end)
    # What was loaded stays shared between both, and the collector does not look through it again.
    gc.collect()
    gc.freeze()
    quick = 0
    while True:
        began_s = time.monotonic()
        # A signal meant for the worker must not meet the handler that it inherits.
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
        parent = os.getpid()
        worker = os.fork()
        if worker == 0:
            _become_worker(work, parent)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
        if ending:  # Told between two workers.
            os.kill(worker, signal.SIGTERM)
        status = _wait(worker)
        worker = 0
        killed = os.WIFSIGNALED(status)
        if not killed or ending:
            return os.waitstatus_to_exitcode(status) if not killed else 0
        quick = quick + 1 if time.monotonic() - began_s < QUICK_S else 0
        log.error("node was killed", signal=os.WTERMSIG(status), again=quick < QUICK_DEATHS)
        if quick >= QUICK_DEATHS:
            return 1
        if quick:
            time.sleep(PAUSE_S)


def _become_worker(work: Callable[[], int], parent: int) -> None:
    for number in ENDING:
        signal.signal(number, signal.SIG_DFL)
    _end_with(parent)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
    status = 1
    try:
        status = work()
    except KeyboardInterrupt:
        status = 0
    except BaseException:
        log.exception("node failed")
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        # Without the exit handlers of the process it was forked from.
        os._exit(status)


def _end_with(parent: int) -> None:
    """Ask Linux to send this process SIGTERM when its parent dies, even by kill -9 (prctl(2))."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # It died before that was asked.
        os._exit(0)


def _wait(worker: int) -> int:
    while True:
        try:
            _, status = os.waitpid(worker, 0)
        except InterruptedError:
            continue
        return status
