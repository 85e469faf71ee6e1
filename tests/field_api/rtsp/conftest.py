"""A hub, a server at it, and a film."""

from collections.abc import AsyncGenerator

import pytest

from field_api.contract.nal_units import Codec, annex_b, nal_units
from field_api.core.exchange import Alone
from field_api.links.video.hub import VideoHub
from field_api.links.video.renditions import Renditions
from field_api.links.video.rtsp_server import RtspServer
from tests.field_api.rtsp.peers import NOW_MS, Doors
from tests.vision.rtsp_peer import film


@pytest.fixture
def hub() -> VideoHub:
    return VideoHub(Alone(), backlog_packets=30)


@pytest.fixture
async def server(hub: VideoHub) -> AsyncGenerator[RtspServer]:
    made = RtspServer(Renditions(hub, 4), Doors(), lambda: NOW_MS, host="127.0.0.1", port=0)
    await made.start()
    yield made
    await made.close()


@pytest.fixture(scope="module")
def units() -> list[bytes]:
    return [annex_b(nal_units(u)) for u in film(Codec.H264, 40)]
