"""Reads one camera: RTSP by our own client, MPEG-TS over UDP, RTP or a file by PyAV.

`CameraReader.run` blocks in its own thread, hands out access units, metadata packets and decoded
frames as they come, and opens the source again when it ends, breaks or falls silent. RTSP has a
client of its own because FFmpeg's holds back each picture until the next begins (40 ms at 25
frames/s; `docs/video_transport.md`); it still reads RTSP over TLS and over UDP. For MPEG-TS
it asks FFmpeg not to parse (`noparse`): one packet is one access unit already, and the parser
would hold each back until the next arrives (66 ms at 15 frames/s).
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import av
import av.bitstream
import av.error
import structlog

from field_api.contract.link import Backoff
from field_api.contract.nal_units import Codec
from field_api.contract.rtsp import RefusedError
from vision.decoding import DECODED
from vision.pictures import Pictures
from vision.rtsp_camera import read_rtsp
from vision.source_events import SourceEvents, UnsupportedError

__all__ = ["CameraReader", "open_options"]

log = structlog.get_logger(__name__)

CLOCK_HZ = 90_000
FIRST_RETRY_S = 0.5
LONGEST_RETRY_S = 1.5
OPEN_S = 15.0
"""Longer than a slow camera needs to be recognised: interrupted half-way FFmpeg opens the source
all the same, but the first read then fails."""
MOST_FOREIGN_STREAMS = 16
TRANSPORT_REFUSED = 461
LONGEST_GAP_S = 5.0
"""A film whose time stamps jump by more has been cut there: nobody waits for what is missing."""


def open_options(url: str, low_latency: bool, rtsp_transport: str = "tcp") -> dict[str, str]:
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
        return {
            "rtsp_transport": rtsp_transport,
            "fflags": "nobuffer",
            "analyzeduration": "1500000",
        }
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
            reason, ended, unsupported = "", False, False
            try:
                for _ in self._read():
                    units += 1
                ended = not self._stop.is_set() and self._is_file()
                reason = "end of stream"
            except (av.error.FFmpegError, ValueError, OSError) as error:
                unsupported = isinstance(error, UnsupportedError)
                reason = str(error) if unsupported else f"{type(error).__name__}: {error}"
            # FFmpeg's words may hold the address; the command post reads them.
            reason = reason.replace(self.url, _without_password(self.url))
            self.events.closed(reason, ended and not self.repeat_file, unsupported)
            if self._stop.is_set() or (ended and not self.repeat_file):
                return
            if units:
                backoff.reset()
            log.warning("camera_lost", url=_without_password(self.url), reason=reason)
            self._stop.wait(backoff.next_s())

    def _is_file(self) -> bool:
        return "://" not in self.url or self.url.startswith("file:")

    def _read(self) -> Iterator[None]:
        if not self.url.startswith("rtsp:"):
            return self._read_by_ffmpeg("tcp")
        return self._read_rtsp()

    def _read_rtsp(self) -> Iterator[None]:
        opening_s = max(OPEN_S, self.stall_s)
        try:
            yield from read_rtsp(
                self.url,
                self.events,
                self.clock_ms,
                self._stop,
                open_s=opening_s,
                stall_s=self.stall_s,
            )
        except RefusedError as error:
            if error.status != TRANSPORT_REFUSED:
                raise
            yield from self._read_by_ffmpeg("udp")

    def _read_by_ffmpeg(self, rtsp_transport: str) -> Iterator[None]:
        options = open_options(self.url, self.low_latency, rtsp_transport)
        with av.open(
            self.url, "r", options=options, timeout=(max(OPEN_S, self.stall_s), self.stall_s)
        ) as container:
            if not container.streams.video:
                raise UnsupportedError("the source has no video stream")
            video = container.streams.video[0]
            codec = DECODED.get(video.codec_context.name)
            if codec is None:
                raise UnsupportedError(
                    f"video is {video.codec_context.name}; only H.264 and H.265 are examined"
                )
            self.events.opened()
            data = [s for s in container.streams if s.type == "data"]
            pictures = _Container(video, codec, self)
            pace = _Pace(self._stop) if self._is_file() else None
            for packet in _packets(container, video, *data):
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
            pictures.end()


def _packets(container: Any, *streams: Any) -> Iterator[Any]:
    """The packets of some streams, whatever else comes.

    Damage can make FFmpeg find a stream that was not there when the source was opened; PyAV doesn't
    know it, fails there and goes on behind it when asked again.
    """
    for _ in range(MOST_FOREIGN_STREAMS):
        with suppress(IndexError):
            yield from container.demux(*streams)
            return
    raise ValueError("the source's streams change all the time")


class _Pace:
    """Plays a file at the speed it was recorded."""

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self._began: tuple[int, float] | None = None
        self._newest = 0

    def wait_for(self, pts_90k: int | None) -> None:
        if pts_90k is None:
            return
        now = time.monotonic()
        jumped = abs(pts_90k - self._newest) > LONGEST_GAP_S * CLOCK_HZ
        self._newest = pts_90k
        if self._began is None or jumped:
            self._began = (pts_90k, now)
        first_pts, began = self._began
        self._stop.wait(max(0.0, began + (pts_90k - first_pts) / CLOCK_HZ - now))


class _Container:
    """The pictures of one opening of a source as FFmpeg hands them out."""

    def __init__(self, video: Any, codec: Codec, reader: CameraReader) -> None:
        self._reader = reader
        extradata: bytes = video.codec_context.extradata or b""
        # MP4 and its kin put lengths where the byte stream has start codes.
        self._in_container = extradata.startswith(b"\x01")
        self._to_annex_b: Any = None
        if codec is Codec.H264 and self._in_container:
            self._to_annex_b = av.bitstream.BitStreamFilterContext("h264_mp4toannexb", video)
        self._as_it_is = codec is Codec.H265 and self._in_container
        self._pictures = Pictures(
            codec,
            reader.events,
            b"" if self._in_container else extradata,
            extradata if codec is Codec.H265 else b"",
        )
        self._turn_known = not self._in_container

    def take(self, packet: Any) -> None:
        pts_90k = _pts_90k(packet)
        if pts_90k is None:
            return
        arrived_ms = self._reader.clock_ms()
        if not self._turn_known:
            self._learn_turn(packet)
        corrupt = bool(packet.is_corrupt)
        data = bytes(packet)
        if self._as_it_is:
            self._pictures.take_foreign(
                data, pts_90k, arrived_ms, bool(packet.is_keyframe), corrupt=corrupt
            )
            return
        if self._to_annex_b:
            data = b"".join(bytes(p) for p in self._to_annex_b.filter(packet))
        self._pictures.take(data, pts_90k, arrived_ms, corrupt=corrupt)

    def end(self) -> None:
        """The source is over: what the decoder holds back is seen too."""
        self._pictures.end()

    def _learn_turn(self, packet: Any) -> None:
        """A phone held upright says so in the container only; its own decoder passes that on."""
        try:
            for frame in packet.decode():
                self._pictures.decoder.turn_deg = round(frame.rotation / 90) * 90
                self._turn_known = True
        except av.error.FFmpegError:
            self._turn_known = True


def _pts_90k(packet: Any) -> int | None:
    if packet.pts is None or packet.time_base is None:
        return None
    return round(packet.pts * packet.time_base * CLOCK_HZ)


def _without_password(url: str) -> str:
    scheme, separator, rest = url.partition("://")
    return f"{scheme}{separator}{rest.rpartition('@')[2]}" if separator else url
