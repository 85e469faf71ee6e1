"""Video on the wire."""

from field_api.core.wire import View

__all__ = ["HealthView", "StreamView", "TokenView"]


class HealthView(View):
    """A stream during the last seconds, as it comes here."""

    frames_per_s: float
    kbit_per_s: float
    lost_share: float
    """Of the pictures the camera must have made, those that never came, 0 to 1."""
    key_interval_s: float | None
    """How long a broken picture stays broken at worst."""
    age_ms: int | None
    """Since the newest picture was captured; the camera's clock is believed."""


class StreamView(View):
    """A stream that is published now."""

    stream_id: str
    codec: str
    width: int
    height: int
    viewers: int
    """Of the full picture, in this worker."""
    health: HealthView


class TokenView(View):
    """A token by which a player without a session cookie may open one stream."""

    token: str
    expires_ms: int
