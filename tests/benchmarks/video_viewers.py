"""Viewers of one stream, many in one process, that look at nothing.

    python -m tests.benchmarks.video_viewers URL KIND COUNT SECONDS [STREAM]

KIND is packets, fmp4 or whep.
The session's token comes on standard input; what was received is printed as JSON.
"""

import asyncio
import json
import os
import sys
import time
from typing import Any, cast

import httpx
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from websockets.asyncio.client import connect

from field_api.contract.video_packet import parse_packet
from field_api.links.video.engines.addresses import offering
from field_api.links.video.whip_ingest import Passed
from tests.filming import STREAM

SEEN_EVERY_S = 0.1
OFFERED = tuple(os.environ.get("OFFERED", "127.0.0.1").split())
"""Addresses of the viewers; none: all of this machine's."""


class Counted:
    """What all viewers together received."""

    def __init__(self) -> None:
        self.pictures = 0
        self.late_ms: list[float] = []
        self.counting = False
        self.longest_gap_s = 0.0
        """Without a picture for one viewer."""

    def picture(self, viewer: "Viewer", t_ms: int | None = None) -> None:
        if self.counting:
            self.longest_gap_s = max(self.longest_gap_s, viewer.gap_s())
            self.pictures += 1
            if t_ms is not None:
                self.late_ms.append(time.time() * 1000 - t_ms)


class Viewer:
    """One of them: when it last saw a picture."""

    def __init__(self) -> None:
        self.ready = asyncio.Event()
        self._last_s: float | None = None

    def gap_s(self) -> float:
        """Return how long it has been since the picture before, and begin anew."""
        now_s = time.monotonic()
        gap_s = 0.0 if self._last_s is None else now_s - self._last_s
        self._last_s = now_s
        return gap_s


async def socket_viewer(
    url: str, token: str, form: str, counted: Counted, viewer: Viewer, stream: str
) -> None:
    address = f"{url.replace('http', 'ws')}/api/v1/video/{stream}/play?form={form}"
    headers = {"Authorization": f"Bearer {token}"}
    async with connect(address, additional_headers=headers, compression=None) as socket:
        seen = 0

        async def tell() -> None:
            while True:
                await asyncio.sleep(SEEN_EVERY_S)
                await socket.send(f'{{"seen":{seen}}}')

        telling = asyncio.create_task(tell())
        try:
            async for message in socket:
                if isinstance(message, bytes):
                    seen += 1
                    viewer.ready.set()
                    t_ms = parse_packet(message).t_ms if form == "packets" else None
                    counted.picture(viewer, t_ms)
        finally:
            telling.cancel()


async def whep_viewer(
    client: httpx.AsyncClient, counted: Counted, viewer: Viewer, stream: str
) -> RTCPeerConnection:
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    transceiver = peer.addTransceiver("video", direction="recvonly")

    def take(_unit: bytes, _pts: int) -> None:
        viewer.ready.set()
        counted.picture(viewer)

    # Decoding would cost this process a core for every two viewers.
    cast("Any", transceiver.receiver)._RTCRtpReceiver__decoder_queue = Passed(take)
    with offering(OFFERED):
        await peer.setLocalDescription(await peer.createOffer())
    answer = await client.post(
        f"/api/v1/video/{stream}/whep",
        content=peer.localDescription.sdp,
        headers={"content-type": "application/sdp"},
    )
    answer.raise_for_status()
    await peer.setRemoteDescription(RTCSessionDescription(answer.text, "answer"))
    return peer


async def main(url: str, kind: str, count: int, seconds: float, stream: str) -> None:
    token = sys.stdin.readline().strip()
    counted = Counted()
    viewers = [Viewer() for _ in range(count)]
    tasks: list[asyncio.Task[None]] = []
    peers: list[RTCPeerConnection] = []
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=30) as client:
        for viewer in viewers:
            if kind == "whep":
                peers.append(await whep_viewer(client, counted, viewer, stream))
            else:
                watching = socket_viewer(url, token, kind, counted, viewer, stream)
                tasks.append(asyncio.create_task(watching))
        for viewer in viewers:
            await asyncio.wait_for(viewer.ready.wait(), 30)
        print("watching", flush=True)
        sys.stdin.readline()
        counted.counting = True
        await asyncio.sleep(seconds)
        counted.counting = False
        late = sorted(counted.late_ms)
        found = {
            "pictures": counted.pictures,
            "longest_gap_s": round(max(counted.longest_gap_s, *(v.gap_s() for v in viewers)), 3),
            "late_ms_p50": late[len(late) // 2] if late else None,
            "late_ms_p99": late[int(len(late) * 0.99)] if late else None,
        }
        print(json.dumps(found), flush=True)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, *(peer.close() for peer in peers), return_exceptions=True)


if __name__ == "__main__":
    asyncio.run(
        main(
            sys.argv[1],
            sys.argv[2],
            int(sys.argv[3]),
            float(sys.argv[4]),
            *(sys.argv[5:] or [STREAM]),
        )
    )
