"""RTSP cameras: those of others, and ours that do what real ones do on bad days."""

import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from field_api.contract.nal_units import Codec, annex_b, is_key_unit, nal_units, unit_kind
from field_api.contract.rtp import payloads
from tests.vision.rtsp_peer import RtspPeer, film, without_parameter_sets
from tests.vision.test_source import Recorder, now_ms
from vision.source import CameraReader

SYSTEM_PYTHON = "/usr/bin/python3"
GST_CAMERA = Path(__file__).with_name("gst_camera.py")


class Waiting(Recorder):
    """Lets a test wait for whatever was told."""

    def wait_for(self, holds: Callable[[], bool]) -> None:
        with self.changed:
            assert self.changed.wait_for(holds, 30)

    def _tell(self) -> None:
        with self.changed:
            self.changed.notify_all()

    def access_unit(self, unit: object, codec: str | None) -> None:  # type: ignore[override]
        super().access_unit(unit, codec)  # type: ignore[arg-type]
        self._tell()

    def clock_told(self, pts_90k: int, camera_ms: int) -> None:
        super().clock_told(pts_90k, camera_ms)
        self._tell()

    def metadata(self, pts_90k: int | None, data: bytes) -> None:
        self.klv = data


@contextmanager
def reading(url: str, stall_s: float = 3.0) -> Iterator[Waiting]:
    told = Waiting()
    reader = CameraReader(url, told, now_ms, stall_s=stall_s)
    thread = threading.Thread(target=reader.run)
    thread.start()
    try:
        yield told
    finally:
        reader.stop()
        thread.join(30)
        assert not thread.is_alive()


@contextmanager
def gst_camera(*who: str) -> Iterator[int]:
    probe = "import gi; gi.require_version('GstRtspServer', '1.0')"
    there = (
        shutil.which(SYSTEM_PYTHON) is not None
        and subprocess.run([SYSTEM_PYTHON, "-c", probe], capture_output=True).returncode == 0
    )
    if not there:
        why = "needs python3-gi, gir1.2-gst-rtsp-server-1.0 and gstreamer1.0-plugins-ugly"
        assert "CI" not in os.environ, why
        pytest.skip(why)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    with subprocess.Popen(
        [SYSTEM_PYTHON, str(GST_CAMERA), *who], stdout=subprocess.PIPE, env=environment
    ) as camera:
        assert camera.stdout is not None
        try:
            yield int(camera.stdout.readline())
        finally:
            camera.kill()


def test_another_programs_camera_is_read_with_a_digest_password() -> None:
    with gst_camera("watcher", "s:cr@t") as port:
        with reading(f"rtsp://watcher:s%3Acr%40t@127.0.0.1:{port}/camera") as told:
            told.wait_for(lambda: len(told.units) >= 25 and bool(told.clocks))
        assert told.units[0].keyframe
        steps = {b.pts_90k - a.pts_90k for a, b in zip(told.units, told.units[1:], strict=False)}
        assert all(abs(step - 3600) < 400 for step in steps)
        assert len(told.frames) >= 24
        assert told.unseen_count == 0
        assert abs(told.clocks[0][1] - now_ms()) < 60_000
        with reading(f"rtsp://watcher:wrong@127.0.0.1:{port}/camera") as told:
            told.wait_for(lambda: bool(told.closings))
        reason, ended = told.closings[0]
        assert "refuses DESCRIBE: 401" in reason
        assert "wrong" not in reason
        assert not ended


def test_a_camera_that_sends_by_udp_only_is_read_all_the_same() -> None:
    with gst_camera("udp") as port, reading(f"rtsp://127.0.0.1:{port}/camera") as told:
        told.wait_for(lambda: len(told.frames) >= 5)
        # GStreamer's server answers 503 while it takes apart what the try by TCP had it build.
        assert not any(ended for _, ended in told.closings)


