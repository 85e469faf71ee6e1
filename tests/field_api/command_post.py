"""`xunshan` in processes of its own, as an operator runs it."""

import contextlib
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any

import httpx
from click.testing import Result
from typer.testing import CliRunner

from tests.fleet.flight_line import free_port
from xunshan import command_line

PROGRAM = (sys.executable, "-m", "xunshan")
ROOT = Path(__file__).parents[2]
PASSWORD = "xunshan-demo"
START_S = 120
"""How long a process may take on a busy machine before it is taken for hanging."""


def xunshan(*words: object, **more: Any) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end."""
    return subprocess.run(
        [*PROGRAM, *(str(word) for word in words)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=START_S,
        check=False,
        **more,
    )


def in_process(*words: object) -> Result:
    """Run a command in this process."""
    arguments = [str(word) for word in words]
    return CliRunner().invoke(command_line(arguments), arguments)


def one_sentence(result: "subprocess.CompletedProcess[str]", *says: str) -> str:
    """Return what a command that failed told, which must be one line and no traceback."""
    assert result.returncode == 2, result.stdout + result.stderr
    return _line(result.stderr, says)


def refused(words: Sequence[object], *says: str) -> str:
    """Return the one line with which a command in this process refuses."""
    result = in_process(*words)
    assert result.exit_code == 2, (result.output, result.exception)
    return _line(result.stderr, says)


def _line(told: str, says: Sequence[str]) -> str:
    [line] = [text for text in told.splitlines() if not text.startswith("20")]
    for part in says:
        assert part in line, line
    return line


class Server:
    """`xunshan serve` in a process of its own."""

    def __init__(self, data_dir: Path, log: Path, **settings: object) -> None:
        self.port = free_port()
        self.data_dir = data_dir
        self.log = log
        named = {f"XUNSHAN_{name.upper()}": str(value) for name, value in settings.items()}
        with log.open("ab") as errors:
            self.process = subprocess.Popen(
                [*PROGRAM, "serve", "--port", str(self.port), "--data-dir", str(data_dir)],
                cwd=ROOT,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env={**os.environ, "XUNSHAN_IMPROVE_S": "0", **named},
            )

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}/api/v1/"

    def wait(self) -> "Server":
        """Wait until it answers; RuntimeError where it ends instead."""
        assert self.process.stdout is not None
        until = time.monotonic() + START_S
        while time.monotonic() < until:
            ready, _, _ = select.select([self.process.stdout], [], [], 1)
            if ready:
                if self.process.stdout.readline():
                    return self
                raise RuntimeError(f"exit {self.process.wait(START_S)}: {self.log.read_text()}")
        self.kill()
        raise TimeoutError("the server did not start")

    def client(self, username: str = "commander") -> httpx.Client:
        """Return a client that is signed in as an account of the test scenario."""
        client = httpx.Client(base_url=self.url, timeout=60)
        signed = client.post("session", json={"username": username, "password": PASSWORD})
        assert signed.status_code == 200, signed.text
        client.headers["Authorization"] = f"Bearer {signed.json()['token']}"
        client.cookies.clear()
        return client

    def kill(self) -> None:
        """End it as a power cut would."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self._end()

    def stop(self) -> None:
        """End it in good order."""
        self.process.terminate()
        self._end()

    def _end(self) -> None:
        self.process.wait(START_S)
        if self.process.stdout is not None:
            self.process.stdout.close()


@contextlib.contextmanager
def serving(data_dir: Path, log: Path, **settings: object) -> Generator[Server]:
    """Run a server for a while; it is killed at the end where it still runs."""
    server = Server(data_dir, log, **settings)
    try:
        yield server.wait()
    finally:
        server.kill()


@contextlib.contextmanager
def running(words: Sequence[object]) -> Generator["subprocess.Popen[str]"]:
    """Run a command for a while; it is killed at the end where it still runs."""
    process = subprocess.Popen(
        [*PROGRAM, *(str(word) for word in words)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate(timeout=START_S)
