"""What stands before every route: origin check, room on the disk, body limit, security headers.

Plain ASGI, so that it also guards WebSockets and streams.
"""

from collections.abc import Callable, Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from field_api.core.disk import DiskWatch
from field_api.core.errors import ApiError, refusal_response, refuse
from field_api.core.origins import Origins

__all__ = ["CONTENT_SECURITY_POLICY", "HttpGuards"]

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'wasm-unsafe-eval'",
        # OpenLayers positions its controls by style attributes.
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "media-src 'self' blob:",
        "worker-src 'self' blob:",
        # A document made on this device, shown by the browser's own viewer.
        "frame-src 'self' blob:",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
"""Nothing is loaded from anywhere but this server (E2)."""

_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=(self)",
}

HSTS = "max-age=31536000"
"""A browser that came by HTTPS once never tries without again."""

_FILES = ("/api/v1/media/", "/api/v1/uploads")
_BRINGS = frozenset({"POST", "PUT", "PATCH"})
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class _BodyTooLargeError(Exception):
    """More bytes arrived than allowed."""


class HttpGuards:
    """ASGI middleware: see the module's docstring."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        allowed_origins: Iterable[str],
        https: bool,
        disk: Callable[[Scope], DiskWatch],
        max_body: int,
        max_media: int,
        max_upload: int,
    ) -> None:
        self._app = app
        self._origins = Origins(allowed_origins)
        self._https = https
        self._disk = disk
        self._max_body = max_body
        self._limits = {
            _FILES[0]: max_media,
            _FILES[1]: max_upload,
            "/api/v1/registers/": max_media,
            "/api/v1/plan-files": max_media,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Guard one connection."""
        if scope["type"] == "websocket":
            await self._guard_websocket(scope, receive, send)
        elif scope["type"] == "http":
            await self._guard_http(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _guard_websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._origins.foreign(Headers(scope=scope)) is not None:
            await receive()
            await send({"type": "websocket.close", "code": 4403, "reason": "foreign origin"})
            return
        await self._app(scope, receive, send)

    async def _guard_http(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                if self._https or scope.get("scheme") == "https":
                    headers.setdefault("Strict-Transport-Security", HSTS)
                if scope["path"].startswith("/api/"):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        limit = self._limit(scope["path"])
        refused = self._refused(scope, limit)
        if refused is not None:
            await _closing(refused)(scope, receive, send_with_headers)
        else:
            await self._limit_body(scope, receive, send_with_headers, limit)

    def _limit(self, path: str) -> int:
        starts = (most for start, most in self._limits.items() if path.startswith(start))
        return next(starts, self._max_body)

    def _refused(self, scope: Scope, limit: int) -> ApiError | None:
        """Return why a request is not even read."""
        headers = Headers(scope=scope)
        if scope["method"] not in _SAFE:
            origin = self._origins.foreign(headers)
            if origin is not None:
                return refuse(403, "foreign_origin", origin=origin)
        if scope["method"] in _BRINGS and scope["path"].startswith(_FILES):
            # What is left of the disk is for records: files are large and can come later.
            disk = self._disk(scope)
            if disk.low:
                return refuse(507, "disk_low", free_mb=disk.free_bytes // 1_000_000)
        length = headers.get("content-length", "")
        if length.isascii() and length.isdigit() and int(length[:20]) > limit:
            return refuse(413, "too_large", limit=limit)
        return None

    async def _limit_body(self, scope: Scope, receive: Receive, send: Send, limit: int) -> None:
        """Count a body whose length was not declared.

        Routes turn what goes wrong while they read into their own answer, so the refusal takes the
        place of whatever is sent after the limit was passed.
        """
        seen = 0
        answered = False

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > limit:
                raise _BodyTooLargeError
            return message

        async def replaced(message: Message) -> None:
            nonlocal answered
            if seen <= limit:
                answered = True
                await send(message)
            elif not answered:
                answered = True
                await _closing(refuse(413, "too_large", limit=limit))(scope, receive, send)

        try:
            await self._app(scope, counted, replaced)
        except _BodyTooLargeError:
            if not answered:
                await _closing(refuse(413, "too_large", limit=limit))(scope, receive, send)


def _closing(error: ApiError) -> Response:
    response = refusal_response(error)
    # What is left of the body is not read: the connection can't be used again.
    response.headers["Connection"] = "close"
    return response
