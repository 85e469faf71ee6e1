"""`/install-ca`: the post's certificate authority, for handhelds that do not trust it yet."""

from html import escape
from pathlib import Path

from cryptography import x509
from fastapi import APIRouter
from starlette.responses import HTMLResponse, Response

from field_api.core.errors import NOT_FOUND, error_response
from field_api.core.services import Context
from field_api.core.texts import Both, both
from field_api.serving.authority import TlsFiles, fingerprint
from field_api.settings import Settings

__all__ = ["router"]

router = APIRouter(include_in_schema=False)

PAGE = "/install-ca"
FILE = f"{PAGE}/xunshan-ca.crt"
_STEPS = ("android", "harmony", "ios", "windows")
_STYLE = (
    "body{font:18px/1.6 sans-serif;max-width:42em;margin:2em auto;padding:0 1em;color:#111;"
    "background:#fff}code{font-size:1.05em;word-break:break-word}a.get{display:inline-block;"
    "padding:.6em 1em;border:2px solid #111;color:#111}section{margin:2em 0}"
)


def _authority(settings: Settings) -> Path | None:
    """Return the authority's certificate, None where the post has none or serves another's."""
    file = TlsFiles(settings.tls_dir).authority
    return file if settings.tls_cert_file is None and file.exists() else None


def _paragraphs(texts: list[Both], at: int) -> str:
    return "".join(f"<p>{escape(text[at])}</p>" for text in texts)


def _steps(found: str, at: int) -> str:
    intro = [both("words.install_ca.why"), both("words.install_ca.compare")]
    return (
        f"{_paragraphs(intro, at)}<p><code>{escape(found)}</code></p>"
        f'<p><a class="get" href="{FILE}">{escape(both("words.install_ca.get")[at])}</a></p>'
        f"{_paragraphs([both(f'words.install_ca.{name}') for name in _STEPS], at)}"
    )


def _page(found: str | None) -> str:
    """Return the page in both languages; `found` is the fingerprint, None without an authority."""
    parts = [f"<h1>{escape(' · '.join(both('words.install_ca.title')))}</h1>"]
    for at, language in enumerate(("zh-CN", "en")):
        none = _paragraphs([both("words.install_ca.none")], at)
        body = none if found is None else _steps(found, at)
        parts.append(f'<section lang="{language}">{body}</section>')
    return (
        '<!doctype html><html lang="zh-CN"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Xunshan 巡山</title><style>{_STYLE}</style>{''.join(parts)}"
    )


@router.get(PAGE)
def show_page(ctx: Context) -> Response:
    """Tell what to compare and how to install it, in both languages."""
    file = _authority(ctx.settings)
    if file is None:
        return HTMLResponse(_page(None), 404, headers={"Cache-Control": "no-store"})
    certificate = x509.load_pem_x509_certificate(file.read_bytes())
    return HTMLResponse(_page(fingerprint(certificate)), headers={"Cache-Control": "no-store"})


@router.get(FILE)
def get_certificate(ctx: Context) -> Response:
    """Give the authority's certificate, never its key."""
    file = _authority(ctx.settings)
    if file is None:
        return error_response(404, NOT_FOUND)
    return Response(file.read_bytes(), media_type="application/x-x509-ca-cert")
