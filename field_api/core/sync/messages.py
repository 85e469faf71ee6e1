"""What a handheld and the command post say to each other in sync."""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import ConfigDict, Field

from field_api.contract.ids import RecordId
from field_api.core.wire import Body, Milliseconds, Name, View

__all__ = [
    "Answer",
    "AnswerStatus",
    "ChangedRecord",
    "PullView",
    "Push",
    "PushItem",
    "PushView",
]

MOST_ITEMS = 1000


class AnswerStatus(StrEnum):
    """What became of an item."""

    APPLIED = "applied"
    REPEATED = "repeated"
    """It was applied before; nothing was done now."""
    HELD = "held"
    """It is kept here until the item it comes after has arrived."""
    REFUSED = "refused"
    """It was not applied and is not kept here; the handheld keeps it with the reason."""


class PushItem(Body):
    """One operation done on a handheld, possibly long ago, by a program older or newer than this.

    Fields that are not known here are kept with the item and named in the answer.
    """

    model_config = ConfigDict(extra="allow")

    id: RecordId
    """Of this item; sending it again is harmless."""
    op: Name
    """Name of the operation, e.g. `task.move`."""
    target: Annotated[str, Field(max_length=60)] = ""
    """Id of the record acted on."""
    after: RecordId | None = None
    """An earlier item that must be applied first."""
    made_ms: Milliseconds
    """When it was done, by the handheld's clock."""
    body: dict[str, Any] = Field(default={})


class Push(Body):
    """What a handheld has made since it was last heard; more fields than these do no harm."""

    model_config = ConfigDict(extra="ignore")

    device_id: Annotated[str, Field(min_length=1, max_length=60)]
    author: Annotated[str, Field(min_length=1, max_length=60)]
    """User id of who made all of it: another person's work is never sent in one's own name."""
    items: Annotated[list[PushItem], Field(min_length=1, max_length=MOST_ITEMS)]


class ChangedRecord(View):
    """A record as it is now, or that it is gone."""

    type: str
    id: str
    version: int
    op: str = "put"
    area: str = ""
    seq: int = 0
    data: Any = None


class Answer(View):
    """What became of one item."""

    id: str
    status: AnswerStatus
    code: str | None = None
    text_zh: str | None = None
    text_en: str | None = None
    field: str | None = None
    record: ChangedRecord | None = None
    media_missing: list[str] = Field(default=[])
    """Attachments that the record names and that are not here: send them, whatever was believed."""
    unknown: list[str] = Field(default=[])
    """Fields of the item that this version does not know; they are kept with it as they came."""


class PushView(View):
    """Answers in the order of the items."""

    server_time_ms: int
    answers: list[Answer]


class PullView(View):
    """What changed since a cursor."""

    server_time_ms: int
    cursor: str
    more: bool
    """Ask again at once: there is more."""
    resync: bool = False
    """The cursor is too old or was for other areas: forget what was pulled and start without."""
    changes: list[ChangedRecord]
