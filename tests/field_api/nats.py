"""A NATS server of the tests' own, on a loopback port; it can be killed and started again."""

import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from tests.fleet.flight_line import free_port

__all__ = ["NatsServer"]

START_S = 20


class NatsServer:
    """One server process; `NatsServer.installed()` says whether there can be one."""

    def __init__(self) -> None:
        self.port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._log = Path(tempfile.mkdtemp()) / "nats.log"

    @staticmethod
    def installed() -> bool:
        """Whether Debian's nats-server is here."""
        return shutil.which("nats-server") is not None

    @property
    def url(self) -> str:
        """Where it is."""
        return f"nats://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start, and wait until it says that it is ready."""
        self._log.write_bytes(b"")
        self._process = subprocess.Popen(
            ["nats-server", "-a", "127.0.0.1", "-p", str(self.port), "-l", str(self._log)]
        )
        end_s = time.monotonic() + START_S
        # It tells nobody but its log.
        while b"Server is ready" not in self._log.read_bytes():
            if time.monotonic() > end_s:
                raise TimeoutError(self._log.read_text())
            time.sleep(0.02)

    def kill(self) -> None:
        """End it without warning."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None
