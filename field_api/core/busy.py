"""Waiting for the turn to write: briefly, and never so many that nobody is left to read.

A change takes milliseconds, so a queue of many is no sign of anything. One that holds the turn for
longer is: whoever waits then fills the threads that answer reading too, so only a few may go on.
"""

import threading
import time
from types import TracebackType

from sqlalchemy.exc import TimeoutError as WaitedTooLongError

__all__ = ["DatabaseBusyError", "WriterTurn"]

LONG_S = 1.0
"""A change that takes longer holds everybody up."""
MOST_WAITING = 8
"""Who may wait for such a one."""
LOOK_S = 0.25


class DatabaseBusyError(WaitedTooLongError):
    """It was not one's turn to write within the time given: nothing is wrong with the request.

    A SQLAlchemy error, as what SQLite says of the same, so that both are dealt with alike.
    """


class WriterTurn:
    """A lock that is waited for `wait_s` at most."""

    def __init__(self, wait_s: float) -> None:
        self._wait_s = wait_s
        self._lock = threading.Lock()
        self._since_s = 0.0
        self._count = threading.Lock()
        self._waiting = 0

    def __enter__(self) -> None:
        """Wait for the turn.

        Raises:
            DatabaseBusyError: it did not come.
        """
        if not self._lock.acquire(blocking=False):
            self._wait()
        self._since_s = time.monotonic()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let the next one write."""
        self._lock.release()

    def _wait(self) -> None:
        until_s = time.monotonic() + self._wait_s
        self._counted(1)
        try:
            while True:
                left_s = until_s - time.monotonic()
                if self._lock.acquire(timeout=max(0.0, min(LOOK_S, left_s))):
                    return
                if left_s <= LOOK_S or self._crowded():
                    raise DatabaseBusyError
        finally:
            self._counted(-1)

    def _counted(self, step: int) -> None:
        with self._count:
            self._waiting += step

    def _crowded(self) -> bool:
        held_s = time.monotonic() - self._since_s
        return held_s > LONG_S and self._waiting > MOST_WAITING
