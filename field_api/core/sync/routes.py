"""Sync over HTTP."""

import asyncio
from typing import Annotated

from fastapi import Depends, Query
from starlette.concurrency import run_in_threadpool

from field_api.core.access import Principal
from field_api.core.roles import Permission, Role
from field_api.core.routing import Routes
from field_api.core.services import Context, require
from field_api.core.sync.messages import PullView, Push, PushView
from field_api.core.sync.pull import pull
from field_api.core.sync.push import push

__all__ = ["SYNC", "PushTurns", "router"]

router = Routes(prefix="/sync", tags=["sync"])

SYNC = Permission.of(
    "sync", *(role for role in Role if role not in (Role.GUEST, Role.AUDITOR, Role.ADMIN))
)
"""Exchange records with a handheld; each operation asks for its own permission besides."""

SyncDep = Annotated[Principal, Depends(require(SYNC))]


class PushTurns:
    """Who may push now. There is one writer, and the others must not wait for it in threads.

    Two hundred handhelds that come back at once would take every thread, and nobody else would get
    an answer until the last of them is in. One waits in a thread so that the writer is never idle.
    """

    def __init__(self) -> None:
        self.turn = asyncio.Semaphore(2)


@router.post("/push", operation_id="syncPush")
async def sync_push(body: Push, who: SyncDep, ctx: Context) -> PushView:
    """Apply what a handheld made: every item once, however often it is sent."""
    async with ctx.part(PushTurns).turn:
        answers = await run_in_threadpool(push, ctx, who, body)
    return PushView(server_time_ms=ctx.clock(), answers=answers)


@router.get("/pull", operation_id="syncPull")
def sync_pull(
    who: SyncDep,
    ctx: Context,
    cursor: Annotated[str | None, Query(max_length=400)] = None,
    limit: Annotated[int, Query(ge=1, le=2000)] = 500,
) -> PullView:
    """Return what changed for this person since a cursor; without one, what there is."""
    return pull(ctx, who, cursor, limit)
