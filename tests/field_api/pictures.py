"""H.264 as cameras send it, for tests: small pictures that say their number."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext
from numpy.typing import NDArray

from field_api.contract.video_packet import VideoPacket, pack_packet

__all__ = ["STEP_90K", "camera_packets", "encode", "number_of", "picture"]

STEP_90K = 3600
"""25 pictures a second."""


def picture(number: int, width: int = 160, height: int = 96) -> NDArray[np.uint8]:
    """Return a picture with its number as sixteen black and white fields along the top."""
    image = np.full((height, width, 3), (40, 90, 60), np.uint8)
    cell = width // 16
    for bit in range(16):
        value = 235 if number >> bit & 1 else 16
        image[: height // 3, bit * cell : (bit + 1) * cell] = value
    image[height // 2 :, (number * 5) % width :] = (120, 120, 200)
    return image


def number_of(image: NDArray[Any]) -> int:
    """Read the number off a picture."""
    height, width = image.shape[:2]
    cell = width // 16
    row = image[height // 6].mean(axis=-1)
    return sum(1 << bit for bit in range(16) if row[bit * cell + cell // 2] > 128)


def encode(
    count: int,
    *,
    width: int = 160,
    height: int = 96,
    key_every: int = 25,
    first: int = 0,
    options: dict[str, str] | None = None,
) -> list[tuple[bytes, int, int, bool]]:
    """Return access units with presentation and decoding time (90 kHz) and whether key frames."""
    encoder = VideoCodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.framerate, encoder.time_base = Fraction(25), Fraction(1, 90_000)
    encoder.options = {
        "preset": "ultrafast",
        "tune": "zerolatency",
        "g": str(key_every),
        "keyint_min": str(key_every),
        "sc_threshold": "0",
        "threads": "1",
        **(options or {}),
    }
    out: list[tuple[bytes, int, int, bool]] = []

    def take(packets: "Sequence[av.Packet[Any]]") -> None:
        for packet in packets:
            assert packet.pts is not None
            assert packet.dts is not None
            out.append((bytes(packet), packet.pts, packet.dts, packet.is_keyframe))

    for number in range(first, first + count):
        frame = av.VideoFrame.from_ndarray(picture(number, width, height), format="rgb24")
        frame.pts, frame.time_base = number * STEP_90K, Fraction(1, 90_000)
        take(encoder.encode(frame))
    take(encoder.encode(None))
    return out


def camera_packets(
    count: int,
    *,
    began_ms: int,
    key_every: int = 25,
    first: int = 0,
    pts_from: int = 0,
    width: int = 160,
    height: int = 96,
) -> list[VideoPacket]:
    """Return what a vision node would publish: picture n taken at `began_ms` + 40 n."""
    return [
        pack_packet(unit, keyframe=keyframe, pts_90k=pts_from + pts, t_ms=began_ms + pts // 90)
        for unit, pts, _dts, keyframe in encode(
            count, width=width, height=height, key_every=key_every, first=first
        )
    ]
