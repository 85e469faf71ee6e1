"""Who is let in to a stream: by a session's cookie, or by a token that was given in a session."""

import asyncio
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection

from field_api.core.access import Principal
from field_api.core.failures import told_failure
from field_api.core.services import Services, bearer_token, identify, source_of
from field_api.features.accounts.sessions import Sessions
from field_api.links.video.access import may_watch
from field_api.links.video.hub import VideoHub
from field_api.links.video.permissions import VIDEO_VIEW, VIDEO_VIEW_INCIDENT
from field_api.links.video.tokens import Grant, StreamTokens, VideoAction

__all__ = ["CHECK_S", "Admitted", "NotAdmittedError", "admit", "may_watch_now", "watch_admission"]

CHECK_S = 15.0
"""How often somebody who watches is checked."""


class NotAdmittedError(Exception):
    """Nobody we know, not their business, or no such stream: `status` as over HTTP."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


@dataclass(frozen=True, slots=True)
class Admitted:
    """Who was let in, and by which token where it was one."""

    who: Principal
    grant: Grant | None = None


async def admit(
    connection: HTTPConnection,
    ctx: Services,
    stream_id: str,
    action: VideoAction = "play",
    *,
    token: str = "",
) -> Admitted:
    """Return who may do something with a stream.

    `token` is a stream's token of the address; one may come as a bearer token too.

    Raises:
        NotAdmittedError: with 401, 403 or 404.
    """
    token = token or (bearer_token(connection) or "")
    grant = ctx.part(StreamTokens).read(token, stream_id, action) if token else None
    if grant is not None:
        hashed, source = grant.session_sha256, source_of(connection)
        who = await run_in_threadpool(ctx.part(Sessions).of_hash, hashed, source)
    else:
        who = await identify(connection, ctx)
    if who is None:
        raise NotAdmittedError(401, "sign in first, or bring a token of this stream")
    if not (who.may(VIDEO_VIEW) or who.may(VIDEO_VIEW_INCIDENT)):
        raise NotAdmittedError(403, "your role may not watch video")
    if action == "play" and not await may_watch_now(ctx, who, stream_id):
        raise NotAdmittedError(404, "there is no such stream")
    return Admitted(who, grant)


async def watch_admission(
    connection: HTTPConnection, ctx: Services, admitted: Admitted, stream_id: str
) -> None:
    """Return once somebody may not watch any more: signed out, or the incident's flight is over.

    Watching does not prolong a session. While the database is away nobody can end one either.
    """
    while True:
        await asyncio.sleep(CHECK_S)
        try:
            if not await _still(connection, ctx, admitted, stream_id):
                return
        except Exception as error:
            if told_failure(error) is None:
                raise


async def _still(
    connection: HTTPConnection, ctx: Services, admitted: Admitted, stream_id: str
) -> bool:
    if admitted.grant is not None:
        hashed, source = admitted.grant.session_sha256, source_of(connection)
        now = await run_in_threadpool(ctx.part(Sessions).of_hash, hashed, source)
    else:
        now = await identify(connection, ctx, touch=False)
    if now is None or now.viewer != admitted.who.viewer:
        return False
    return await may_watch_now(ctx, now, stream_id)


async def may_watch_now(ctx: Services, who: Principal, stream_id: str) -> bool:
    """Whether somebody may watch a stream at this moment."""
    published = ctx.part(VideoHub).published(stream_id)
    if published and who.may(VIDEO_VIEW) and not who.viewer.areas:
        return True
    return await run_in_threadpool(_ask, ctx, who, stream_id, published)


def _ask(ctx: Services, who: Principal, stream_id: str, published: bool) -> bool:
    with ctx.store.read() as session:
        return may_watch(session, who.viewer, stream_id, published=published)
