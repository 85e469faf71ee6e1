"""Flight applications on the wire."""

from typing import Annotated

from pydantic import Field

from field_api.contract.ids import RecordId
from field_api.core.wire import Body, LongText, Milliseconds, ShortText, View
from field_api.features.applications.tables import ApplicationState
from mission_plans.rules.flight_application import FlightApplication, Kind

__all__ = ["AnswerApplication", "ApplicationView", "MakeApplication", "SubmitApplication"]


class MakeApplication(Body):
    """Apply for a plan's flight."""

    id: RecordId
    kind: Kind = "emergency"
    takeoff_ms: Milliseconds | None = None
    """Planned first take-off; None takes the earliest the lead time allows."""


class SubmitApplication(Body):
    """Nothing to say."""


class AnswerApplication(Body):
    """What the authority answered."""

    approved: bool
    approval_id: Annotated[ShortText, Field(pattern=r"^\S+$")] | None = None
    """Needed with an approval."""
    text: LongText = ""
    """Needed with a refusal: the reason."""


class ApplicationView(View):
    """An application and where it stands."""

    id: str
    version: int
    area: str
    plan_id: str
    plan_revision: int
    incident_id: str
    state: ApplicationState
    application: FlightApplication
    document_sha256: str | None
    """SHA-256 of the PDF as it was handed in; None while it is a draft."""
    submitted_in_time: bool | None
    """None until it is handed in."""
    reply_due_ms: int | None
    """Handed in: when the authority must have answered."""
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
