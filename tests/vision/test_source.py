"""Reading cameras: films that keep parameter sets apart, broken sources, silent ones."""

import socket
import threading
import time
from pathlib import Path

import av
import numpy as np
import pytest

from field_api.contract.nal_units import nal_units
from tests.vision.camera_peer import free_port
from vision.decoding import DecodedFrame
from vision.source import CameraReader, open_options
from vision.source_events import AccessUnit


class Recorder:
    """Keeps what a reader tells and lets a test wait for it."""

    def __init__(self) -> None:
        self.units: list[AccessUnit] = []
        self.frames: list[DecodedFrame] = []
        self.codecs: set[str | None] = set()
        self.closings: list[tuple[str, bool]] = []
        self.unsupported = False
        self.unseen_count = 0
        self.clocks: list[tuple[int, int]] = []
        self.stop = threading.Event()
        self.changed = threading.Condition()

    def opened(self) -> None:
        return

    def metadata(self, pts_90k: int | None, data: bytes) -> None:
        return

    def clock_told(self, pts_90k: int, camera_ms: int) -> None:
        self.clocks.append((pts_90k, camera_ms))

    def access_unit(self, unit: AccessUnit, codec: str | None) -> None:
        self.units.append(unit)
        self.codecs.add(codec)

    def frame(self, frame: DecodedFrame) -> None:
        self.frames.append(frame)

    def unseen(self, arrived_ms: int) -> None:
        self.unseen_count += 1

    def closed(self, reason: str, ended: bool, unsupported: bool = False) -> None:
        with self.changed:
            self.unsupported = unsupported
            self.closings.append((reason, ended))
            self.changed.notify_all()


def now_ms() -> int:
    return time.time_ns() // 1_000_000


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "film.mp4"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("libx264", rate=30, options={"g": "10", "tune": "zerolatency"})
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        for number in range(20):
            image = np.full((180, 320, 3), 10 * number, np.uint8)
            for packet in stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")):
                out.mux(packet)
        for packet in stream.encode(None):
            out.mux(packet)
    return path


def test_a_file_becomes_annex_b_access_units_in_order_and_ends(film: Path) -> None:
    recorder = Recorder()
    CameraReader(str(film), recorder, now_ms).run()
    assert recorder.closings == [("end of stream", True)]
    assert len(recorder.units) == 20
    assert len(recorder.frames) == 20
    assert recorder.units[0].keyframe
    for unit in recorder.units:
        kinds = [u[0] & 31 for u in nal_units(unit.data)]
        assert (5 in kinds) == unit.keyframe
        assert not unit.keyframe or {7, 8} <= set(kinds)
    times = [u.pts_90k for u in recorder.units]
    assert np.diff(times).tolist() == [3000] * 19
    assert [f.pts_90k for f in recorder.frames] == times
    assert all(c and c.startswith("avc1.") for c in recorder.codecs)


def test_a_repeated_file_begins_again(film: Path) -> None:
    recorder = Recorder()
    reader = CameraReader(str(film), recorder, now_ms, repeat_file=True)
    thread = threading.Thread(target=reader.run)
    thread.start()
    with recorder.changed:
        assert recorder.changed.wait_for(lambda: len(recorder.closings) >= 2, 20)
    reader.stop()
    thread.join(10)
    assert len(recorder.units) >= 40
    assert not any(ended for _, ended in recorder.closings)


def test_a_film_with_another_codec_is_refused_with_its_codec(tmp_path: Path) -> None:
    path = tmp_path / "film.avi"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("mjpeg", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuvj420p"
        for packet in stream.encode(av.VideoFrame(64, 64, "yuvj420p")):
            out.mux(packet)
    recorder = Recorder()
    reader = CameraReader(str(path), recorder, now_ms)
    thread = threading.Thread(target=reader.run)
    thread.start()
    with recorder.changed:
        assert recorder.changed.wait_for(lambda: bool(recorder.closings), 10)
    reader.stop()
    thread.join(10)
    assert recorder.closings[0][0] == "video is mjpeg; only H.264 and H.265 are examined"
    assert recorder.unsupported


def test_garbage_and_silence_end_in_a_reason_and_another_try() -> None:
    port = free_port()
    recorder = Recorder()
    reader = CameraReader(f"udp://127.0.0.1:{port}", recorder, now_ms, stall_s=0.5)
    thread = threading.Thread(target=reader.run)
    thread.start()
    noise = np.random.default_rng(1)
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender,
        recorder.changed,
    ):
        for _ in range(400):
            if recorder.changed.wait_for(lambda: bool(recorder.closings), 0.05):
                break
            sender.sendto(noise.bytes(1316), ("127.0.0.1", port))
        assert recorder.changed.wait_for(lambda: bool(recorder.closings), 20)
    reader.stop()
    thread.join(15)
    assert not thread.is_alive()
    assert recorder.closings[0][0]
    assert recorder.units == []


def test_options_fit_the_kind_of_source() -> None:
    assert "noparse" in open_options("udp://127.0.0.1:5600", low_latency=True)["fflags"]
    assert "fflags" not in open_options("udp://127.0.0.1:5600", low_latency=False)
    assert open_options("rtsp://camera/1", low_latency=True)["rtsp_transport"] == "tcp"
    assert open_options("film.mp4", low_latency=True) == {}
