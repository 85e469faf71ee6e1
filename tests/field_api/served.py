"""`xunshan serve` as a process of its own, as people run it."""

import os
import subprocess
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from queue import Queue

from tests.fleet.flight_line import free_port

__all__ = ["ServedPost", "served"]

START_WITHIN_S = 120
"""A busy machine takes its time."""


class ServedPost:
    """A running server; what it says is kept line by line."""

    def __init__(self, data_dir: Path, *options: str, port: int | None = None, **env: str) -> None:
        self.port = port or free_port()
        command = [sys.executable, "-m", "xunshan", "serve", "--port", str(self.port)]
        self.process = subprocess.Popen(
            [*command, "--data-dir", str(data_dir), *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **env},
        )
        self.said: list[str] = []
        self.logged: list[str] = []
        self._started: Queue[bool] = Queue()
        self._readers = [threading.Thread(target=read) for read in (self._listen, self._log)]
        for reader in self._readers:
            reader.start()
        assert self._started.get(timeout=START_WITHIN_S), "\n".join(self.logged)

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line.rstrip())
            self._started.put(True)
        self._started.put(False)

    def _log(self) -> None:
        assert self.process.stderr is not None
        self.logged.extend(line.rstrip() for line in self.process.stderr)

    def stop(self) -> int:
        """Ask it to stop, read all that it said, and return its exit status."""
        self.process.terminate()
        return self.ended()

    def ended(self) -> int:
        """Wait for its end."""
        try:
            status = self.process.wait(60)
        finally:
            self.process.kill()
        for reader in self._readers:
            reader.join(20)
        return status


@contextmanager
def served(
    data_dir: Path, *options: str, port: int | None = None, **env: str
) -> Generator[ServedPost]:
    """Run a server on a data folder, on any port where none is given, and end it."""
    post = ServedPost(data_dir, *options, port=port, **env)
    try:
        yield post
    finally:
        if post.process.poll() is None:
            post.stop()
