"""Who may push a stream by RTSP, and who may fetch one."""

import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from field_api.contract.rtsp import Credentials
from field_api.core.failures import told_failure
from field_api.core.services import Services
from field_api.links.video.admission import holder_of, may_watch_now, publishing_node
from field_api.links.video.permissions import VIDEO_VIEW, VIDEO_VIEW_INCIDENT
from field_api.links.video.tokens import Grant, StreamTokens

__all__ = ["ENGINE", "PostAccess", "RtspAccess", "Watcher"]

ENGINE = "engine"
"""Who fetches by the secret of the media server that serves the viewers, each of whom was asked."""


@dataclass(frozen=True, slots=True)
class Watcher:
    """Somebody who was let in."""

    user_id: str
    still: Callable[[], Awaitable[bool]]
    """Whether they may go on watching."""


class RtspAccess(Protocol):
    """What the RTSP server asks before it does anything."""

    async def publisher(self, stream_id: str, who: Credentials) -> str | None:
        """The name of the device that may push the stream; None where it may not."""
        ...

    async def viewer(self, stream_id: str, token: str, source: str) -> Watcher | None:
        """Who may fetch the stream by a token, coming from a network address; None: nobody."""
        ...


class PostAccess:
    """The command post's rules: devices by their enrolled token, people by a stream token."""

    def __init__(self, ctx: Services, engine_secret: str = "") -> None:
        """`engine_secret` opens every stream to a media server of ours; empty opens none."""
        self._ctx = ctx
        self._engine_secret = engine_secret

    async def publisher(self, stream_id: str, who: Credentials) -> str | None:
        """The vision node whose token the password is; its name is not asked for."""
        return await publishing_node(self._ctx, who.password)

    async def viewer(self, stream_id: str, token: str, source: str) -> Watcher | None:
        """The person in whose session the token was given, while they may watch the stream."""
        secret = self._engine_secret
        if secret and hmac.compare_digest(token.encode(), secret.encode()):
            return Watcher(ENGINE, _always)
        grant = self._ctx.part(StreamTokens).read(token, stream_id, "play")
        if grant is None or not await self._may(grant, source):
            return None

        async def still() -> bool:
            try:
                return await self._may(grant, source)
            except Exception as error:
                # While the database is away nobody can end a session either.
                if told_failure(error) is None:
                    raise
                return True

        return Watcher(grant.user_id, still)

    async def _may(self, grant: Grant, source: str) -> bool:
        who = await holder_of(self._ctx, grant, source)
        if who is None or not (who.may(VIDEO_VIEW) or who.may(VIDEO_VIEW_INCIDENT)):
            return False
        return await may_watch_now(self._ctx, who, grant.stream_id)


async def _always() -> bool:
    return True
