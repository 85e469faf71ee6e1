"""The socket of `field_api.contract.rtsp.RtspPull`, and what becomes of the pictures it gives."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

from field_api.contract.rtsp import (
    ClockTold,
    Ended,
    MetadataCame,
    PictureCame,
    Playing,
    RtspError,
    RtspPull,
)
from vision.pictures import Pictures
from vision.source_events import SourceEvents, UnsupportedError

__all__ = ["read_rtsp"]

DEFAULT_PORT = 554
RECEIVED_BYTES = 262_144
POLL_S = 0.25
REFRESHED_AFTER = 150
"""Whole pictures after a loss from which on they are relayed again without a key frame: cameras
that refresh by rows or columns send none."""


def read_rtsp(
    url: str,
    events: SourceEvents,
    clock_ms: Callable[[], int],
    stop: threading.Event,
    *,
    open_s: float,
    stall_s: float,
) -> Iterator[None]:
    """Read a camera until it ends or `stop` is set; yields after each picture.

    Raises:
        UnsupportedError: its pictures can't be examined.
        RtspError: it refuses, or speaks something else.
        OSError: it can't be reached, or is silent for `stall_s`, before the first picture `open_s`.
    """
    parts = urlsplit(url)
    if not parts.hostname:
        raise RtspError("an RTSP address names a host: rtsp://HOST:PORT/PATH")
    pull = RtspPull(url)
    with socket.create_connection((parts.hostname, parts.port or DEFAULT_PORT), open_s) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        line.settimeout(POLL_S)
        pull.begin()
        reading = _Reading(pull, events, clock_ms)
        try:
            yield from reading.run(line, stop, open_s, stall_s)
        finally:
            _say_goodbye(line, pull)


def _say_goodbye(line: socket.socket, pull: RtspPull) -> None:
    """Cameras with few places free the one of a client that says it leaves at once."""
    pull.end()
    try:
        line.sendall(pull.take_output())
    except OSError:
        # It hung up first.
        return


class _Reading:
    """One connection."""

    def __init__(self, pull: RtspPull, events: SourceEvents, clock_ms: Callable[[], int]) -> None:
        self._pull = pull
        self._events = events
        self._clock_ms = clock_ms
        self._pictures: Pictures | None = None
        self._since_loss: int | None = None
        self._over = False

    def run(
        self, line: socket.socket, stop: threading.Event, open_s: float, stall_s: float
    ) -> Iterator[None]:
        silent_until = time.monotonic() + open_s
        while not stop.is_set() and not self._over:
            self._pull.poll(time.monotonic())
            if output := self._pull.take_output():
                line.sendall(output)
            try:
                data = line.recv(RECEIVED_BYTES)
            except TimeoutError:
                data = None
            now_s = time.monotonic()
            if data == b"":
                return
            for event in self._pull.receive(data, now_s) if data else ():
                if isinstance(event, PictureCame):
                    silent_until = now_s + stall_s
                    self._picture(event)
                    yield
                else:
                    self._other(event)
            if now_s > silent_until:
                raise TimeoutError("the camera sends no picture")

    def _other(self, event: Playing | MetadataCame | ClockTold | Ended) -> None:
        if isinstance(event, Playing):
            if not event.encoding:
                raise UnsupportedError("the source has no video stream")
            if event.codec is None:
                raise UnsupportedError(
                    f"video is {event.encoding.lower()}; only H.264 and H.265 are examined"
                )
            self._pictures = Pictures(event.codec, self._events, event.parameter_sets)
            self._events.opened()
        elif isinstance(event, MetadataCame):
            self._events.metadata(None, event.data)
        elif isinstance(event, ClockTold):
            self._events.clock_told(event.pts_90k, event.utc_ms)
        else:
            self._over = True

    def _picture(self, came: PictureCame) -> None:
        pictures = self._pictures
        assert pictures is not None, "pictures follow the description"
        arrived_ms = self._clock_ms()
        unit = came.unit
        if not unit.whole:
            self._since_loss = 0
            pictures.missed(arrived_ms)
            return
        if unit.clean:
            self._since_loss = None
        elif self._since_loss is None:
            self._since_loss = 0
        if self._since_loss is not None:
            self._since_loss += 1
            if self._since_loss <= REFRESHED_AFTER:
                # Viewers would see smears; the decoder knows how to tell when they are over.
                pictures.look(unit.data, came.pts_90k, arrived_ms, unit.key)
                return
        pictures.take(unit.data, came.pts_90k, arrived_ms)
