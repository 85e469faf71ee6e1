"""A command post in its own process, and what the operating system says of it."""

import os
import socket
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

__all__ = ["Served", "free_port", "process_cpu_s", "serve"]

KEEP_DAYS = "3650"
"""The year's events stay, so that the tail is as long as it ever gets."""


def free_port() -> int:
    """Return a loopback port that nobody uses."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Served:
    """A running `xunshan serve`, of one worker or several."""

    def __init__(
        self,
        data_dir: Path,
        port: int | None = None,
        log: Path | None = None,
        *,
        workers: int = 1,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        """Start one and wait until all of its workers listen.

        Args:
            data_dir: its data folder.
            port: None for any.
            log: where what it logs is kept.
            workers: how many.
            settings: by their names, e.g. `database_url`.
        """
        self.port = port or free_port()
        with (log or Path(os.devnull)).open("ab") as errors:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "xunshan", "serve", "--workers", str(workers)),
                    *("--port", str(self.port), "--data-dir", str(data_dir)),
                ],
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env={
                    **os.environ,
                    "XUNSHAN_KEEP_EVENTS_DAYS": KEEP_DAYS,
                    **{f"XUNSHAN_{name.upper()}": text for name, text in (settings or {}).items()},
                },
            )
        assert self.process.stdout is not None
        for _ in range(workers):
            if not self.process.stdout.readline():
                raise RuntimeError(f"the command post did not start (exit {self.process.wait(20)})")

    @property
    def _pids(self) -> list[int]:
        pid = self.process.pid
        return [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]

    @property
    def cpu_s(self) -> float:
        """Processor time used so far by all of its processes."""
        return sum(process_cpu_s(pid) for pid in self._pids)

    @property
    def memory_bytes(self) -> int:
        """Memory that is its own: what is mapped from files does not count."""
        return sum(_memory_bytes(pid) for pid in self._pids)

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


def process_cpu_s(pid: int) -> float:
    """Return the processor time a process has used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _memory_bytes(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) * 1024
    return 0


@contextmanager
def serve(
    data_dir: Path,
    *,
    workers: int = 1,
    settings: Mapping[str, str] | None = None,
    port: int | None = None,
) -> Generator[Served]:
    """Run a command post for a while; see `Served`."""
    served = Served(data_dir, port, workers=workers, settings=settings)
    try:
        yield served
    finally:
        served.stop()
