"""Pictures: the register of what is on disk."""

from sqlmodel import Field, SQLModel

from field_api.wire import View

__all__ = ["Media", "MediaView"]


class Media(SQLModel, table=True):
    """One stored picture."""

    sha256: str = Field(primary_key=True)
    media_type: str
    size_bytes: int
    stored_ms: int
    stored_by: str


class MediaView(View):
    """One stored picture."""

    sha256: str
    media_type: str
    size_bytes: int
    stored_ms: int
