"""The sockets of the video relay."""

import asyncio
import contextlib

import structlog
from fastapi import APIRouter, WebSocket
from pydantic import ValidationError
from sqlmodel import select
from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocketDisconnect

from field_api.live.routes import CLOSE_NOT_SIGNED_IN, sign_in_socket, watch_session
from field_api.nodes.records import node_of_token
from field_api.roster.models import Vehicle
from field_api.services import Services, bearer_token, get_services, source_of
from field_api.video.hub import StreamInfo, VideoSource, Viewer
from field_api.video.packet import PacketError, parse_packet

__all__ = ["router"]

router = APIRouter(prefix="/video", tags=["video"])

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
    return node.node_id if node is not None and node.kind == "vision" else None


def _in_roster(ctx: Services, stream_id: str) -> bool:
    with ctx.store.read() as session:
        found = session.exec(select(Vehicle).where(Vehicle.stream_id == stream_id)).first()
    return found is not None


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
        source = ctx.video.publish(info)
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
            ctx.video.end(source)


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
            ctx.video.put(source, parse_packet(received.result()))
    finally:
        replaced.cancel()


@router.websocket("/{stream_id}/play")
async def play(socket: WebSocket, stream_id: str) -> None:
    """Send a stream to a signed-in browser: `StreamInfo` as text, then binary packets.

    It waits where the stream has not begun, and sends a new `StreamInfo` where it begins anew.
    """
    ctx = get_services(socket)
    if await sign_in_socket(socket, ctx) is None:
        return
    if not ctx.video.published(stream_id) and not await run_in_threadpool(
        _in_roster, ctx, stream_id
    ):
        await socket.close(CLOSE_UNKNOWN, "there is no such stream")
        return
    viewer = ctx.video.join(stream_id)
    tasks = [
        asyncio.create_task(_show(socket, viewer)),
        asyncio.create_task(_drain(socket)),
        asyncio.create_task(watch_session(socket, ctx)),
    ]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        ctx.video.leave(stream_id, viewer)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _show(socket: WebSocket, viewer: Viewer) -> None:
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
