"""The built web app: `/` is the command console, `/terminal/` the handheld page."""

from pathlib import Path

from fastapi import APIRouter
from starlette.responses import FileResponse, HTMLResponse, Response

from field_api.core.errors import ErrorDetail, error_response

__all__ = ["web_router"]

_NOT_BUILT = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>Xunshan 巡山</title>
<body style="font:18px/1.6 sans-serif;max-width:40em;margin:4em auto;padding:0 1em">
<h1>网页尚未构建 · The web app is not built</h1>
<p>服务器已在运行。请在源码目录执行 <code>make web</code>,然后刷新本页。</p>
<p>The server runs. Build the pages with <code>make web</code> in the checkout, then reload.</p>
"""

_HASHED = "public, max-age=31536000, immutable"
"""Vite names these files by their content."""


_MEDIA_TYPES = {".js": "text/javascript", ".webmanifest": "application/manifest+json"}
"""Where the machine's own table may be wrong, and browsers insist."""


def _inside(root: Path, path: str) -> Path | None:
    """Return the file of a request path, None for none or one outside the folder."""
    try:
        file = (root / path).resolve()
        return file if file.is_relative_to(root) and file.is_file() else None
    except (OSError, ValueError):
        return None


def web_router(dist: Path) -> APIRouter:
    """Return the routes that serve a build folder; add them after all others."""
    router = APIRouter(include_in_schema=False)
    root = dist.resolve()

    @router.api_route("/{path:path}", methods=["GET", "HEAD"])
    def serve(path: str) -> Response:  # pyright: ignore[reportUnusedFunction]
        if path == "api" or path.startswith("api/"):
            return error_response(
                404,
                ErrorDetail(
                    code="not_found",
                    text_zh="没有这个地址",
                    text_en="There is nothing at this address",
                ),
            )
        file = _inside(root, path)
        if file is not None:
            cache = _HASHED if path.startswith("assets/") else "no-cache"
            kind = _MEDIA_TYPES.get(file.suffix)
            return FileResponse(file, media_type=kind, headers={"Cache-Control": cache})
        if path.startswith("assets/") or "." in path.rpartition("/")[2]:
            return HTMLResponse("Not found", 404)
        page = root / ("terminal/index.html" if path.split("/")[0] == "terminal" else "index.html")
        if page.is_file():
            return FileResponse(page, headers={"Cache-Control": "no-cache"})
        return HTMLResponse(_NOT_BUILT, 503, headers={"Cache-Control": "no-store"})

    return router
