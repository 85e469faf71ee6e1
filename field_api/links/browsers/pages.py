"""The built web app: `/` is the command console, `/terminal/` the handheld page, `/verify/` tells
anybody whether a document is what was issued."""

from mimetypes import guess_type
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.responses import FileResponse, HTMLResponse, Response

from field_api.core.errors import NOT_FOUND, error_response

__all__ = ["PAGES", "web_router"]

PAGES = frozenset(
    (
        "",
        "account",
        "admin",
        "aircraft",
        "audit",
        "guest",
        "handovers",
        "incident",
        "inspection",
        "inspections",
        "register",
        "registers",
        "response-plans",
        "terminal",
        "verify",
        "warnings",
    )
)
"""First parts of the web app's addresses; a test compares them with those of the app itself."""

_OWN_SHELL = frozenset({"terminal", "verify"})
"""These have a page of their own, all others are the console's."""

_NOT_BUILT = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>Xunshan 巡山</title>
<body style="font:18px/1.6 sans-serif;max-width:40em;margin:4em auto;padding:0 1em">
<h1>网页尚未构建 · The web app is not built</h1>
<p>服务器已在运行。请在源码目录执行 <code>make web</code>,然后刷新本页。</p>
<p>The server runs. Build the pages with <code>make web</code> in the checkout, then reload.</p>
"""

_HASHED = "public, max-age=31536000, immutable"
"""Vite names these files by their content."""


_MEDIA_TYPES = {
    ".js": "text/javascript",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
}
"""Where the machine's own table may be wrong, and browsers insist."""


def _inside(root: Path, path: str) -> Path | None:
    """Return the file of a request path, None for none or one outside the folder."""
    try:
        file = (root / path).resolve()
        return file if file.is_relative_to(root) and file.is_file() else None
    except (OSError, ValueError):
        return None


def _file(file: Path, request: Request, cache: str) -> FileResponse:
    """Return a file, packed where the build has packed it and the browser takes it so."""
    kind = _MEDIA_TYPES.get(file.suffix) or guess_type(file.name)[0]
    headers = {"Cache-Control": cache}
    packed = file.with_name(f"{file.name}.gz")
    if "gzip" in request.headers.get("accept-encoding", "") and packed.is_file():
        headers |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        return FileResponse(packed, media_type=kind, headers=headers)
    return FileResponse(file, media_type=kind, headers=headers)


def web_router(dist: Path) -> APIRouter:
    """Return the routes that serve a build folder; add them after all others."""
    router = APIRouter(include_in_schema=False)
    root = dist.resolve()

    @router.api_route("/{path:path}", methods=["GET", "HEAD"])
    def serve(path: str, request: Request) -> Response:  # pyright: ignore[reportUnusedFunction]
        first, _, rest = path.partition("/")
        file = _inside(root, path) if first != "api" else None
        if file is not None:
            return _file(file, request, _HASHED if first == "assets" else "no-cache")
        known = first in PAGES and "." not in rest.rpartition("/")[2]
        # People at a wrong address are told by the app; a machine must not take it for an answer.
        if not known and (first == "api" or "text/html" not in request.headers.get("accept", "")):
            return error_response(404, NOT_FOUND)
        page = root / (f"{first}/index.html" if first in _OWN_SHELL else "index.html")
        if page.is_file():
            headers = {"Cache-Control": "no-cache"}
            return FileResponse(page, 200 if known else 404, headers=headers)
        return HTMLResponse(_NOT_BUILT, 503, headers={"Cache-Control": "no-store"})

    return router
