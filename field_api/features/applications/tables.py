"""Flight applications: the table."""

from enum import StrEnum

from sqlmodel import Field

from field_api.core.columns import choice, integer64, shape
from field_api.core.records import Requested
from mission_plans.rules.flight_application import FlightApplication

__all__ = ["ApplicationRecord", "ApplicationState"]


class ApplicationState(StrEnum):
    """How far an application has come."""

    DRAFTED = "drafted"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    REFUSED = "refused"


class ApplicationRecord(Requested, table=True):
    """An application for exactly one plan; what is handed in is an issued document."""

    plan_id: str = Field(index=True, foreign_key="planrecord.id")
    plan_revision: int = 1
    """The revision it was filled from."""
    incident_id: str = Field(index=True)
    state: ApplicationState = choice(ApplicationState)
    body: FlightApplication = shape(FlightApplication)
    document_id: str | None = None
    """The document as handed in."""
    created_ms: int = integer64(index=True)
    created_by: str
    submitted_ms: int | None = integer64(default=None)
    submitted_by: str | None = None
    answered_ms: int | None = integer64(default=None)
    answered_by: str | None = None
    approval_id: str | None = None
    answer_text: str = ""
