"""Who may push a stream by RTSP, and who may fetch one."""

from typing import Protocol

from starlette.concurrency import run_in_threadpool

from field_api.contract.rtsp import Credentials
from field_api.core.services import Services
from field_api.features.accounts.devices import node_of_token
from field_api.features.accounts.tables import DeviceKind

__all__ = ["PLAY", "PostAccess", "RtspAccess", "TokenCheck"]

PLAY = "play"
"""The action that a stream token must be for."""


class TokenCheck(Protocol):
    """What is asked of `field_api.links.video.tokens.StreamTokens`."""

    def check(self, token: str, stream_id: str, action: str) -> str | None:
        """The user's id, None where the token is over, forged, or for something else."""
        ...


class RtspAccess(Protocol):
    """What the RTSP server asks before it does anything."""

    async def publisher(self, stream_id: str, who: Credentials) -> str | None:
        """The name of the device that may push the stream; None where it may not."""
        ...

    async def viewer(self, stream_id: str, token: str) -> str | None:
        """The id of the user who may fetch the stream; None where nobody may by this token."""
        ...


class PostAccess:
    """The command post's rules: devices by their enrolled token, people by a stream token."""

    def __init__(self, ctx: Services, tokens: TokenCheck) -> None:
        self._ctx = ctx
        self._tokens = tokens

    async def publisher(self, stream_id: str, who: Credentials) -> str | None:
        """The vision node whose token the password is; its name is not asked for."""
        return await run_in_threadpool(self._node_id, who.password)

    def _node_id(self, token: str) -> str | None:
        with self._ctx.store.read() as session:
            node = node_of_token(session, token)
        return node.id if node is not None and node.kind is DeviceKind.VISION else None

    async def viewer(self, stream_id: str, token: str) -> str | None:
        """The user a short-lived token for playing this stream was given to."""
        return await run_in_threadpool(self._tokens.check, token, stream_id, PLAY)
