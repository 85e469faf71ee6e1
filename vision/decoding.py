"""Decodes a camera's pictures and hands out only those that are whole.

FFmpeg fills what a lost packet took with what stood there before and marks the picture; the grey
and green smears that follow look like smoke to a detector. So after damage nothing is handed out
until a clean key frame has been decoded.
"""

from collections import OrderedDict
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av
import av.error
import numpy as np
import structlog
from numpy.typing import NDArray

from field_api.contract.nal_units import Codec

__all__ = ["DECODED", "DecodedFrame", "Decoder"]

log = structlog.get_logger(__name__)

CLOCK_HZ = 90_000
DECODED = {"h264": Codec.H264, "hevc": Codec.H265}
"""Codecs whose pictures are examined, by FFmpeg's names."""
MAX_ERRORS = 30
"""Errors in a row after which the decoder waits for a key frame and starts anew."""
REFRESHED_AFTER = 150
"""Whole pictures in a row after which damage has healed where no key frames come: cameras that
refresh by rows or columns instead are through within seconds."""
REORDERED = 64
"""Pictures whose arrival is remembered: more than any stream holds back."""


@dataclass(frozen=True)
class DecodedFrame:
    """One whole picture; `image` is PyAV's frame, converted only by whoever looks at it."""

    pts_90k: int
    arrived_ms: int
    image: av.VideoFrame
    turn_deg: int = 0
    """Quarter turns counter-clockwise that make it upright, as its container says."""

    def upright_rgb(self) -> NDArray[np.uint8]:
        """The picture as a person would hold it."""
        rgb = np.asarray(self.image.to_ndarray(format="rgb24"), np.uint8)
        turns = self._turns
        return np.ascontiguousarray(np.rot90(rgb, turns)) if turns else rgb

    def as_sent(self, x: float, y: float, w: float, h: float) -> tuple[float, float, float, float]:
        """Where a box of the upright picture lies in the sent one, which viewers draw on."""
        for _ in range(self._turns):
            x, y, w, h = max(0.0, 1 - y - h), x, h, w
        return x, y, w, h

    @property
    def _turns(self) -> int:
        return self.turn_deg // 90 % 4


class Decoder:
    """One opening of one source."""

    def __init__(self, codec: str, extradata: bytes = b"", turn_deg: int = 0) -> None:
        """`extradata` is what a container holds apart from the pictures (H.265 in MP4)."""
        self.codec = codec
        self.turn_deg = turn_deg
        self.damaged = 0
        """Pictures not handed out."""
        self._extradata = extradata
        self._decoder = self._new()
        self._waiting_for_key = True
        self._untrusted = False
        self._whole_in_row = 0
        self._errors = 0
        self._arrivals: OrderedDict[int, int] = OrderedDict()

    @property
    def waiting_for_key(self) -> bool:
        """Whether pictures come that are not handed out."""
        return self._waiting_for_key or self._untrusted

    def decode(
        self, unit: bytes, pts_90k: int, arrived_ms: int, key: bool, corrupt: bool = False
    ) -> list[DecodedFrame]:
        """Take a compressed picture; `corrupt` is the container's word that bytes are missing."""
        if self._waiting_for_key and not key:
            self.damaged += 1
            return []
        self._waiting_for_key = False
        self._arrivals[pts_90k] = arrived_ms
        while len(self._arrivals) > REORDERED:
            self._arrivals.popitem(last=False)
        packet = av.Packet(unit)
        packet.pts = packet.dts = pts_90k
        packet.time_base = Fraction(1, CLOCK_HZ)
        try:
            frames = self._decoder.decode(packet)
        except av.error.FFmpegError as error:
            self._failed(pts_90k, error)
            return []
        self._errors = 0
        found = self._whole(frames, pts_90k, arrived_ms)
        if corrupt:
            self._distrust()
        return found

    def missed(self) -> None:
        """A picture is missing: those that come are built on what is not there."""
        self._distrust()
        self.damaged += 1

    def flush(self) -> list[DecodedFrame]:
        """The pictures the decoder still holds back at the end of a stream (B-frames)."""
        try:
            frames = self._decoder.decode(None)
        except av.error.FFmpegError:
            return []
        return self._whole(frames, None, None)

    def _failed(self, pts_90k: int, error: Exception) -> None:
        self._errors += 1
        self._distrust()
        self.damaged += 1
        if self._errors == 1 or self._errors == MAX_ERRORS:
            log.warning("frame_broken", pts_90k=pts_90k, error=str(error))
        if self._errors >= MAX_ERRORS:
            self._decoder, self._waiting_for_key, self._errors = self._new(), True, 0

    def _distrust(self) -> None:
        self._untrusted, self._whole_in_row = True, 0

    def _whole(
        self, frames: list[av.VideoFrame], pts_90k: int | None, arrived_ms: int | None
    ) -> list[DecodedFrame]:
        whole: list[DecodedFrame] = []
        for frame in frames:
            if frame.is_corrupt:
                self._distrust()
            else:
                self._whole_in_row += 1
                if frame.key_frame or self._whole_in_row >= REFRESHED_AFTER:
                    self._untrusted = False
            if self._untrusted:
                self.damaged += 1
                continue
            pts = frame.pts if frame.pts is not None else pts_90k
            if pts is None:
                continue
            arrived = self._arrivals.pop(pts, arrived_ms)
            if arrived is not None:
                whole.append(DecodedFrame(pts, arrived, frame, self.turn_deg))
        return whole

    def _new(self) -> Any:
        decoder: Any = av.CodecContext.create(self.codec, "r")
        decoder.thread_type = "NONE"
        decoder.thread_count = 1
        decoder.options = {"flags": "low_delay"}
        if self._extradata:
            decoder.extradata = self._extradata
        return decoder
