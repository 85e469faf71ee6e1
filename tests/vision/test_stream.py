"""What the node knows of a stream: when pictures were taken, and why there are none."""

import av
import pytest

from field_api.contract.capture_clock import CaptureClock
from field_api.contract.messages import CameraPose, StreamState
from tests.vision.camera_peer import encode_uas
from vision.config import StreamConfig
from vision.decoding import DecodedFrame
from vision.source_events import AccessUnit
from vision.stream import Stream

T0 = 1_700_000_000_000
POSE = CameraPose(
    lat_deg=24.94, lon_deg=102.62, altitude_amsl_m=2000, yaw_deg=0, pitch_deg=-40, hfov_deg=62
)


def stream_of() -> Stream:
    config = StreamConfig(stream_id="cam", vehicle_id="U1", url="udp://127.0.0.1:1")
    return Stream(config, None, lambda *_: None, lambda: 0)


def unit(second: float, stream_second: float, key: bool = True) -> AccessUnit:
    return AccessUnit(round(stream_second * 90_000), T0 + round(second * 1000), key, b"x")


def frame(second: float) -> DecodedFrame:
    return DecodedFrame(0, T0 + round(second * 1000), av.VideoFrame(64, 64, "yuv420p"))


@pytest.mark.parametrize("restarts_at_s", [0.0, 5000.0, 20_000.0])
def test_a_stream_clock_that_begins_anew_is_believed_at_once(restarts_at_s: float) -> None:
    clock = CaptureClock()
    for n in range(200):
        assert not clock.arrived(round((7200 + n / 15) * 90_000), T0 + n * 67)
    again_ms = T0 + 200 * 67
    assert clock.arrived(round(restarts_at_s * 90_000), again_ms)
    assert clock.capture_ms(round(restarts_at_s * 90_000), again_ms) == pytest.approx(again_ms, 5)


def test_an_outage_and_the_burst_after_it_are_no_new_timeline() -> None:
    clock = CaptureClock()
    assert not clock.arrived(0, T0)
    assert not clock.arrived(90_000 * 10, T0 + 10_050)  # ten seconds lost on the way
    for n in range(1, 75):  # five seconds held back, then all at once
        assert not clock.arrived(90_000 * 10 + n * 6000, T0 + 15_000)


def test_a_picture_that_waited_makes_no_new_timeline_of_the_next() -> None:
    clock = CaptureClock()
    assert not clock.arrived(0, T0)
    assert not clock.arrived(90_000, T0 + 4900)  # a busy machine came to it late
    assert not clock.arrived(90_000 * 5, T0 + 5000)


def test_a_new_timeline_forgets_poses_and_tracks() -> None:
    stream = stream_of()
    stream.opened()
    assert stream.take_restarted()
    stream.access_unit(unit(0, 7200), "avc1.42c01f")
    stream.metadata(7200 * 90_000, encode_uas(POSE, T0 * 1000))
    assert stream.pose_at(7200 * 90_000) is not None
    stream.access_unit(unit(0.1, 3), "avc1.42c01f")
    assert stream.take_restarted()
    assert stream.pose_at(7200 * 90_000) is None


def state_at(stream: Stream, second: float) -> StreamState:
    return stream.state(T0 + round(second * 1000))


def test_why_there_is_no_picture_is_said() -> None:
    stream = stream_of()
    assert state_at(stream, 0).trouble == "no_answer"
    stream.closed("video is mjpeg; only H.264 and H.265 are examined", False, unsupported=True)
    assert state_at(stream, 0).trouble == "unsupported"
    assert "mjpeg" in state_at(stream, 0).detail
    stream.opened()
    stream.access_unit(unit(1, 1), "avc1.42c01f")
    stream.frame(frame(1))
    assert (state_at(stream, 1).state, state_at(stream, 1).trouble) == ("live", None)
    stream.unseen(T0 + 1100)
    assert state_at(stream, 1.2).trouble is None  # one damaged picture is no trouble
    for n in range(50):
        stream.access_unit(unit(1.2 + n / 10, 1.2 + n / 10, key=False), "avc1.42c01f")
        stream.unseen(T0 + 1200 + n * 100)
    assert state_at(stream, 6.1).trouble == "damaged"
    assert state_at(stream, 20).trouble == "no_answer"
    stream.closed("end of stream", True)
    assert state_at(stream, 20).trouble is None


def test_what_cannot_be_relayed_is_said_to_be_examined_only() -> None:
    stream = stream_of()
    stream.opened()
    stream.access_unit(unit(0, 0), None)
    stream.frame(frame(0))
    assert state_at(stream, 0.1).trouble == "not_shown"


@pytest.mark.parametrize(
    ("off_ms", "by"), [(-300, "sender_report"), (-60_000, "metadata"), (5000, "metadata")]
)
def test_the_cameras_clock_counts_where_it_can_be_right(off_ms: int, by: str) -> None:
    stream = stream_of()
    stream.opened()
    stream.access_unit(unit(0, 10), "avc1.42c01f")
    stream.capture_ms(900_000, T0)
    assert state_at(stream, 0).capture_by == "arrival"
    stream.metadata(900_000, encode_uas(POSE, (T0 - 100) * 1000))
    stream.clock_told(900_000, T0 + off_ms)
    told_ms = stream.capture_ms(900_000, T0)
    assert state_at(stream, 0).capture_by == by
    assert told_ms == T0 + (off_ms if by == "sender_report" else -100)
