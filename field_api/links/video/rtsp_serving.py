"""RTSP as a part of `xunshan serve`."""

import ssl

import structlog

from field_api.core.services import Services
from field_api.links.video.renditions import Renditions
from field_api.links.video.rtsp_access import PostAccess
from field_api.links.video.rtsp_server import RtspServer

__all__ = ["serve_rtsp"]

log = structlog.get_logger(__name__)


async def serve_rtsp(ctx: Services) -> None:
    """Serve RTSP until cancelled, if the settings want it."""
    settings = ctx.settings
    if settings.rtsp_port == 0:
        return
    secret = settings.video_engine_secret
    server = RtspServer(
        ctx.part(Renditions),
        PostAccess(ctx, secret.get_secret_value() if secret is not None else ""),
        ctx.clock,
        host=settings.rtsp_host,
        port=settings.rtsp_port,
        tls=_tls(ctx),
    )
    try:
        await server.serve()
    except OSError as error:
        # The rest of the post goes on: the console shows that no stream comes.
        log.error(
            "rtsp_not_served", host=settings.rtsp_host, port=settings.rtsp_port, error=str(error)
        )


def _tls(ctx: Services) -> ssl.SSLContext | None:
    files = ctx.settings.tls_files
    if not ctx.settings.rtsp_tls or files is None:
        return None
    made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    made.load_cert_chain(*files)
    return made
