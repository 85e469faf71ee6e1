"""Killing a function at each step that matters to a disk, one run after the other."""

import os
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

__all__ = ["dies_at_each_step"]

_DIED = 77


def dies_at_each_step(
    root: Path, begin: Callable[[Path], Callable[[], Any]], most: int = 200
) -> Generator[Path]:
    """Yield the folders that a function leaves when its process ends at its first, second ... step.

    A step is a call of fsync, rename, replace or unlink: the process ends right before it.

    Args:
        root: where the folders are made.
        begin: prepares a folder that does not exist yet; returns the function to kill in it.
        most: of these steps.
    """
    root.mkdir()
    for step in range(1, most):
        folder = root / str(step)
        work = begin(folder)
        if not _dies(work, step):
            return
        yield folder
    raise AssertionError(f"more than {most} steps")


def _dies(work: Callable[[], Any], at: int) -> bool:
    """Run `work` in a process that ends before its n-th step; return False where it has fewer."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            _end_before(at)
            work()
            status = 0
        finally:
            os._exit(status)
    _, ended = os.waitpid(child, 0)
    status = os.waitstatus_to_exitcode(ended)
    assert status in (0, _DIED), f"step {at} ended with {status}"
    return status == _DIED


def _end_before(at: int) -> None:
    calls = 0

    def counted(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*given: Any, **more: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls == at:
                os._exit(_DIED)
            return real(*given, **more)

        return call

    # pathlib calls these by their names in `os`.
    for name in ("fsync", "rename", "replace", "unlink"):
        setattr(os, name, counted(getattr(os, name)))
