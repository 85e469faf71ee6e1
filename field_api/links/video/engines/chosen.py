"""The engine that the settings choose."""

from field_api.links.video.engines.embedded import EmbeddedEngine
from field_api.links.video.engines.engine import WhepEngine
from field_api.links.video.engines.janus import JanusEngine
from field_api.links.video.engines.mediamtx import MediaMtxEngine
from field_api.links.video.renditions import Renditions
from field_api.settings import Settings

__all__ = ["chosen_engine"]


def chosen_engine(
    settings: Settings, renditions: Renditions, addresses: tuple[str, ...]
) -> WhepEngine:
    """Return it; the settings were checked to hold what it needs."""
    secret = settings.video_engine_secret
    word = secret.get_secret_value() if secret is not None else ""
    if settings.video_engine == "janus":
        return JanusEngine(
            renditions, settings.video_engine_url, word, settings.video_engine_rtp_host
        )
    if settings.video_engine == "mediamtx":
        return MediaMtxEngine(
            settings.video_engine_url,
            settings.video_engine_whep_url,
            settings.video_engine_rtsp_url,
            word,
        )
    return EmbeddedEngine(renditions, addresses)
