"""A command post in its own process, and what the operating system says of it."""

import os
import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["Served", "free_port", "serve"]

_SERVE = "import typer; from field_api.commands import serve; typer.run(serve)"
KEEP_DAYS = "3650"
"""The year's events stay, so that the tail is as long as it ever gets."""


def free_port() -> int:
    """Return a loopback port that nobody uses."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Served:
    """A running `xunshan serve`."""

    def __init__(self, data_dir: Path, port: int | None = None, log: Path | None = None) -> None:
        self.port = port or free_port()
        with (log or Path(os.devnull)).open("ab") as errors:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-c", _SERVE),
                    *("--port", str(self.port), "--data-dir", str(data_dir)),
                ],
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env={**os.environ, "XUNSHAN_KEEP_EVENTS_DAYS": KEEP_DAYS},
            )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"the command post did not start (exit {self.process.wait(20)})")

    @property
    def cpu_s(self) -> float:
        """Processor time used so far."""
        stat = Path(f"/proc/{self.process.pid}/stat").read_text()
        fields = stat.rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    @property
    def memory_bytes(self) -> int:
        """Memory that is its own: what is mapped from files does not count."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) * 1024
        return 0

    def stop(self) -> None:
        """End it in good order."""
        self.process.terminate()
        self.process.wait(30)
        self._close()

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.wait(30)
        self._close()

    def _close(self) -> None:
        if self.process.stdout is not None:
            self.process.stdout.close()


@contextmanager
def serve(data_dir: Path) -> Generator[Served]:
    """Run a command post for a while."""
    served = Served(data_dir)
    try:
        yield served
    finally:
        served.stop()