@pytest.mark.parametrize("codec", Codec)
def test_units_come_out_as_the_camera_made_them(codec: Codec) -> None:
    units = film(codec, 30)
    with RtspPeer([without_parameter_sets(codec, u) for u in units], codec) as peer:
        peer.units[0] = units[0]
        with reading(peer.url) as told:
            told.wait_for(lambda: bool(told.closings))
    assert len(told.units) == 30
    for got, made in zip(told.units, units, strict=True):
        made_key = any(is_key_unit(codec, unit_kind(codec, u)) for u in nal_units(made))
        assert list(nal_units(got.data))[-1] == list(nal_units(made))[-1]
        kinds = [unit_kind(codec, u) for u in nal_units(got.data)]
        assert not made_key or kinds[: 2 if codec is Codec.H264 else 3] == (
            [7, 8] if codec is Codec.H264 else [32, 33, 34]
        )
    assert [u.pts_90k - told.units[0].pts_90k for u in told.units] == [n * 3600 for n in range(30)]
    assert len(told.frames) == 30
    # Over in the middle of the film says nothing of the camera: it is asked again.
    assert told.closings[0] == ("end of stream", False)
    (name,) = told.codecs
    assert name is not None
    assert name.startswith("avc1." if codec is Codec.H264 else "hvc1.")


def test_a_lost_packet_hides_pictures_until_a_key_frame() -> None:
    units = [annex_b(nal_units(u)) for u in film(Codec.H264, 30)]
    with RtspPeer(units) as peer:
        peer.hold = True
        peer.lose = {first_packet_of(units, 13)}
        with reading(peer.url) as told:
            told.wait_for(lambda: len(told.units) == 23)
    numbers = [units.index(u.data) for u in told.units]
    assert numbers == [*range(13), *range(20, 30)]
    assert told.unseen_count >= 6
    assert len(told.frames) == 23


def first_packet_of(units: list[bytes], number: int) -> int:
    return sum(len(payloads(Codec.H264, unit)) for unit in units[:number])


def test_the_cameras_clock_and_its_metadata_are_told() -> None:
    with RtspPeer(film(Codec.H264, 6)) as peer:
        peer.clock_ms = 1_700_000_000_123
        peer.klv = b"\x06\x0e\x2b\x34 some metadata"
        peer.hold = True
        with reading(peer.url) as told:
            told.wait_for(lambda: len(told.units) >= 6)
    assert told.clocks == [(told.units[0].pts_90k, 1_700_000_000_123)]
    assert told.klv == peer.klv
    # Beyond 32 bits time goes on.
    assert told.units[-1].pts_90k - told.units[0].pts_90k == 5 * 3600


def test_what_cannot_be_examined_is_said() -> None:
    with RtspPeer(film(Codec.H264, 2)) as peer:
        peer.encoding = "JPEG"
        with reading(peer.url) as told:
            told.wait_for(lambda: bool(told.closings))
    assert told.closings[0][0] == "video is jpeg; only H.264 and H.265 are examined"
    assert told.unsupported


def test_garbage_and_silence_end_in_a_reason_and_another_try() -> None:
    with RtspPeer(film(Codec.H264, 2)) as peer:
        peer.garbage = True
        with reading(peer.url) as told:
            told.wait_for(lambda: len(told.closings) >= 2)
            assert "begins with a method" in told.closings[0][0]
            peer.garbage, peer.hold = False, True
            told.wait_for(lambda: len(told.units) >= 2)
    with RtspPeer(film(Codec.H264, 2)) as peer:
        peer.hold = True
        with reading(peer.url, stall_s=0.3) as told:
            told.wait_for(lambda: bool(told.closings))
            assert "sends no picture" in told.closings[0][0]
            # And the camera that was silent is told that its client leaves.
            told.wait_for(lambda: any(r.method == "TEARDOWN" for r in peer.seen))


def test_a_camera_that_comes_back_is_read_again() -> None:
    units = film(Codec.H264, 5)
    with RtspPeer(units) as peer, reading(peer.url) as told:
        told.wait_for(lambda: len(told.units) >= 15)
        assert len(told.closings) >= 2
