"""Child processes that don't outlive the program that started them."""

import ctypes
import signal
import sys

__all__ = ["end_with_parent"]

PR_SET_PDEATHSIG = 1


def end_with_parent() -> None:
    """Ask Linux to send this process SIGTERM when its parent dies, even by kill -9 (prctl(2)).

    Elsewhere nothing happens: there the parent has to stop its children itself.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
