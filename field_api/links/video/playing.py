"""One viewer on a WebSocket: packets or fragments, as fast as its line takes them and no faster."""

import asyncio
import time
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, Field, ValidationError
from starlette.websockets import WebSocket, WebSocketDisconnect

from field_api.contract.video_packet import VideoPacket
from field_api.links.video.hub import Viewer
from field_api.links.video.live_fmp4 import FragmentsBegin, LiveFragments
from field_api.links.video.send_window import SendWindow

__all__ = ["Form", "hear_viewer", "show"]

Form = Literal["packets", "fmp4"]
"""How pictures are sent: as the contract's video packets, or as fragments of MP4."""
WINDOW_MS = 400
LONGEST_HOLD_S = 0.1


class _Seen(BaseModel):
    """What a viewer says now and then."""

    seen: Annotated[int, Field(ge=0)]
    """Binary messages received so far."""


class _Begin(FragmentsBegin):
    stream_id: str


async def show(socket: WebSocket, viewer: Viewer, window: SendWindow, form: Form) -> None:
    """Send until cancelled: what is published as text where it begins, then binary messages."""
    fragments: _Fragments | None = None
    while True:
        await viewer.wake.wait()
        viewer.wake.clear()
        while True:
            if viewer.info is not None:
                info, viewer.info = viewer.info, None
                if viewer.fragments is not None:
                    fragments = _Fragments(info.stream_id, viewer.fragments)
                if form == "packets":
                    await socket.send_text(info.model_dump_json())
            if not window.is_open(_now_ms()):
                # The viewer's next word wakes this up; meanwhile the queue keeps what is newest.
                await _woken(viewer)
                continue
            packet = viewer.queue.take()
            if packet is None:
                break
            if form == "packets":
                await socket.send_bytes(packet.data)
                window.sent(_now_ms())
            elif fragments is not None:
                await fragments.send(socket, window, packet)


@dataclass
class _Fragments:
    """What one viewer has been given of a stream's fragments."""

    stream_id: str
    of_all: LiveFragments
    begun: FragmentsBegin | None = None

    async def send(self, socket: WebSocket, window: SendWindow, packet: VideoPacket) -> None:
        part = self.of_all.of(packet)
        if part is None:
            return
        if part.begin is not self.begun:
            self.begun = part.begin
            begin = _Begin(stream_id=self.stream_id, **part.begin.model_dump())
            await socket.send_text(begin.model_dump_json())
            await socket.send_bytes(part.init)
            window.sent(_now_ms())
        await socket.send_bytes(part.data)
        window.sent(_now_ms())


async def hear_viewer(socket: WebSocket, viewer: Viewer, window: SendWindow) -> None:
    """Take the viewer's words until it leaves; what is no word of ours is ignored."""
    try:
        while True:
            message = await socket.receive()
            if message["type"] == "websocket.disconnect":
                return
            text = message.get("text")
            if not text:
                continue
            try:
                word = _Seen.model_validate_json(text)
            except ValidationError:
                continue
            window.seen(word.seen)
            viewer.wake.set()
    except WebSocketDisconnect:
        return


async def _woken(viewer: Viewer) -> None:
    viewer.wake.clear()
    try:
        async with asyncio.timeout(LONGEST_HOLD_S):
            await viewer.wake.wait()
    except TimeoutError:
        return


def _now_ms() -> int:
    return time.monotonic_ns() // 1_000_000
