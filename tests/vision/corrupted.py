"""Damage as links and cards do it to a film, and what the vision chain makes of it.

Damage that the decoder can't notice (a flipped bit may give another valid picture) is handed out
and examined like any picture: what counts is that nothing of it becomes an alert.
"""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from field_api.contract.messages import Detection
from tests.vision.test_source import Recorder, now_ms
from vision.alerts import AlertLedger
from vision.analysis import Look, StreamAnalysis
from vision.detector import PictureDetector
from vision.source import CameraReader

__all__ = ["DAMAGES", "FILM", "Hasty", "alerts_of", "played", "whole"]

FILM = Path(__file__).parent / "films" / "10-clean.ts"
PACKET = 188
"""Bytes of an MPEG-TS packet."""
LOOK_EVERY = 3
SAME_LEVELS = 1.0
"""Mean difference, of 255, under which a picture is the whole film's own."""
PATIENCE_S = 5.0
"""A reader that hands out nothing for so long stands still."""

Bytes = NDArray[np.uint8]
Draw = np.random.Generator


class Hasty(threading.Event):
    """Stands in for a reader's stop: waits for nothing and remembers how long it should have."""

    def __init__(self) -> None:
        super().__init__()
        self.waited: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.waited.append(timeout or 0.0)
        return self.is_set()


def _other_bytes(draw: Draw, film: Bytes) -> Bytes:
    places = draw.integers(0, len(film), int(draw.integers(1, 400)))
    film[places] = draw.integers(0, 256, len(places))
    return film


def _flipped_bits(draw: Draw, film: Bytes) -> Bytes:
    places = draw.integers(0, len(film), int(draw.integers(1, 200)))
    film[places] ^= 1 << draw.integers(0, 8, len(places)).astype(np.uint8)
    return film


def _burst(draw: Draw, film: Bytes) -> Bytes:
    start = int(draw.integers(0, len(film)))
    film[start : start + int(draw.integers(50, 40_000))] = draw.integers(0, 2) * 255
    return film


def _packets(film: Bytes) -> NDArray[np.uint8]:
    return film[: len(film) // PACKET * PACKET].reshape(-1, PACKET)


def _lost_packets(draw: Draw, film: Bytes) -> Bytes:
    packets = _packets(film)
    return packets[draw.random(len(packets)) > draw.uniform(0.001, 0.2)].ravel()


def _mixed_packets(draw: Draw, film: Bytes) -> Bytes:
    order = np.arange(len(film) // PACKET) + draw.normal(
        0, draw.uniform(0.5, 8), len(film) // PACKET
    )
    return _packets(film)[np.argsort(order)].ravel()


def _repeated_packets(draw: Draw, film: Bytes) -> Bytes:
    packets = _packets(film)
    return np.repeat(packets, 1 + (draw.random(len(packets)) < 0.1), axis=0).ravel()


def _cut(draw: Draw, film: Bytes) -> Bytes:
    first, last = np.sort(draw.integers(0, len(film), 2))
    return film[first:last]


def _foreign_bytes(draw: Draw, film: Bytes) -> Bytes:
    at = int(draw.integers(0, len(film)))
    return np.insert(film, at, draw.integers(0, 256, int(draw.integers(1, 3000))).astype(np.uint8))


DAMAGES: tuple[Callable[[Draw, Bytes], Bytes], ...] = (
    _other_bytes,
    _flipped_bits,
    _burst,
    _lost_packets,
    _mixed_packets,
    _repeated_packets,
    _cut,
    _foreign_bytes,
)
"""Ways to damage a film's bytes (which may be changed in place)."""


def played(path: Path) -> Recorder:
    """Play a film as fast as it goes; fails when the reader stands still or does not end."""
    recorder = Recorder()
    reader = CameraReader(str(path), recorder, now_ms)
    recorder.stop = reader._stop = Hasty()  # pyright: ignore[reportPrivateUsage]
    executor = ThreadPoolExecutor(1)
    running = executor.submit(reader.run)
    done = -1
    while not running.done() and not recorder.closings:
        before, done = done, len(recorder.units) + recorder.unseen_count
        assert done > before, f"{path}: nothing for {PATIENCE_S} s"
        wait([running], PATIENCE_S)
    reader.stop()
    running.result(PATIENCE_S)
    executor.shutdown()
    return recorder


@cache
def whole() -> dict[int, NDArray[np.uint8]]:
    """The undamaged film's pictures by their time."""
    return {f.pts_90k: f.upright_rgb() for f in played(FILM).frames}


def alerts_of(recorder: Recorder, detector: PictureDetector) -> list[Detection]:
    """Alerts from every third picture that was handed out; those of the whole film show nothing.

    So all that is left to become an alert is damage.
    """
    analysis = StreamAnalysis("damaged", None, detector.card, AlertLedger(), None)
    alerts: list[Detection] = []
    for frame in recorder.frames[::LOOK_EVERY]:
        picture = frame.upright_rgb()
        own = whole().get(frame.pts_90k)
        same = (
            own is not None
            and own.shape == picture.shape
            and float(np.abs(own.astype(np.int16) - picture).mean()) < SAME_LEVELS
        )
        boxes = [] if same else detector.detect(picture)
        t_ms = frame.pts_90k // 90
        _, found = analysis.look(Look(picture, t_ms, frame.pts_90k, boxes, None))
        alerts += found
    return alerts
