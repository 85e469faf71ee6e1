"""How long `xunshan demo` takes until the first drone could be drawn, from a cold start."""

import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

READY = re.compile(r"First drone on the map after [0-9.]+ s")


def rows() -> Iterator[tuple[str, float, str, str]]:
    """Yield the time to the first drone."""
    with tempfile.TemporaryDirectory() as folder:
        yield (
            "xunshan demo, installed, to the first drone on the map",
            _first_drone_s(Path(folder)),
            "s",
            "30 s",
        )


def _first_drone_s(folder: Path) -> float:
    base = _free_port()
    words = [
        *("demo", "--no-open", "--data-dir", str(folder / "data"), "--port", str(base)),
        *("--mavlink-port", str(base + 1), "--camera-port", str(base + 2)),
        *("--sitl-port", str(base + 100), "--router-port", str(base + 200)),
    ]
    began_s = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-c", "import xunshan; xunshan.main()", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as demo:
        assert demo.stdout is not None
        said: list[str] = []
        try:
            for line in demo.stdout:
                said.append(line)
                if READY.search(line):
                    return time.perf_counter() - began_s
        finally:
            demo.send_signal(signal.SIGINT)
            demo.communicate(timeout=30)
    raise RuntimeError("the demo did not get there:\n" + "".join(said[-20:]))


def _free_port() -> int:
    """Return a port with free ones above it, as far as one can know."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return min(int(probe.getsockname()[1]), 60_000)
