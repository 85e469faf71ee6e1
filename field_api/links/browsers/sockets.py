"""Browsers' sockets: who may open one, and when it ends."""

import asyncio
from collections.abc import Awaitable, Callable

from starlette.websockets import WebSocket

from field_api.core.access import Principal
from field_api.core.failures import told_failure
from field_api.core.roles import Permission
from field_api.core.services import Services, identify

__all__ = [
    "CHECK_S",
    "CLOSE_FORBIDDEN",
    "CLOSE_NOT_SIGNED_IN",
    "CLOSE_TOO_SLOW",
    "sign_in_socket",
    "until_refused",
    "watch_session",
]

CHECK_S = 15.0
"""How often an open socket's session is checked."""
CLOSE_NOT_SIGNED_IN = 4401
CLOSE_FORBIDDEN = 4403
CLOSE_TOO_SLOW = 4408


async def sign_in_socket(
    socket: WebSocket, ctx: Services, permission: Permission
) -> Principal | None:
    """Accept a browser's socket if its session may have it; else close it with the reason.

    Codes 4401 and 4403 mean what 401 and 403 mean over HTTP.
    """
    await socket.accept()
    principal = await identify(socket, ctx)
    if principal is None:
        await socket.close(CLOSE_NOT_SIGNED_IN, "sign in first")
        return None
    if not principal.may(permission):
        await socket.close(CLOSE_FORBIDDEN, "your role may not")
        return None
    return principal


async def watch_session(socket: WebSocket, ctx: Services, who: Principal) -> None:
    """Close a browser's socket once its session has ended or sees other things than before.

    Watching does not prolong a session.
    """

    async def still() -> bool:
        now = await identify(socket, ctx, touch=False)
        return now is not None and now.viewer == who.viewer

    await until_refused(still)
    await socket.close(CLOSE_NOT_SIGNED_IN, "the session has ended")


async def until_refused(still: Callable[[], Awaitable[bool]]) -> None:
    """Return once `still` says no; it is asked now and then.

    While the database is away nobody can end a session, and nobody is asked about one.
    """
    while True:
        await asyncio.sleep(CHECK_S)
        try:
            if not await still():
                return
        except Exception as error:
            if told_failure(error) is None:
                raise
