"""`xunshan serve` as a process of its own, as people run it."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from queue import Queue

__all__ = ["ServedPost", "served"]

START_WITHIN_S = 120
"""A busy machine takes its time."""


class ServedPost:
    """A running server; what it says is kept line by line."""

    def __init__(self, data_dir: Path, *options: str, **env: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
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
def served(data_dir: Path, *options: str, **env: str) -> Generator[ServedPost]:
    """Run a server on a data folder, and end it."""
    post = ServedPost(data_dir, *options, **env)
    try:
        yield post
    finally:
        if post.process.poll() is None:
            post.stop()
