"""Flight applications: table and wire shapes."""

from typing import Annotated, Literal

from pydantic import Field as Limited
from sqlmodel import Field, SQLModel

from field_api.contract.ids import RecordId
from field_api.wire import Body, LongText, Milliseconds, ShortText, View
from mission_plans.flight_application import FlightApplication, Kind

__all__ = [
    "AnswerApplication",
    "ApplicationRecord",
    "ApplicationState",
    "ApplicationView",
    "MakeApplication",
]

ApplicationState = Literal["drafted", "submitted", "approved", "refused"]


class ApplicationRecord(SQLModel, table=True):
    """An application for exactly one plan."""

    id: str = Field(primary_key=True)
    plan_id: str = Field(index=True, foreign_key="planrecord.id")
    incident_id: str = Field(index=True)
    state: str
    body_json: str
    request_sha256: str
    created_ms: int
    created_by: str
    submitted_ms: int | None = None
    submitted_by: str | None = None
    answered_ms: int | None = None
    answered_by: str | None = None
    approval_id: str | None = None
    answer_text: str = ""


class MakeApplication(Body):
    """Apply for a plan's flight."""

    id: RecordId
    kind: Kind = "emergency"
    takeoff_ms: Milliseconds | None = None
    """Planned first take-off; None takes the earliest the lead time allows."""


class AnswerApplication(Body):
    """What the authority answered."""

    approved: bool
    approval_id: Annotated[ShortText, Limited(pattern=r"^\S+$")] | None = None
    """Needed with an approval."""
    text: LongText = ""
    """Needed with a refusal: the reason."""


class ApplicationView(View):
    """An application and where it stands."""

    id: str
    plan_id: str
    incident_id: str
    state: ApplicationState
    application: FlightApplication
    submitted_in_time: bool | None
    """None until it is handed in."""
    reply_overdue: bool
    """Handed in, and the authority's time to answer is over."""
    created_ms: int
    created_by: str
    submitted_ms: int | None
    submitted_by: str | None
    answered_ms: int | None
    answered_by: str | None
    approval_id: str | None
    answer_text: str
