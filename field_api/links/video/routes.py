"""The sockets of the video relay."""

import asyncio
from dataclasses import asdict
from typing import Annotated

import structlog
from fastapi import Depends, WebSocket
from pydantic import ValidationError
from starlette.websockets import WebSocketDisconnect

from field_api.contract.messages import StreamId
from field_api.contract.video_packet import PacketError, parse_packet
from field_api.core.access import Principal
from field_api.core.errors import refuse
from field_api.core.routing import Routes
from field_api.core.services import (
    Context,
    Services,
    bearer_token,
    get_services,
    require,
    source_of,
)
from field_api.features.accounts.sessions import token_hash
from field_api.links.video.admission import (
    NotAdmittedError,
    admit,
    may_watch_now,
    publishing_node,
    watch_admission,
)
from field_api.links.video.hub import StreamInfo, VideoHub, VideoSource
from field_api.links.video.messages import HealthView, StreamView, TokenView
from field_api.links.video.permissions import VIDEO_VIEW, VIDEO_VIEW_INCIDENT
from field_api.links.video.playing import WINDOW_MS, Form, hear_viewer, show
from field_api.links.video.renditions import Renditions, Size
from field_api.links.video.send_window import SendWindow
from field_api.links.video.tokens import StreamTokens

__all__ = ["router"]

router = Routes(prefix="/video", tags=["video"])

log = structlog.get_logger(__name__)

Watcher = Annotated[Principal, Depends(require(VIDEO_VIEW, VIDEO_VIEW_INCIDENT))]

CLOSE_BASE = 4000
"""A socket is closed with this plus what HTTP would answer."""
CLOSE_BAD_DATA = 4400
CLOSE_NOT_SIGNED_IN = 4401
CLOSE_REPLACED = 4409


@router.websocket("/{stream_id}/publish")
async def publish(socket: WebSocket, stream_id: str) -> None:
    """Take a stream from a vision node: `StreamInfo` as text, then binary packets."""
    ctx = get_services(socket)
    await socket.accept()
    token = bearer_token(socket)
    node_id = await publishing_node(ctx, token) if token is not None else None
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
async def play(
    socket: WebSocket,
    stream_id: str,
    form: Form = "packets",
    size: Size = "full",
    token: str = "",
) -> None:
    """Send a stream to a browser: what is published as text, then binary messages.

    `form` is `packets` (video packets as they came) or `fmp4` (an initialisation segment, then a
    fragment for every picture); `size` is `full` or `low` (640 px). It waits where the stream has
    not begun, and says so with a new text where it begins anew. A viewer that says now and then
    `{"seen": N}`, how many binary messages it has received, is never left behind by its own line.
    """
    ctx = get_services(socket)
    await socket.accept()
    try:
        admitted = await admit(socket, ctx, stream_id, token=token)
    except NotAdmittedError as error:
        await socket.close(CLOSE_BASE + error.status, str(error))
        return
    renditions = ctx.part(Renditions)
    watched = renditions.join(stream_id, size)
    window = SendWindow(WINDOW_MS)
    watching = asyncio.create_task(watch_admission(socket, ctx, admitted, stream_id))
    tasks = [
        asyncio.create_task(show(socket, watched.viewer, window, form)),
        asyncio.create_task(hear_viewer(socket, watched.viewer, window)),
        watching,
    ]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        if watching.done():
            await socket.close(CLOSE_BASE + 401, "the session or the flight has ended")
    finally:
        renditions.leave(watched)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


@router.post("/{stream_id}/tokens", operation_id="giveStreamToken", status_code=201)
async def give_token(stream_id: StreamId, who: Watcher, ctx: Context) -> TokenView:
    """Give a token by which a player without a session cookie may watch one stream.

    It opens the stream for some minutes; what is open goes on as long as this session lives.
    """
    if not await may_watch_now(ctx, who, stream_id):
        raise refuse(404, "unknown_stream", id=stream_id)
    token, expires_ms = ctx.part(StreamTokens).give(
        stream_id, "play", who.user_id, token_hash(who.token)
    )
    return TokenView(token=token, expires_ms=expires_ms)


@router.get("/streams", operation_id="listStreams")
async def list_streams(who: Watcher, ctx: Context) -> list[StreamView]:
    """List the streams that are published and may be watched now, and how each is."""
    hub = ctx.part(VideoHub)
    return [
        StreamView(
            **info.model_dump(),
            viewers=hub.viewer_count(info.stream_id),
            health=HealthView(**asdict(hub.health(info.stream_id))),
        )
        for info in sorted(hub.streams(), key=lambda info: info.stream_id)
        if await may_watch_now(ctx, who, info.stream_id)
    ]
