"""Pictures made anew: smaller, or H.264 for browsers that can't play what the camera sends.

Pure apart from the codecs: packets in, packets out, each with the time stamps of the picture it
was made from, so that what was seen in a picture is drawn on it in every size.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av
import av.error
from av.video.reformatter import VideoReformatter

from field_api.contract.video_packet import VideoPacket, pack_packet

__all__ = ["LOW", "PLAYABLE", "Made", "Profile", "Transcoder"]

CLOCK = Fraction(1, 90_000)
KEPT_TIMES = 64
"""More pictures than a decoder holds back."""


@dataclass(frozen=True, slots=True)
class Profile:
    """What is made."""

    name: str
    width_px: int
    """Most; smaller pictures stay as they are, and the shape is kept."""
    frames_per_s: float
    """Most."""
    kbit_per_s: int


LOW = Profile("low", 640, 12.5, 400)
"""For small tiles and weak lines: 3.7 % of a core where it was measured (docs/video.md)."""
PLAYABLE = Profile("h264", 1280, 25.0, 2500)
"""For browsers, of a camera that sends H.265."""


@dataclass(frozen=True, slots=True)
class Made:
    """A picture made anew, and the size of its stream."""

    packet: VideoPacket
    codec: str
    width_px: int
    height_px: int


class Transcoder:
    """One stream's pictures, one profile; a method at a time, from any thread."""

    def __init__(self, profile: Profile, *, is_h264: bool) -> None:
        self._profile = profile
        self._decoder: Any = av.CodecContext.create("h264" if is_h264 else "hevc", "r")
        self._decoder.thread_count = 1
        self._decoder.options = {"flags": "low_delay"}
        self._encoder: Any = None
        self._scale = VideoReformatter()
        self._times_ms: dict[int, int] = {}
        self._newest_pts: int | None = None
        self._key_due = True

    def take(self, packet: VideoPacket) -> list[Made]:
        """Return what is made of a packet: nothing of one picture too many, or of a damaged one."""
        unit = av.Packet(bytes(packet.access_unit))
        unit.pts = unit.dts = packet.pts_90k
        unit.time_base = CLOCK
        self._times_ms[packet.pts_90k] = packet.t_ms
        while len(self._times_ms) > KEPT_TIMES:
            del self._times_ms[next(iter(self._times_ms))]
        try:
            frames = self._decoder.decode(unit)
        except av.error.FFmpegError:
            return []  # A viewer of the camera's own stream sees the same gap.
        # Who joins later is shown the newest group, and after damage this one is clean again.
        self._key_due |= packet.keyframe
        return [made for frame in frames for made in self._encode(frame)]

    def _encode(self, frame: Any) -> list[Made]:
        pts = frame.pts
        if pts is None or self._too_soon(pts):
            return []
        self._newest_pts = pts
        width = min(self._profile.width_px, frame.width) // 2 * 2
        height = max(2, round(frame.height * width / frame.width / 2) * 2)
        small = self._scale.reformat(frame, width, height, "yuv420p")
        small.pts, small.time_base = pts, CLOCK
        small.pict_type = 1 if self._key_due else 0
        self._key_due = False
        if self._encoder is None or (self._encoder.width, self._encoder.height) != (width, height):
            self._encoder = self._new_encoder(width, height)
        return [
            Made(
                pack_packet(
                    bytes(out),
                    keyframe=bool(out.is_keyframe),
                    pts_90k=pts,
                    t_ms=self._times_ms.get(pts, 0),
                ),
                CODEC,
                width,
                height,
            )
            for out in self._encoder.encode(small)
        ]

    def _too_soon(self, pts: int) -> bool:
        if self._newest_pts is None:
            return False
        gap = pts - self._newest_pts
        # A tenth early is in time: cameras' clocks are no metronomes.
        return 0 <= gap < 0.9 * 90_000 / self._profile.frames_per_s and not self._key_due

    def _new_encoder(self, width: int, height: int) -> Any:
        encoder: Any = av.CodecContext.create("libx264", "w")
        encoder.width, encoder.height = width, height
        encoder.pix_fmt = "yuv420p"
        encoder.time_base = CLOCK
        encoder.framerate = Fraction(round(self._profile.frames_per_s * 2), 2)
        encoder.bit_rate = self._profile.kbit_per_s * 1000
        encoder.thread_count = 1
        encoder.options = {
            "preset": "ultrafast",
            "tune": "zerolatency",
            "profile": "baseline",
            # Key frames come where the camera's do; this is for cameras that send none.
            "g": str(round(self._profile.frames_per_s * 2)),
            "level": "3.1",
            "vbv-bufsize": str(self._profile.kbit_per_s // 2),
            "vbv-maxrate": str(self._profile.kbit_per_s),
        }
        return encoder


CODEC = "avc1.42c01f"
"""Constrained baseline at level 3.1, as the encoder is told."""
