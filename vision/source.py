"""Reads one camera: MPEG-TS over UDP, RTSP, RTP or a file, by PyAV.

`CameraReader.run` blocks in its own thread, hands out access units, metadata packets and decoded
frames as they come, and opens the source again when it ends, breaks or falls silent. For MPEG-TS
it asks FFmpeg not to parse (`noparse`): one packet is one access unit already, and the parser
would hold each back until the next arrives (66 ms at 15 frames/s).
"""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Protocol

import av
import av.bitstream
import av.error
import structlog

from field_api.contract.link import Backoff
from vision.h264 import AccessUnitFormer, codec_name

__all__ = ["AccessUnit", "CameraReader", "DecodedFrame", "SourceEvents", "open_options"]

log = structlog.get_logger(__name__)

CLOCK_HZ = 90_000
FIRST_RETRY_S = 0.5
LONGEST_RETRY_S = 8.0
OPEN_S = 15.0
"""Longer than a slow camera needs to be recognised: interrupted half-way FFmpeg opens the source
all the same, but the first read then fails."""
MAX_DECODE_ERRORS = 30
"""Errors in a row after which the decoder waits for a key frame and starts anew."""


@dataclass(frozen=True)
class AccessUnit:
    """One picture as the camera compressed it: Annex B, parameter sets before key frames."""

    pts_90k: int
    arrived_ms: int
    keyframe: bool
    data: bytes


@dataclass(frozen=True)
class DecodedFrame:
    """One picture, decoded; `image` is PyAV's frame, converted only by whoever looks at it."""

    pts_90k: int
    arrived_ms: int
    image: av.VideoFrame


class SourceEvents(Protocol):
    """What a reader tells; called from the reader's thread."""

    def opened(self) -> None:
        """The source answered; a new timeline begins."""
        ...

    def access_unit(self, unit: AccessUnit, codec: str | None) -> None:
        """A compressed picture; `codec` is its RFC 6381 name once known."""
        ...

    def metadata(self, pts_90k: int | None, data: bytes) -> None:
        """A KLV packet; without its own time it belongs to the newest picture."""
        ...

    def frame(self, frame: DecodedFrame) -> None:
        """A decoded picture."""
        ...

    def closed(self, reason: str, ended: bool) -> None:
        """The source is gone; `ended` when a file came to its end."""
        ...


def open_options(url: str, low_latency: bool) -> dict[str, str]:
    """FFmpeg's options for a kind of source."""
    if url.startswith("udp:"):
        options = {
            "fifo_size": "50000",
            "overrun_nonfatal": "1",
            "probesize": "500000",
            "analyzeduration": "500000",
            # Guessing the frame rate would wait for twenty pictures; nobody asks for it.
            "fpsprobesize": "0",
        }
        return options | ({"fflags": "nobuffer+noparse"} if low_latency else {})
    if url.startswith(("rtsp:", "rtsps:")):
        return {"rtsp_transport": "tcp", "fflags": "nobuffer", "analyzeduration": "1500000"}
    if url.startswith("rtp:") or url.endswith(".sdp"):
        return {"protocol_whitelist": "file,udp,rtp", "fflags": "nobuffer"}
    return {}


class CameraReader:
    """Keeps one source open for ever."""

    def __init__(
        self,
        url: str,
        events: SourceEvents,
        clock_ms: Callable[[], int],
        low_latency: bool = True,
        stall_s: float = 3.0,
        repeat_file: bool = False,
    ) -> None:
        self.url = url
        self.events = events
        self.clock_ms = clock_ms
        self.low_latency = low_latency
        self.stall_s = stall_s
        self.repeat_file = repeat_file
        self._stop = threading.Event()

    def stop(self) -> None:
        """Ask `run` to return; it does within the stall time."""
        self._stop.set()

    def run(self) -> None:
        """Read until stopped, or until a file ends."""
        backoff = Backoff(FIRST_RETRY_S, LONGEST_RETRY_S)
        while not self._stop.is_set():
            units = 0
            reason, ended = "", False
            try:
                for _ in self._read():
                    units += 1
                ended = not self._stop.is_set() and self._is_file()
                reason = "end of stream"
            except (av.error.FFmpegError, ValueError, OSError) as error:
                reason = f"{type(error).__name__}: {error}"
            self.events.closed(reason, ended and not self.repeat_file)
            if self._stop.is_set() or (ended and not self.repeat_file):
                return
            if units:
                backoff.reset()
            log.warning("camera_lost", url=_without_password(self.url), reason=reason)
            self._stop.wait(backoff.next_s())

    def _is_file(self) -> bool:
        return "://" not in self.url or self.url.startswith("file:")

    def _read(self) -> Iterator[None]:
        options = open_options(self.url, self.low_latency)
        with av.open(
            self.url, "r", options=options, timeout=(max(OPEN_S, self.stall_s), self.stall_s)
        ) as container:
            if not container.streams.video:
                raise ValueError("the source has no video stream")
            video = container.streams.video[0]
            if video.codec_context.name != "h264":
                raise ValueError(f"video is {video.codec_context.name}; only H.264 is supported")
            self.events.opened()
            data = [s for s in container.streams if s.type == "data"]
            pictures = _Pictures(video, self)
            pace = _Pace(self._stop) if self._is_file() else None
            for packet in container.demux(video, *data):
                if self._stop.is_set():
                    return
                if packet.size == 0:
                    continue
                if pace:
                    pace.wait_for(_pts_90k(packet))
                if packet.stream.type == "data":
                    self.events.metadata(_pts_90k(packet), bytes(packet))
                else:
                    pictures.take(packet)
                    yield


