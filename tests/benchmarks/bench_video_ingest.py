"""From the taking of a picture to its access unit in Python: our RTSP client beside FFmpeg's."""

import os
import statistics
import threading
import time
from collections.abc import Callable, Iterator

from tests.benchmarks.paced_camera import RATE, camera, taken_s
from vision.source import CameraReader
from vision.source_events import AccessUnit

_SECONDS = 4 if "BENCH_SMALL" in os.environ else 20


class _Delays:
    """What a reader tells; both decode as the node does."""

    def __init__(self, count: int) -> None:
        self.delays_ms: list[float] = []
        self.count = count
        self.stop = threading.Event()

    def opened(self) -> None:
        return

    def access_unit(self, unit: AccessUnit, codec: str | None) -> None:
        self.take(unit.data)

    def take(self, data: bytes) -> None:
        taken = taken_s(data)
        if taken is not None:
            self.delays_ms.append(1000 * (time.monotonic() - taken))
        if len(self.delays_ms) >= self.count:
            self.stop.set()

    def metadata(self, pts_90k: int | None, data: bytes) -> None:
        return

    def clock_told(self, pts_90k: int, camera_ms: int) -> None:
        return

    def frame(self, frame: object) -> None:
        return

    def unseen(self, arrived_ms: int) -> None:
        return

    def closed(self, reason: str, ended: bool, unsupported: bool = False) -> None:
        return


def _own(url: str, told: _Delays) -> None:
    for _ in CameraReader(url, told, lambda: 0)._read_rtsp():
        if told.stop.is_set():
            return


def _ffmpeg(url: str, told: _Delays) -> None:
    for _ in CameraReader(url, told, lambda: 0)._read_by_ffmpeg("tcp"):
        if told.stop.is_set():
            return


def rows() -> Iterator[tuple[str, float, str, str]]:
    """Measured figures: name, value, unit, budget."""
    # Both ways of the same reader, which takes the second for cameras that send no packets by TCP.
    ways: dict[str, Callable[[str, _Delays], None]] = {"own client": _own, "FFmpeg's": _ffmpeg}
    for name, read in ways.items():
        with camera() as url:
            told = _Delays(_SECONDS * RATE)
            before_s = time.process_time()
            begin_s = time.monotonic()
            read(url, told)
            spent = (time.process_time() - before_s) / (time.monotonic() - begin_s)
        # The first pictures wait for the opening.
        delays = told.delays_ms[RATE // 2 :]
        yield f"RTSP, taken to access unit, {name}: median", statistics.median(delays), "ms", "-"
        p95 = statistics.quantiles(delays, n=20)[-1]
        yield f"RTSP, taken to access unit, {name}: p95", p95, "ms", "-"
        yield f"RTSP, {name}: share of a core", 100 * spent, "%", "-"
