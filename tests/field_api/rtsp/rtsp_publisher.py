"""Pushes a film to an RTSP address with FFmpeg's own client, at 25 frames/s, until killed.

A process of its own: FFmpeg holds Python's lock while it greets the server. Arguments: address,
encoder.
"""

import sys
import time
from fractions import Fraction

import av
import numpy as np

RATE = 25
OPTIONS = {
    "libx264": {},
    "libx265": {"x265-params": "log-level=none:pools=1"},
}


def main() -> None:
    url, encoder = sys.argv[1:]
    with av.open(url, "w", format="rtsp", options={"rtsp_transport": "tcp"}) as out:
        options = {"preset": "ultrafast", "tune": "zerolatency", "g": "10", **OPTIONS[encoder]}
        video = out.add_stream(encoder, rate=RATE, options=options)
        assert isinstance(video, av.VideoStream)
        video.width, video.height, video.pix_fmt = 320, 180, "yuv420p"
        number = 0
        while True:
            image = np.full((180, 320, 3), number % 256, np.uint8)
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            for packet in video.encode(frame):
                out.mux(packet)
            number += 1
            time.sleep(1 / RATE)


if __name__ == "__main__":
    main()
