"""The sockets of the video relay."""

import asyncio
import contextlib

import structlog
from fastapi import WebSocket
from pydantic import ValidationError
from sqlmodel import select
from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocketDisconnect

from field_api.contract.video_packet import PacketError, parse_packet
from field_api.core.access import Viewer
from field_api.core.routing import Routes
from field_api.core.services import Services, bearer_token, get_services, source_of
from field_api.features.accounts.devices import node_of_token
from field_api.features.accounts.tables import DeviceKind
from field_api.features.roster.tables import Vehicle
from field_api.links.browsers.sockets import (
    CLOSE_NOT_SIGNED_IN,
    sign_in_socket,
    watch_session,
)
from field_api.links.video.hub import StreamInfo, VideoHub, VideoSource
from field_api.links.video.hub import Viewer as Player
from field_api.links.video.permissions import VIDEO_VIEW

__all__ = ["router"]

router = Routes(prefix="/video", tags=["video"])

log = structlog.get_logger(__name__)

CLOSE_BAD_DATA = 4400
CLOSE_UNKNOWN = 4404
CLOSE_REPLACED = 4409


def _node_id(socket: WebSocket, ctx: Services) -> str | None:
    token = bearer_token(socket)
    if token is None:
        return None
    with ctx.store.read() as session:
        node = node_of_token(session, token)
    return node.id if node is not None and node.kind is DeviceKind.VISION else None


def _in_roster(ctx: Services, viewer: Viewer, stream_id: str) -> bool:
    """Whether a stream is one of the aircraft that this person may see."""
    with ctx.store.read(viewer) as session:
        query = select(Vehicle.id).where(Vehicle.stream_id == stream_id).limit(1)
        return session.exec(query).first() is not None


@router.websocket("/{stream_id}/publish")
async def publish(socket: WebSocket, stream_id: str) -> None:
    """Take a stream from a vision node: `StreamInfo` as text, then binary packets."""
    ctx = get_services(socket)
    await socket.accept()
    node_id = await run_in_threadpool(_node_id, socket, ctx)
    if node_id is None:
        await socket.close(CLOSE_NOT_SIGNED_IN, "a vision node's token is needed")
        return
    source: VideoSource | None = None
    try:
        info = StreamInfo.model_validate_json(await socket.receive_text())
        if info.stream_id != stream_id:
            raise PacketError(f"the first message names stream {info.stream_id}")
        source = ctx.part(VideoHub).publish(info)
        log.info("stream_published", stream=stream_id, node=node_id)
        await _relay(socket, ctx, source)
    except (PacketError, ValidationError) as error:
        log.warning("bad_video", stream=stream_id, node=node_id, error=str(error)[:300])
        await socket.close(CLOSE_BAD_DATA, str(error).splitlines()[0][:100])
    except (WebSocketDisconnect, KeyError):
        # KeyError: text where bytes belong, or the other way round; the peer is not one of ours.
        log.info("stream_ended", stream=stream_id, source=source_of(socket))
    finally:
        if source is not None:
            ctx.part(VideoHub).end(source)


async def _relay(socket: WebSocket, ctx: Services, source: VideoSource) -> None:
    replaced = asyncio.create_task(source.replaced.wait())
    try:
        while True:
            received = asyncio.create_task(socket.receive_bytes())
            await asyncio.wait({received, replaced}, return_when=asyncio.FIRST_COMPLETED)
            if replaced.done():
                received.cancel()
                await asyncio.gather(received, return_exceptions=True)
                await socket.close(CLOSE_REPLACED, "the stream is published by another connection")
                return
            ctx.part(VideoHub).put(source, parse_packet(received.result()))
    finally:
        replaced.cancel()


@router.websocket("/{stream_id}/play")
async def play(socket: WebSocket, stream_id: str) -> None:
    """Send a stream to a signed-in browser: `StreamInfo` as text, then binary packets.

    It waits where the stream has not begun, and sends a new `StreamInfo` where it begins anew.
    """
    ctx = get_services(socket)
    who = await sign_in_socket(socket, ctx, VIDEO_VIEW)
    if who is None:
        return
    hub = ctx.part(VideoHub)
    limited = bool(who.viewer.areas)
    if (limited or not hub.published(stream_id)) and not await run_in_threadpool(
        _in_roster, ctx, who.viewer, stream_id
    ):
        await socket.close(CLOSE_UNKNOWN, "there is no such stream")
        return
    player = hub.join(stream_id)
    tasks = [
        asyncio.create_task(_show(socket, player)),
        asyncio.create_task(_drain(socket)),
        asyncio.create_task(watch_session(socket, ctx, who)),
    ]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        hub.leave(stream_id, player)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _show(socket: WebSocket, viewer: Player) -> None:
    while True:
        await viewer.wake.wait()
        viewer.wake.clear()
        while True:
            if viewer.info is not None:
                info, viewer.info = viewer.info, None
                await socket.send_text(info.model_dump_json())
            packet = viewer.queue.take()
            if packet is None:
                break
            await socket.send_bytes(packet.data)


async def _drain(socket: WebSocket) -> None:
    with contextlib.suppress(WebSocketDisconnect):
        while True:
            await socket.receive()
