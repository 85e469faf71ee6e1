"""An RTSP camera in a process of its own that writes into each picture when it was taken.

1280x720, 25 frames/s, 2 Mbit/s, a key frame a second. The time (of the clock that all processes of
a machine share) stands in an SEI unit before the picture, and counts from before it is drawn.
"""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import av
import numpy as np

from field_api.contract.nal_units import Codec, annex_b, nal_units
from field_api.contract.rtp import Packetizer
from field_api.contract.rtsp import interleave
from tests.vision.rtsp_peer import SSRC, RtspPeer

__all__ = ["RATE", "camera", "taken_s"]

RATE = 25
WIDTH, HEIGHT = 1280, 720
MARK = b"xunshan-bench-01"


def taken_s(unit: bytes) -> float | None:
    """When the picture was taken, by `time.monotonic`."""
    at = unit.find(MARK)
    return float(unit[at + 16 : at + 36]) / 1e9 if at >= 0 else None


@contextmanager
def camera() -> Iterator[str]:
    """Run one and yield its address."""
    command = [sys.executable, "-m", "tests.benchmarks.paced_camera"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"rtsp://127.0.0.1:{int(process.stdout.readline())}/live"
        finally:
            process.kill()


class _Paced(RtspPeer):
    def _packets(self) -> Iterator[bytes]:
        encoder = _encoder()
        packetizer = Packetizer(Codec.H264, 96, SSRC)
        noise = np.random.default_rng(1).integers(0, 255, (HEIGHT, WIDTH, 3), np.uint8)
        begin = time.monotonic()
        number = 0
        while True:
            time.sleep(max(0.0, begin + number / RATE - time.monotonic()))
            mark = b"\x06\x05\x24" + MARK + b"%020d" % time.monotonic_ns() + b"\x80"
            image = np.roll(noise, 7 * number, axis=1) // 4
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            for packet in encoder.encode(frame):
                units = list(nal_units(bytes(packet)))
                # Behind the parameter sets, before the picture.
                sets = [u for u in units if u[0] & 31 in (7, 8)]
                unit = annex_b([*sets, mark, *(u for u in units if u[0] & 31 not in (7, 8))])
                for part in packetizer.access_unit(unit, number * 90_000 // RATE):
                    yield interleave(0, part)
            number += 1


def _encoder() -> av.VideoCodecContext:
    encoder = av.CodecContext.create("libx264", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    encoder.framerate, encoder.gop_size, encoder.bit_rate = RATE, RATE, 2_000_000
    encoder.options = {
        "preset": "ultrafast",
        "tune": "zerolatency",
        "profile": "baseline",
        "x264-params": "vbv-maxrate=2000:vbv-bufsize=400:sliced-threads=0:threads=1",
    }
    return encoder


def main() -> None:
    first = next(iter(_encoder().encode(av.VideoFrame(WIDTH, HEIGHT, "yuv420p"))))
    with _Paced([bytes(first)]) as peer:
        print(peer.port, flush=True)
        while True:
            time.sleep(3600)


if __name__ == "__main__":
    main()
