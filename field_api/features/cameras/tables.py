"""Who holds which aircraft's camera: one table."""

from field_api.core.columns import integer64
from field_api.core.records import Record

__all__ = ["CameraHold"]


class CameraHold(Record, table=True):
    """One aircraft's camera; its id is the aircraft's. One person at a time points it."""

    holder_id: str | None = None
    """Account; None while it looks as its flight wants."""
    holder: str = ""
    since_ms: int = integer64(default=0)
    track_stream: str | None = None
    track_id: int | None = integer64(default=None)
    """Detector's track that is kept in the picture."""
