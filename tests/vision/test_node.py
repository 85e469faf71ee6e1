"""The node end to end on real sockets: a camera of ours in, a command post of ours out."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from field_api.contract.messages import CameraPose, Detection, FrameBoxes
from field_api.contract.video_packet import HEADER_BYTES, parse_packet
from mission_plans.ground.geodesy import distance_m
from mission_plans.ground.terrain_files import demo_terrain
from mission_plans.values.plan import GeoPoint
from tests.vision.camera_peer import CameraPeer, free_port, level_flight
from tests.vision.post_peer import PostPeer
from vision.analysis import Look, StreamAnalysis
from vision.config import StreamConfig, VisionConfig
from vision.detector import RawBox
from vision.geolocation import GroundPoint
from vision.looks import LookPlan
from vision.node import VisionNode
from vision.registry import load_card
from vision.stream import Stream

CAMERA_LAT, CAMERA_LON = 24.9400, 102.6200
AGL_M = 80.0


class BrightSpotDetector:
    """Finds bright upright spots: a detector of pixels that needs no training."""

    card = load_card("xunshan-people-smoke")
    backend = "pixels"

    def __init__(self) -> None:
        self.widths: list[int | None] = []

    def detect(
        self,
        image_rgb: NDArray[np.uint8],
        thresholds: dict[str, float] | None = None,
        width_px: int | None = None,
    ) -> list[RawBox]:
        self.widths.append(width_px)
        height, width = image_rgb.shape[:2]
        bright = (image_rgb.min(axis=2) > 180).astype(np.uint8)
        _, _, boxes, _ = cv2.connectedComponentsWithStats(bright)
        return [
            RawBox("person", 0.9, x / width, y / height, w / width, h / height)
            for x, y, w, h, area in boxes[1:].tolist()
            if area > 60
        ]


def node_config(url: str, server: str, folder: Path, terrain: Path | None) -> VisionConfig:
    return VisionConfig(
        server_url=server,
        token="secret",
        data_dir=folder,
        terrain=terrain,
        max_detector_fps=8,
        stall_s=1.0,
        streams=[StreamConfig(stream_id="XS-U1-cam", vehicle_id="XS-U1", url=url)],
    )


@contextlib.asynccontextmanager
async def running(node: VisionNode) -> AsyncGenerator[asyncio.Task[None]]:
    task = asyncio.create_task(node.run())
    try:
        yield task
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def decoded(packets: Sequence[bytes]) -> list[av.VideoFrame]:
    decoder = av.CodecContext.create("h264", "r")
    frames: list[av.VideoFrame] = []
    for packet in packets:
        frames += decoder.decode(av.Packet(packet[HEADER_BYTES:]))
    return frames


@pytest.fixture
def terrain_file() -> Path:
    import mission_plans

    return Path(mission_plans.__file__).parent / "data" / "dem_xishan_synthetic_100m.npz"


async def test_a_person_seen_by_a_flying_camera_becomes_one_located_alert_with_pictures(
    tmp_path: Path, terrain_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Whether there is time for wide looks is this machine's business.
    monkeypatch.setattr(LookPlan, "_affordable", lambda *_: True)
    terrain = demo_terrain()
    ground = float(terrain.elevation_m(CAMERA_LAT, CAMERA_LON))
    pose_at = level_flight(CAMERA_LAT, CAMERA_LON, ground + AGL_M, pitch_deg=-45, speed_ms=5)
    target_lat = CAMERA_LAT + 0.0009
    target = GroundPoint(
        target_lat, CAMERA_LON + 0.0001, float(terrain.elevation_m(target_lat, CAMERA_LON + 0.0001))
    )
    port = free_port()
    async with PostPeer() as post:
        config = node_config(f"udp://127.0.0.1:{port}", post.url, tmp_path, terrain_file)
        config = config.model_copy(update={"input_width_px": 320, "wide_look_every": 3})
        detector = BrightSpotDetector()
        node = VisionNode(config, detectors=[detector])
        async with running(node):
            with CameraPeer(port, pose_at, target):
                await post.until(lambda: bool(post.detections) and len(post.packets) > 30)
                await post.until(lambda: any(detector.widths))
                await post.until(lambda: any(s.state == "live" for s in post.states))
    assert None in detector.widths
    # 4 px of a person at 320: all that the picture has.
    assert {width for width in detector.widths if width} == {640}
    assert len(post.detections) == 1
    detection: Detection = next(iter(post.detections.values()))
    assert detection.label == "person"
    assert detection.vehicle_id == "XS-U1"
    assert detection.position is not None
    error_m = distance_m(
        detection.position, GeoPoint(lat_deg=target.lat_deg, lon_deg=target.lon_deg)
    )
    assert error_m < 5
    assert detection.error_ellipse is not None
    assert error_m < 3 * detection.error_ellipse.semi_major_m
    assert {e.role for e in detection.evidence} == {"crop", "frame"}
    # The boxes carry the time stamp of a picture that was relayed.
    relayed = {parse_packet(p).pts_90k for p in post.packets}
    drawn = {b.pts_90k for b in post.boxes if b.boxes}
    assert drawn
    assert detection.pts_90k in relayed
    assert post.tokens == {"Bearer secret"}


async def test_video_is_relayed_unchanged_and_starts_with_a_decodable_key_frame(
    tmp_path: Path,
) -> None:
    pose_at = level_flight(CAMERA_LAT, CAMERA_LON, 2300, pitch_deg=-45, speed_ms=0)
    port = free_port()
    async with PostPeer() as post:
        config = node_config(f"udp://127.0.0.1:{port}", post.url, tmp_path, None)
        node = VisionNode(config, detectors=[BrightSpotDetector()])
        async with running(node):
            with CameraPeer(port, pose_at, GroundPoint(0, 0, 0)):
                await post.until(lambda: len(post.packets) >= 40)
    assert post.formats[0] == {
        "codec": post.formats[0]["codec"],
        "width": 640,
        "height": 360,
        "stream_id": "XS-U1-cam",
    }
    assert str(post.formats[0]["codec"]).startswith("avc1.42")
    first = parse_packet(post.packets[0])
    assert first.keyframe
    assert first.t_ms > 1_700_000_000_000
    times = [parse_packet(p).pts_90k for p in post.packets]
    assert times == sorted(times)
    assert len(decoded(post.packets)) >= 39


async def test_without_metadata_there_are_boxes_and_alerts_but_no_place(tmp_path: Path) -> None:
    terrain = demo_terrain()
    ground = float(terrain.elevation_m(CAMERA_LAT, CAMERA_LON))
    pose_at = level_flight(CAMERA_LAT, CAMERA_LON, ground + AGL_M, pitch_deg=-45, speed_ms=0)
    target_lat = CAMERA_LAT + 0.0006
    target = GroundPoint(target_lat, CAMERA_LON, float(terrain.elevation_m(target_lat, CAMERA_LON)))
    port = free_port()
    async with PostPeer() as post:
        config = node_config(f"udp://127.0.0.1:{port}", post.url, tmp_path, None)
        node = VisionNode(config, detectors=[BrightSpotDetector()])
        async with running(node):
            with CameraPeer(port, pose_at, target, with_klv=False):
                await post.until(lambda: bool(post.detections))
    detection = next(iter(post.detections.values()))
    assert detection.position is None
    assert detection.bearing_deg is None
    assert detection.pose is None


async def test_a_camera_that_falls_silent_is_told_as_stalled_and_comes_back(
    tmp_path: Path,
) -> None:
    pose_at = level_flight(CAMERA_LAT, CAMERA_LON, 2300, pitch_deg=-45, speed_ms=0)
    port = free_port()
    async with PostPeer() as post:
        config = node_config(f"udp://127.0.0.1:{port}", post.url, tmp_path, None)
        node = VisionNode(config, detectors=[BrightSpotDetector()])
        async with running(node):
            assert node.config.streams[0].stream_id == "XS-U1-cam"
            await post.until(lambda: any(s.state == "waiting" for s in post.states))
            with CameraPeer(port, pose_at, GroundPoint(0, 0, 0)):
                await post.until(lambda: any(s.state == "live" for s in post.states))
            await post.until(lambda: post.states[-1].state == "stalled")
            before = len(post.packets)
            with CameraPeer(port, pose_at, GroundPoint(0, 0, 0)):
                await post.until(lambda: len(post.packets) > before + 10)
                await post.until(lambda: post.states[-1].state == "live")


async def test_a_pose_that_comes_after_its_picture_is_taken_once_it_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = 4
    came, done = threading.Semaphore(0), threading.Event()
    looks: list[Look] = []
    metadata, look = Stream.metadata, StreamAnalysis.look

    def heard(stream: Stream, pts_90k: int | None, data: bytes) -> None:
        metadata(stream, pts_90k, data)
        came.release()

    def remembered(analysis: StreamAnalysis, one: Look) -> tuple[FrameBoxes, list[Detection]]:
        looks.append(one)
        return look(analysis, one)

    class Slow(BrightSpotDetector):
        """Looks until the poses that were under way have come."""

        def detect(self, *arguments: Any, **named: Any) -> list[RawBox]:
            while came.acquire(blocking=False):
                pass
            poses = 0
            while poses <= late and not done.is_set():
                poses += came.acquire(timeout=0.1)
            return super().detect(*arguments, **named)

    monkeypatch.setattr(Stream, "metadata", heard)
    monkeypatch.setattr(StreamAnalysis, "look", remembered)
    straight = level_flight(CAMERA_LAT, CAMERA_LON, 2300, pitch_deg=-45, speed_ms=0)

    def turning(seconds: float) -> CameraPose:
        return straight(seconds).model_copy(update={"yaw_deg": (seconds * 40) % 360})

    port = free_port()
    async with PostPeer() as post:
        config = node_config(f"udp://127.0.0.1:{port}", post.url, tmp_path, None)
        async with running(VisionNode(config, detectors=[Slow()])):
            with CameraPeer(port, turning, GroundPoint(0, 0, 0), klv_late=late) as camera:
                await post.until(lambda: len(looks) > 5)
                done.set()
    for one in looks[1:6]:
        assert one.pose is not None
        truth = turning(camera.seconds(one.pts_90k)).yaw_deg
        # The pose before it is 11 degrees off.
        assert abs((one.pose.yaw_deg - truth + 180) % 360 - 180) < 0.1
