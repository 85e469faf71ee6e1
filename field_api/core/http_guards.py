"""What stands before every route: origin check, body limit, security headers.

Plain ASGI, so that it also guards WebSockets and streams.
"""

from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from field_api.core.errors import ErrorDetail, error_response

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
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=()",
}

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class _BodyTooLargeError(Exception):
    """More bytes arrived than allowed."""


class HttpGuards:
    """ASGI middleware: see the module's docstring."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        allowed_origins: list[str],
        max_body: int,
        max_media: int,
        max_upload: int,
    ) -> None:
        self._app = app
        self._allowed = frozenset(origin.rstrip("/").lower() for origin in allowed_origins)
        self._max_body = max_body
        self._limits = {
            "/api/v1/media/": max_media,
            "/api/v1/uploads": max_upload,
            "/api/v1/registers/": max_media,
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Guard one connection."""
        if scope["type"] == "websocket":
            await self._guard_websocket(scope, receive, send)
        elif scope["type"] == "http":
            await self._guard_http(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _foreign(self, headers: Headers) -> bool:
        """Whether a browser says that another site makes it ask (CSRF)."""
        origin = headers.get("origin")
        if origin is None:
            return headers.get("sec-fetch-site") == "cross-site"
        if origin.lower() in self._allowed:
            return False
        try:
            netloc = urlsplit(origin).netloc
        except ValueError:
            return True
        return netloc.lower() != headers.get("host", "").lower()

    async def _guard_websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._foreign(Headers(scope=scope)):
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
                if scope["path"].startswith("/api/"):
                    headers.setdefault("Cache-Control", "no-store")
            await send(message)

        headers = Headers(scope=scope)
        if scope["method"] not in _SAFE and self._foreign(headers):
            await _refuse(
                403,
                ErrorDetail(
                    code="foreign_origin",
                    text_zh="请求来自其他网站,已拒绝",
                    text_en="The request comes from another site and was refused",
                ),
            )(scope, receive, send_with_headers)
            return
        path = scope["path"]
        limit = next(
            (most for start, most in self._limits.items() if path.startswith(start)),
            self._max_body,
        )
        length = headers.get("content-length", "")
        if length.isdigit() and int(length) > limit:
            await _too_large(limit)(scope, receive, send_with_headers)
            return
        await self._limit_body(scope, receive, send_with_headers, limit)

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
                await _too_large(limit)(scope, receive, send)

        try:
            await self._app(scope, counted, replaced)
        except _BodyTooLargeError:
            if not answered:
                await _too_large(limit)(scope, receive, send)


def _refuse(status: int, detail: ErrorDetail) -> Response:
    response = error_response(status, detail)
    # What is left of the body is not read: the connection can't be used again.
    response.headers["Connection"] = "close"
    return response


def _too_large(limit: int) -> Response:
    return _refuse(
        413,
        ErrorDetail(
            code="too_large",
            text_zh=f"请求不得超过 {limit} 字节",
            text_en=f"A request may have at most {limit} bytes",
        ),
    )
