"""A disk that is soon full: a file system in memory, mounted for a test."""

import contextlib
import os
import subprocess
from collections.abc import Generator
from pathlib import Path

import pytest


@contextlib.contextmanager
def small_disk(at: Path, size: str) -> Generator[Path]:
    """Mount an empty disk of a size such as `8m`; skip, saying so, where that is not allowed."""
    at.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=0755", "xunshan-test", str(at)]
    mounted = os.geteuid() == 0 and subprocess.run(words, capture_output=True).returncode == 0
    if not mounted:
        pytest.skip("NOT TESTED: a small disk can't be mounted here (needs root)")
    try:
        yield at
    finally:
        subprocess.run(["umount", "-l", str(at)], check=True)
