"""A camera that publishes, and what of it is recorded, for tests."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect

from field_api.contract.messages import Box, CameraState, FrameBoxes, VehicleState
from field_api.contract.messages.telemetry import LinkState
from field_api.contract.video_packet import VideoPacket
from field_api.core.services import Services
from field_api.features.flights import VEHICLE_STATE
from field_api.features.roster.tables import Vehicle
from field_api.links.video import FRAME_BOXES
from field_api.links.video.hub import StreamInfo
from tests.field_api.post import SMOKE, T0_MS, Post

__all__ = ["CAMERA", "Camera", "flies", "footage", "give_camera", "tell_boxes", "whole"]

CAMERA = "XS-U1-cam"
VEHICLE = "XS-U1"
DAY_MS = 86_400_000


def give_camera(services: Services, stream_id: str = CAMERA) -> None:
    """Say in the roster that the aircraft's camera is the stream."""
    with services.store.housekeep() as session:
        session.get_one(Vehicle, VEHICLE).stream_id = stream_id


class Camera:
    """Publishes to a post as a vision node does; use as an asynchronous context manager."""

    def __init__(
        self,
        base_url: str,
        token: str,
        stream_id: str = CAMERA,
        *,
        width: int = 160,
        height: int = 96,
    ) -> None:
        self._url = f"{base_url.replace('http', 'ws')}/api/v1/video/{stream_id}/publish"
        self._token = token
        self._info = StreamInfo(
            stream_id=stream_id, codec="avc1.42c00b", width=width, height=height
        )
        self._socket: ClientConnection | None = None

    async def __aenter__(self) -> "Camera":
        self._socket = await connect(
            self._url,
            additional_headers={"Authorization": f"Bearer {self._token}"},
            compression=None,
        )
        await self._socket.send(self._info.model_dump_json())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._socket is not None
        await self._socket.close()

    async def send(self, packets: Iterable[VideoPacket]) -> None:
        """Send packets as fast as the post takes them."""
        assert self._socket is not None
        for number, packet in enumerate(packets):
            await self._socket.send(packet.data)
            if number % 20 == 19:
                await asyncio.sleep(0.02)


async def footage(
    client: httpx.AsyncClient, fits: Callable[[Any], bool] = bool, **query: Any
) -> Any:
    """Ask for footage of a stream until the answer fits."""
    asked = {"stream_id": CAMERA, "from_ms": T0_MS - DAY_MS, "to_ms": T0_MS + DAY_MS, **query}
    params = {name: value for name, value in asked.items() if value is not None}
    async with asyncio.timeout(30):
        while True:
            answer = await client.get("footage", params=params)
            assert answer.status_code == 200, answer.text
            if fits(answer.json()):
                return answer.json()
            await asyncio.sleep(0.05)


def whole(count: int) -> Callable[[Any], bool]:
    """Return that there are so many files of the stream, none being written."""

    def fits(answer: Any) -> bool:
        files = [file for stream in answer["streams"] for file in stream["files"]]
        return len(files) == count and all(file["whole"] for file in files)

    return fits


def flies(post: Post, t_ms: int, **changes: Any) -> None:
    """Tell where the aircraft and its camera are."""
    state = VehicleState(
        vehicle_id=VEHICLE,
        t_ms=t_ms,
        link=LinkState.LIVE,
        lat_deg=SMOKE[0],
        lon_deg=SMOKE[1] + (t_ms - T0_MS) * 1e-7,
        altitude_amsl_m=2100.0,
        altitude_agl_m=80.0,
        heading_deg=45.0,
        pitch_deg=2.0,
        roll_deg=-1.0,
        camera=CameraState(pitch_deg=-40.0, yaw_deg=10.0, hfov_deg=62.0),
    ).model_copy(update=changes)
    post.services.bus.publish(VEHICLE_STATE, state.key, state)


def tell_boxes(post: Post, packet: VideoPacket, x: float = 0.2) -> None:
    """Tell that the detector saw a person in a picture."""
    box = Box(track_id=7, label="person", confidence=0.9, x=x, y=0.3, w=0.1, h=0.2)
    boxes = FrameBoxes(stream_id=CAMERA, pts_90k=packet.pts_90k, t_ms=packet.t_ms, boxes=[box])
    post.services.bus.publish(FRAME_BOXES, boxes.key, boxes)
