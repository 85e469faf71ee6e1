"""Processes that must not outlive the one that started them, however that ended."""

import os
import threading
import time
from collections.abc import Callable

__all__ = ["when_parent_ends"]

LOOK_S = 1.0


def when_parent_ends(parent_pid: int, act: Callable[[], object]) -> None:
    """Call `act` once, from a thread, when this process no longer has that parent."""

    def watch() -> None:
        while os.getppid() == parent_pid:
            time.sleep(LOOK_S)
        act()

    threading.Thread(target=watch, name="parent", daemon=True).start()
