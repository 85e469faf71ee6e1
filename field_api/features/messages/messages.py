"""Messages and how far they were read, on the wire."""

from typing import Annotated

from pydantic import Field

from field_api.contract.ids import RecordId
from field_api.core.wire import (
    Body,
    Latitude,
    Longitude,
    LongText,
    Milliseconds,
    Sha256,
    View,
)

__all__ = ["MessageMarkView", "MessageView", "ReadMessages", "SendMessage"]


class SendMessage(Body):
    """Say something in an incident's channel, or about a task; files may come before or after."""

    id: RecordId
    t_ms: Milliseconds
    incident_id: RecordId
    task_id: RecordId | None = None
    text: LongText = ""
    media: Annotated[list[Sha256], Field(max_length=20)] = Field(default=[])
    voice: Sha256 | None = None
    lat_deg: Latitude | None = None
    lon_deg: Longitude | None = None


class ReadMessages(Body):
    """Say how far one has read in a channel."""

    id: RecordId
    t_ms: Milliseconds
    incident_id: RecordId
    task_id: RecordId | None = None
    read_to_ms: Milliseconds
    """`received_ms` of the newest message that was on the screen."""


class MessageView(View):
    """Something said."""

    id: str
    version: int
    area: str
    incident_id: str
    task_id: str | None
    text: str
    media: list[str]
    voice: str | None
    media_missing: list[str]
    """Pictures and voice that have not come yet."""
    lat_deg: float | None
    lon_deg: float | None
    said_ms: int
    received_ms: int
    author_id: str
    author: str
    author_terminal_id: str | None


class MessageMarkView(View):
    """How far one person has read in one channel."""

    id: str
    version: int
    area: str
    incident_id: str
    task_id: str | None
    user_id: str
    name: str
    read_to_ms: int
    read_ms: int
