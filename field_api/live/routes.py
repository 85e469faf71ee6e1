"""The live socket: a snapshot, then every change."""

import asyncio
import contextlib

from fastapi import APIRouter, WebSocket
from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocketDisconnect

from field_api.accounts.rules import Permission
from field_api.accounts.sessions import token_hash
from field_api.detections.records import list_detections
from field_api.incidents.records import list_incidents
from field_api.live.hub import LiveClient
from field_api.live.messages import LiveSnapshot, SnapshotMessage
from field_api.nodes.records import list_nodes
from field_api.services import Principal, Services, get_services, identify
from field_api.sorties.records import list_sorties
from field_api.tasks.records import list_tasks
from field_api.terminals.records import last_positions

__all__ = ["router", "sign_in_socket", "watch_session"]

router = APIRouter(tags=["live"])

CHECK_S = 15.0
"""How often an open socket's session is checked."""
CLOSE_NOT_SIGNED_IN = 4401
CLOSE_FORBIDDEN = 4403
CLOSE_TOO_SLOW = 4408


def _snapshot(ctx: Services) -> LiveSnapshot:
    with ctx.store.read() as session:
        incidents = list_incidents(session)
        open_ids = {incident.id for incident in incidents if incident.state == "open"}
        return LiveSnapshot(
            server_time_ms=ctx.clock(),
            vehicles=ctx.live.vehicles(),
            streams=ctx.live.streams(),
            terminals=last_positions(session),
            incidents=incidents,
            detections=[
                alert
                for alert in list_detections(session)
                if alert.status == "open" or alert.incident_id in open_ids
            ],
            tasks=[task for task in list_tasks(session) if task.incident_id in open_ids],
            sorties=[s for s in list_sorties(session) if s.incident_id in open_ids],
            nodes=list_nodes(session, ctx.links),
        )


async def sign_in_socket(socket: WebSocket, ctx: Services) -> Principal | None:
    """Accept a browser's socket if its session may view; else close it with the reason.

    Codes 4401 and 4403 mean what 401 and 403 mean over HTTP.
    """
    await socket.accept()
    principal = await run_in_threadpool(identify, socket, ctx)
    if principal is None:
        await socket.close(CLOSE_NOT_SIGNED_IN, "sign in first")
        return None
    if not principal.may(Permission.VIEW):
        await socket.close(CLOSE_FORBIDDEN, "your role may not view")
        return None
    return principal


async def _send(socket: WebSocket, client: LiveClient) -> None:
    loop = asyncio.get_running_loop()
    while not client.closing and not client.queue.overflowed:
        for text in client.queue.take(loop.time()):
            await socket.send_text(text)
        due = client.queue.next_due()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(due):
                await client.wake.wait()
        client.wake.clear()
    if client.queue.overflowed:
        await socket.close(CLOSE_TOO_SLOW, "too slow: reconnect for a fresh snapshot")
    else:
        await socket.close(CLOSE_NOT_SIGNED_IN, "signed out")


async def watch_session(socket: WebSocket, ctx: Services) -> None:
    """Close a browser's socket once its session has ended; watching does not prolong it."""
    while True:
        await asyncio.sleep(CHECK_S)
        if await run_in_threadpool(identify, socket, ctx, touch=False) is None:
            await socket.close(CLOSE_NOT_SIGNED_IN, "the session has ended")
            return


async def _drain(socket: WebSocket) -> None:
    while True:
        await socket.receive_text()


@router.websocket("/live")
async def live(socket: WebSocket) -> None:
    """Send a snapshot and then every change as `LiveMessage`; nothing is expected back."""
    ctx = get_services(socket)
    principal = await sign_in_socket(socket, ctx)
    if principal is None:
        return
    # Joined before the snapshot is read: a change between the two is sent twice, never missed.
    client = ctx.live.join(token_hash(principal.token))
    try:
        snapshot = await run_in_threadpool(_snapshot, ctx)
        await socket.send_text(SnapshotMessage(type="snapshot", data=snapshot).model_dump_json())
        tasks = [
            asyncio.create_task(_send(socket, client)),
            asyncio.create_task(watch_session(socket, ctx)),
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
        ctx.live.leave(client)
