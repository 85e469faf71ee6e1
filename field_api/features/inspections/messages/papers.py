"""Issuing and serving papers, and papers as clients see them."""

from typing import Literal

from pydantic import JsonValue

from field_api.contract.ids import RecordId
from field_api.core.wire import Body, LongText, Milliseconds, Sha256, ShortText, View
from field_api.features.inspections.messages.content import PaperContent
from field_api.features.inspections.tables import ApprovalState, PaperState

__all__ = ["IssuePaper", "PaperConflictView", "PaperView", "ServePaper"]


class IssuePaper(Body):
    """Issue: number, content, signatures, and the hash of the bytes as they were made here."""

    id: RecordId
    t_ms: Milliseconds
    content: PaperContent
    sha256: Sha256
    """Of the PDF as typeset by the issuer; the command post typesets again and compares."""
    template_sha256: Sha256
    device_key: str = ""
    """The handheld's public key (Ed25519, base64url), and its signature of `sha256`."""
    device_signature: str = ""


class ServePaper(Body):
    """It was handed over."""

    id: RecordId
    t_ms: Milliseconds
    way: Literal["handed", "left", "post", "electronic", "public"]
    receiver: ShortText
    note: LongText = ""


class PaperConflictView(View):
    """Two officers wrote into one field without knowing of each other."""

    id: str
    field: str
    was: JsonValue
    here: JsonValue
    here_by: str
    given: JsonValue
    given_by: str
    made_ms: int


class PaperView(View):
    """A paper."""

    id: str
    version: int
    area: str
    inspection_id: str
    enterprise_id: str
    form: str
    state: PaperState
    values: dict[str, JsonValue]
    hazard_ids: list[str]
    order_id: str | None
    replaces: str | None
    replaced_by: str | None
    urgent: bool
    conflicts: list[PaperConflictView]
    approval: ApprovalState
    approved_by: str | None
    approved_ms: int | None
    approval_due_ms: int | None
    """Of an urgent measure: until when its approval must be there."""
    approval_late_ms: int | None
    """Since when it is known that it was not."""
    opinion: str
    number: str | None
    issue: int
    """Counts the versions of one number."""
    day: str | None
    """Of issue."""
    due_day: str | None
    """Until when what it orders must be done."""
    reminded_days: int | None
    """The last reminder: 7, 3, 1 or 0 days before; negative once overdue."""
    fulfilled_ms: int | None
    """When a review found all of it done."""
    content: PaperContent | None
    """As issued. In lists, sync and live messages its signatures come without their strokes."""
    document_id: str | None
    sha256: str | None
    """Of the bytes kept here."""
    bytes_differ: bool
    """The issuer's hash is not that of the bytes typeset here: both are kept, a person looks."""
    issuer_sha256: str | None
    device_signed: bool | None
    """Whether the handheld's signature fits its key; None without one."""
    issued_ms: int | None
    issued_by: str | None
    served_ms: int | None
    served_way: str | None
    served_to: str
    begun_ms: int
    begun_by: str
