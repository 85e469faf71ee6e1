"""Papers while they are written: drafts that several officers edit, and their approval."""

from typing import Annotated

from pydantic import Field

from field_api.contract.ids import RecordId
from field_api.core.wire import Body, LongText, Milliseconds
from field_api.features.inspections.messages.values import FormCode, Values

__all__ = ["ApprovePaper", "BeginPaper", "DecideField", "DropPaper", "EditPaper", "SubmitPaper"]


class BeginPaper(Body):
    """Begin a draft. The caller makes the id."""

    id: RecordId
    inspection_id: RecordId
    form: FormCode
    values: Values = Field(default={})
    hazard_ids: Annotated[list[RecordId], Field(max_length=200)] = Field(default=[])
    """What it is about, in its order."""
    order_id: RecordId | None = None
    """The paper it follows: the order a review checks, the notice a penalty follows."""
    replaces: RecordId | None = None
    """The issued paper that this one takes the place of."""
    urgent: bool = False
    """A coercive measure taken before its approval, which must come within 24 hours."""
    t_ms: Milliseconds


class EditPaper(Body):
    """Change fields of a draft; `was` is what the author saw of those in `now`.

    A field that nobody changed meanwhile takes the new value; of the others both values are kept.
    `hazard_ids` is a field like the others.
    """

    id: RecordId
    t_ms: Milliseconds
    was: Values
    now: Values


class DecideField(Body):
    """Decide which of two values of a field stands."""

    id: RecordId
    conflict_id: RecordId
    take: bool
    """The value that was given; else the one that is here."""


class SubmitPaper(Body):
    """Ask for approval."""

    id: RecordId
    t_ms: Milliseconds


class ApprovePaper(Body):
    """Answer a paper that asks for approval, or an urgent measure afterwards."""

    id: RecordId
    approve: bool
    opinion: LongText = ""


class DropPaper(Body):
    """Give a draft up: it is never issued."""

    id: RecordId
    t_ms: Milliseconds
    reason: LongText = ""
