"""A camera of our own for the tests: draws a known target and sends MPEG-TS with KLV over UDP."""

import math
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Callable
from fractions import Fraction

import av
import numpy as np

from field_api.contract.klv import UAS_LOCAL_SET, checksum
from field_api.contract.messages import CameraPose
from vision.camera import image_of
from vision.geolocation import GroundPoint, offset_ned_m

WIDTH, HEIGHT, RATE = 640, 360, 15


def encode_uas(
    pose: CameraPose, time_us: int, extra: bytes = b"", platform_pitch_deg: float = 0.0
) -> bytes:
    """An ST 0601 set with the camera fixed to a platform that turns with its yaw."""

    def signed(value: float, span: float, size: int) -> bytes:
        return round(value / span * (2 ** (8 * size - 1) - 1)).to_bytes(size, "big", signed=True)

    def unsigned(value: float, low: float, high: float, size: int) -> bytes:
        return round((value - low) / (high - low) * (2 ** (8 * size) - 1)).to_bytes(size, "big")

    items = [
        (2, struct.pack(">Q", time_us)),
        (5, unsigned(pose.yaw_deg % 360, 0, 360, 2)),
        (6, signed(platform_pitch_deg, 20, 2)),
        (7, signed(0, 50, 2)),
        (13, signed(pose.lat_deg, 90, 4)),
        (14, signed(pose.lon_deg, 180, 4)),
        (15, unsigned(pose.altitude_amsl_m, -900, 19000, 2)),
        (16, unsigned(pose.hfov_deg, 0, 180, 2)),
        (18, unsigned(0, 0, 360, 4)),
        (19, signed(pose.pitch_deg, 180, 4)),
        (20, unsigned(pose.roll_deg % 360, 0, 360, 4)),
    ]
    body = b"".join(bytes([tag, len(value)]) + value for tag, value in items) + extra
    length = len(body) + 4
    head = UAS_LOCAL_SET + (bytes([length]) if length < 128 else bytes([0x81, length]))
    summed = head + body + b"\x01\x02"
    return summed + struct.pack(">H", checksum(summed))


def free_port() -> int:
    """A UDP port that nothing holds now."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class CameraPeer:
    """Sends a picture of the ground with one bright target until stopped."""

    def __init__(
        self,
        port: int,
        pose_at: Callable[[float], CameraPose],
        target: GroundPoint,
        with_klv: bool = True,
        klv_late: int = 0,
    ) -> None:
        """`klv_late`: pictures that a pose comes after its own."""
        self._url = f"udp://127.0.0.1:{port}?pkt_size=1316"
        self._pose_at = pose_at
        self._target = target
        self._with_klv = with_klv
        self._late: deque[tuple[int, bytes]] = deque(maxlen=klv_late + 1)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> "CameraPeer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    @staticmethod
    def seconds(pts_90k: int) -> float:
        """When a picture was taken, after the first one."""
        return (pts_90k - 90_000) / 90_000

    def _run(self) -> None:
        # Written as they come: else the muxer keeps pictures back until their late pose is there.
        with av.open(self._url, "w", format="mpegts", options={"max_interleave_delta": "1"}) as out:
            video = out.add_stream(
                "libx264",
                rate=RATE,
                options={
                    "preset": "ultrafast",
                    "tune": "zerolatency",
                    "profile": "baseline",
                    "g": str(RATE),
                },
            )
            video.width, video.height, video.pix_fmt = WIDTH, HEIGHT, "yuv420p"
            video.bit_rate = 1_000_000
            video.codec_context.time_base = Fraction(1, 90_000)
            data = out.add_data_stream("klv") if self._with_klv else None
            if data is not None:
                data.time_base = Fraction(1, 90_000)
            began = time.monotonic()
            number = 0
            while not self._stop.wait(max(0.0, began + number / RATE - time.monotonic())):
                pts = 90_000 + number * 90_000 // RATE
                pose = self._pose_at(number / RATE)
                if data is not None:
                    self._late.append((pts, encode_uas(pose, time.time_ns() // 1000)))
                if data is not None and len(self._late) == self._late.maxlen:
                    posed_at, packed = self._late[0]
                    packet = av.Packet(packed)
                    packet.pts = packet.dts = posed_at
                    packet.time_base = Fraction(1, 90_000)
                    packet.stream = data
                    out.mux(packet)
                frame = av.VideoFrame.from_ndarray(self._draw(pose), format="rgb24")
                frame.pts, frame.time_base = pts, Fraction(1, 90_000)
                for packet in video.encode(frame):
                    out.mux(packet)
                number += 1

    def _draw(self, pose: CameraPose) -> np.ndarray:
        image = np.full((HEIGHT, WIDTH, 3), 60, np.uint8)
        place = image_of(pose, offset_ned_m(pose, self._target), WIDTH / HEIGHT)
        if place is not None:
            x, y = round(place[0] * WIDTH), round(place[1] * HEIGHT)
            if 5 <= x < WIDTH - 5 and 24 <= y < HEIGHT:
                image[y - 24 : y, x - 5 : x + 5] = 250
        return image


def level_flight(
    lat_deg: float, lon_deg: float, altitude_amsl_m: float, pitch_deg: float, speed_ms: float
) -> Callable[[float], CameraPose]:
    """North-bound flight that starts at a place."""

    def pose_at(seconds: float) -> CameraPose:
        return CameraPose(
            lat_deg=lat_deg + math.degrees(speed_ms * seconds / 6_367_000),
            lon_deg=lon_deg,
            altitude_amsl_m=altitude_amsl_m,
            yaw_deg=0.0,
            pitch_deg=pitch_deg,
            hfov_deg=62.0,
        )

    return pose_at
