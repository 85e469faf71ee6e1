"""The outermost layer: every request gets an id, one line in the log, and an answer.

It also counts for the metrics and slows floods down, for both want to know how a request ended.
"""

import asyncio
import re
import time
from collections.abc import Callable, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from field_api.core.errors import refusal_response, refuse
from field_api.core.pacing import Pacing
from field_api.core.request_note import RequestNote, use_note

__all__ = ["Finished", "RequestLog", "is_among"]

log = structlog.get_logger("access")

ID_HEADER = "X-Request-ID"
_GOOD_ID = re.compile(r"[A-Za-z0-9._:-]{1,80}")
_REFUSED = frozenset({400, 401, 403, 404, 405, 413, 422, 429})

Networks = Sequence[IPv4Network | IPv6Network]
Finished = Callable[[str, str, int, float], None]
"""Told of every answered request: method, route, status, seconds."""


def is_among(address: str, networks: Networks) -> bool:
    """Whether a network address lies in one of some networks; what is no address does not."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in networks)


def _route(scope: Scope) -> str:
    """Return the address as it was declared, so that ids in it make no new name."""
    found = getattr(scope.get("route"), "path", None)
    return found if isinstance(found, str) else "(none)"


class RequestLog:
    """ASGI middleware: see the module's docstring."""

    def __init__(self, app: ASGIApp, *, trusted: Networks, finished: Finished) -> None:
        self._app = app
        self._trusted = trusted
        self._finished = finished
        self._refusals = Pacing(burst=40, per_s=20)
        # A page is dozens of files, and a whole office may come from one address.
        self._strangers = Pacing(burst=2000, per_s=200)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or socket."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        note = self._note(scope)
        use_note(scope, note)
        with structlog.contextvars.bound_contextvars(request_id=note.id):
            if scope["type"] == "http":
                await self._serve(scope, receive, send, note)
            else:
                await self._app(scope, receive, send)

    def _note(self, scope: Scope) -> RequestNote:
        peer: tuple[str, int] | None = scope.get("client")
        given = Headers(scope=scope).get(ID_HEADER, "")
        if peer and is_among(peer[0], self._trusted) and _GOOD_ID.fullmatch(given):
            return RequestNote(given)
        return RequestNote.fresh()

    async def _serve(self, scope: Scope, receive: Receive, send: Send, note: RequestNote) -> None:
        began_s = time.perf_counter()
        status = 0

        async def marked(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[ID_HEADER] = note.id
                if note.principal is None:
                    pacing = self._refusals if status in _REFUSED else self._strangers
                    await asyncio.sleep(pacing.delay_s(_source(scope), time.monotonic()))
            await send(message)

        try:
            await self._app(scope, receive, marked)
        except Exception:
            log.exception("request_failed", method=scope["method"], path=scope["path"])
            if status == 0:
                await refusal_response(refuse(500, "internal"))(scope, receive, marked)
        finally:
            taken_s = time.perf_counter() - began_s
            self._finished(scope["method"], _route(scope), status, taken_s)
            log.info(
                "request",
                method=scope["method"],
                path=scope["path"],
                route=_route(scope),
                status=status,
                ms=round(taken_s * 1000, 1),
                principal=note.principal,
                source=_source(scope),
            )


def _source(scope: Scope) -> str:
    peer: tuple[str, int] | None = scope.get("client")
    return peer[0] if peer else "unknown"
