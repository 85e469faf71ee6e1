"""Who is let in to a stream: by a session's cookie, or by a token that was given in a session."""

from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection

from field_api.core.access import Principal
from field_api.core.services import Services, bearer_token, identify, source_of
from field_api.features.accounts.devices import node_of_token
from field_api.features.accounts.sessions import Sessions
from field_api.features.accounts.tables import DeviceKind
from field_api.links.browsers.sockets import until_refused
from field_api.links.video.access import may_watch
from field_api.links.video.hub import VideoHub
from field_api.links.video.permissions import VIDEO_VIEW, VIDEO_VIEW_INCIDENT
from field_api.links.video.tokens import Grant, StreamTokens

__all__ = [
    "Admitted",
    "NotAdmittedError",
    "admit",
    "holder_of",
    "may_watch_now",
    "publishing_node",
    "watch_admission",
]


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
    connection: HTTPConnection, ctx: Services, stream_id: str, *, token: str = ""
) -> Admitted:
    """Return who may watch a stream.

    `token` is a stream's token of the address; one may come as a bearer token too.

    Raises:
        NotAdmittedError: with 401, 403 or 404.
    """
    token = token or (bearer_token(connection) or "")
    grant = ctx.part(StreamTokens).read(token, stream_id, "play") if token else None
    if grant is not None:
        who = await holder_of(ctx, grant, source_of(connection))
    else:
        who = await identify(connection, ctx)
    if who is None:
        raise NotAdmittedError(401, "sign in first, or bring a token of this stream")
    if not (who.may(VIDEO_VIEW) or who.may(VIDEO_VIEW_INCIDENT)):
        raise NotAdmittedError(403, "your role may not watch video")
    if not await may_watch_now(ctx, who, stream_id):
        raise NotAdmittedError(404, "there is no such stream")
    return Admitted(who, grant)


async def watch_admission(
    connection: HTTPConnection, ctx: Services, admitted: Admitted, stream_id: str
) -> None:
    """Return once somebody may not watch any more: signed out, or the incident's flight is over.

    Watching does not prolong a session.
    """
    grant = admitted.grant

    async def still() -> bool:
        if grant is not None:
            now = await holder_of(ctx, grant, source_of(connection))
        else:
            now = await identify(connection, ctx, touch=False)
        if now is None or now.viewer != admitted.who.viewer:
            return False
        return await may_watch_now(ctx, now, stream_id)

    await until_refused(still)


async def holder_of(ctx: Services, grant: Grant, source: str) -> Principal | None:
    """Return in whose session a token was given, None once that has ended."""
    return await run_in_threadpool(ctx.part(Sessions).of_hash, grant.session_sha256, source)


async def publishing_node(ctx: Services, token: str) -> str | None:
    """Return the vision node whose enrolled token this is: those may publish streams."""
    return await run_in_threadpool(_vision_node, ctx, token)


def _vision_node(ctx: Services, token: str) -> str | None:
    with ctx.store.read() as session:
        node = node_of_token(session, token)
    return node.id if node is not None and node.kind is DeviceKind.VISION else None


async def may_watch_now(ctx: Services, who: Principal, stream_id: str) -> bool:
    """Whether somebody may watch a stream at this moment."""
    published = ctx.part(VideoHub).published(stream_id)
    if published and who.may(VIDEO_VIEW) and not who.viewer.areas:
        return True
    return await run_in_threadpool(_ask, ctx, who, stream_id, published)


def _ask(ctx: Services, who: Principal, stream_id: str, published: bool) -> bool:
    with ctx.store.read() as session:
        return may_watch(session, who.viewer, stream_id, published=published)
