"""H.264 with its metadata in one MPEG transport stream, sent as a drone's camera sends it."""

from fractions import Fraction
from types import TracebackType
from typing import Self

import av
import numpy as np
from av.video.stream import VideoStream
from numpy.typing import NDArray

__all__ = ["CameraStream"]

TICKS = 90_000


class CameraStream:
    """One camera's output; use as a context manager from one thread."""

    def __init__(
        self,
        url: str,
        width_px: int = 1280,
        height_px: int = 720,
        frames_per_s: int = 15,
        bit_rate: int = 2_000_000,
    ) -> None:
        """Open the destination, e.g. `udp://127.0.0.1:5600`."""
        target = f"{url}?pkt_size=1316" if url.startswith("udp://") and "?" not in url else url
        # Without PES lengths a reader must wait for the next picture to know that one has ended.
        self._container = av.open(
            target, "w", format="mpegts", options={"omit_video_pes_length": "0"}
        )
        video: VideoStream = self._container.add_stream(
            "libx264",
            rate=frames_per_s,
            options={
                "preset": "ultrafast",
                "tune": "zerolatency",
                "profile": "baseline",
                "g": str(frames_per_s),
                "threads": "1",
            },
        )
        video.width, video.height, video.pix_fmt = width_px, height_px, "yuv420p"
        video.bit_rate = bit_rate
        video.codec_context.time_base = Fraction(1, TICKS)
        self._video = video
        self._data = self._container.add_data_stream("klv")
        self._data.time_base = Fraction(1, TICKS)

    def send(self, image_bgr: NDArray[np.uint8], metadata: bytes, pts_90k: int) -> None:
        """Encode one picture and send it with its metadata under the same time stamp."""
        packet = av.Packet(metadata)
        packet.pts = packet.dts = pts_90k
        packet.time_base = Fraction(1, TICKS)
        packet.stream = self._data
        self._container.mux(packet)
        frame = av.VideoFrame.from_ndarray(image_bgr, format="bgr24")
        frame.pts, frame.time_base = pts_90k, Fraction(1, TICKS)
        for encoded in self._video.encode(frame):
            self._container.mux(encoded)

    def close(self) -> None:
        """Send what is left and close."""
        for encoded in self._video.encode(None):
            self._container.mux(encoded)
        self._container.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
