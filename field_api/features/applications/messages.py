"""Flight applications on the wire."""

from typing import Annotated

from pydantic import Field

from field_api.contract.ids import RecordId
from field_api.core.wire import Body, LongText, Milliseconds, ShortText, View
from field_api.features.applications.tables import ApplicationState
from mission_plans.rules.flight_application import FlightApplication, Kind

__all__ = [
    "AnswerApplication",
    "ApplicationView",
    "EditApplication",
    "ItemText",
    "MakeApplication",
    "SubmitApplication",
]


class MakeApplication(Body):
    """Apply for a plan's flight."""

    id: RecordId
    kind: Kind = "emergency"
    takeoff_ms: Milliseconds | None = None
    """Planned first take-off. None takes the flight's own: when it took off, else when it is due,
    else the earliest that the lead time allows."""


class ItemText(Body):
    """New words of one item."""

    number: Annotated[int, Field(ge=1, le=13)]
    text: Annotated[str, Field(min_length=1, max_length=2000)]


class EditApplication(Body):
    """Other words or times of a draft; what is left out stays."""

    version: Annotated[int, Field(ge=1)]
    """The draft that was looked at; refused when somebody changed it since."""
    items: Annotated[list[ItemText], Field(max_length=13)] = Field(default=[])
    takeoff_ms: Milliseconds | None = None
    finished_ms: Milliseconds | None = None
    """None keeps the time from the first take-off to the last landing."""


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
    plan_changed: bool
    """The flight is another one by now: a draft can't be handed in, an approval answers nothing."""
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