class _Pace:
    """Plays a file at the speed it was recorded."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._began: tuple[int, float] | None = None

    def wait_for(self, pts_90k: int | None) -> None:
        if pts_90k is None:
            return
        now = time.monotonic()
        if self._began is None:
            self._began = (pts_90k, now)
        first_pts, began = self._began
        self._stop.wait(max(0.0, began + (pts_90k - first_pts) / CLOCK_HZ - now))


class _Pictures:
    """Relays and decodes the pictures of one opening of a source."""

    def __init__(self, video: Any, reader: CameraReader) -> None:
        self._reader = reader
        self._former = AccessUnitFormer()
        extradata: bytes = video.codec_context.extradata or b""
        self._to_annex_b: Any = None
        if extradata.startswith(b"\x01"):  # avcC: lengths instead of start codes, as in MP4
            self._to_annex_b = av.bitstream.BitStreamFilterContext("h264_mp4toannexb", video)
        else:
            self._former.configure(extradata)
        self._decoder = _new_decoder()
        self._waiting_for_key = True
        self._errors = 0

    def take(self, packet: Any) -> None:
        pts_90k = _pts_90k(packet)
        if pts_90k is None:
            return
        arrived_ms = self._reader.clock_ms()
        data = (
            b"".join(bytes(p) for p in self._to_annex_b.filter(packet))
            if self._to_annex_b
            else bytes(packet)
        )
        formed = self._former.form(data)
        if formed is None:
            return
        unit, key = formed
        codec = codec_name(self._former.sps) if self._former.sps else None
        self._reader.events.access_unit(AccessUnit(pts_90k, arrived_ms, key, unit), codec)
        if self._waiting_for_key and not key:
            return
        self._waiting_for_key = False
        self._decode(unit, pts_90k, arrived_ms)

    def _decode(self, unit: bytes, pts_90k: int, arrived_ms: int) -> None:
        packet = av.Packet(unit)
        packet.pts = packet.dts = pts_90k
        packet.time_base = Fraction(1, CLOCK_HZ)
        try:
            frames = self._decoder.decode(packet)
        except av.error.FFmpegError as error:
            self._errors += 1
            if self._errors == 1 or self._errors == MAX_DECODE_ERRORS:
                log.warning("frame_broken", pts_90k=pts_90k, error=str(error))
            if self._errors >= MAX_DECODE_ERRORS:
                self._decoder, self._waiting_for_key, self._errors = _new_decoder(), True, 0
            return
        self._errors = 0
        for frame in frames:
            frame_pts = frame.pts if frame.pts is not None else pts_90k
            self._reader.events.frame(DecodedFrame(frame_pts, arrived_ms, frame))


def _new_decoder() -> Any:
    decoder: Any = av.CodecContext.create("h264", "r")
    decoder.thread_type = "NONE"
    decoder.thread_count = 1
    decoder.options = {"flags": "low_delay"}
    return decoder


def _pts_90k(packet: Any) -> int | None:
    if packet.pts is None or packet.time_base is None:
        return None
    return round(packet.pts * packet.time_base * CLOCK_HZ)


def _without_password(url: str) -> str:
    scheme, separator, rest = url.partition("://")
    return f"{scheme}{separator}{rest.rpartition('@')[2]}" if separator else url
