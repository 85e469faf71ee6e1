"""The live socket: the present or what was missed, then every change."""

import asyncio

from fastapi import WebSocket
from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocketDisconnect

from field_api.core.access import Principal
from field_api.core.roles import Permission, Role
from field_api.core.routing import Routes
from field_api.core.services import Services, get_services
from field_api.features.accounts.sessions import token_hash
from field_api.links.browsers.hub import Browsers, LiveClient
from field_api.links.browsers.picture import missed_since, resumed, snapshot
from field_api.links.browsers.sockets import (
    CLOSE_NOT_SIGNED_IN,
    CLOSE_TOO_SLOW,
    sign_in_socket,
    watch_session,
)

__all__ = ["LIVE", "router"]

router = Routes(tags=["live"])

LIVE = Permission.of("live", *Role)
"""Hold the live socket; what comes over it is what one may see."""


async def _send(socket: WebSocket, client: LiveClient, pause_s: float) -> None:
    """Send what waits, all of it in one frame: a frame costs more than the texts in it."""
    while not client.closing and not client.queue.overflowed:
        texts = client.queue.take()
        if texts:
            await socket.send_text("\n".join(texts))
            await asyncio.sleep(pause_s)
            continue
        client.wake.clear()
        await client.wake.wait()
    if client.queue.overflowed:
        await socket.close(CLOSE_TOO_SLOW, "too slow: reconnect with after=")
    else:
        await socket.close(CLOSE_NOT_SIGNED_IN, "signed out")


async def _drain(socket: WebSocket) -> None:
    while True:
        await socket.receive_text()


async def _begin(
    socket: WebSocket, ctx: Services, who: Principal, client: LiveClient, after: int | None
) -> None:
    """Send what there is; events that come meanwhile wait in the client's queue."""
    viewer = who.viewer
    missed = None
    if after is not None:
        missed = await run_in_threadpool(missed_since, ctx, viewer, after)
    if missed is None:
        seq, text = await run_in_threadpool(snapshot, ctx, viewer)
        client.after_seq = seq
        client.queue.forget_events_up_to(seq)
        await socket.send_text(text)
        return
    seq, events = missed
    client.after_seq = seq
    client.queue.forget_events_up_to(seq)
    await socket.send_text(resumed(ctx, viewer, seq))
    if events:
        await socket.send_text("\n".join(event.text() for event in events))


def _after(socket: WebSocket) -> int | None:
    given = socket.query_params.get("after", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) <= 18 else None


@router.websocket("/live")
async def live(socket: WebSocket) -> None:
    """Send the present, or what was missed since `after`, and then every change as `LiveMessage`.

    A frame holds one message or several, a line each. Nothing is expected back.
    """
    ctx = get_services(socket)
    who = await sign_in_socket(socket, ctx, LIVE)
    if who is None:
        return
    # Joined before anything is read: a change between the two waits, and is never missed.
    browsers = ctx.part(Browsers)
    client = browsers.join(token_hash(who.token), who.viewer)
    try:
        await _begin(socket, ctx, who, client, _after(socket))
        tasks = [
            asyncio.create_task(_send(socket, client, 1 / ctx.settings.live_hz)),
            asyncio.create_task(watch_session(socket, ctx, who)),
            asyncio.create_task(_drain(socket)),
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
    except WebSocketDisconnect:
        return
    finally:
        browsers.leave(client)
