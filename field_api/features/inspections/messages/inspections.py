"""Planning, entering, escalating and closing inspections."""

from typing import Literal

from pydantic import Field

from field_api.contract.ids import RecordId
from field_api.core.wire import (
    Body,
    Latitude,
    Longitude,
    LongText,
    Milliseconds,
    Name,
    ShortText,
    View,
)
from field_api.features.inspections.messages.values import (
    Day,
    InspectionKind,
    InspectionSource,
    Officers,
)
from field_api.features.inspections.tables import InspectionState

__all__ = [
    "AssignInspection",
    "CloseInspection",
    "EnterPremises",
    "EscalateInspection",
    "InspectionView",
    "OpenInspection",
]


class OpenInspection(Body):
    """Plan an inspection, or begin one on the spot. The caller makes the id."""

    id: RecordId
    enterprise_id: Name
    office_id: Name
    """Entry of the register `offices`: bureau or street."""
    sector: ShortText
    """Sector of the checklists, e.g. `工贸(机械轻工等)`."""
    kind: InspectionKind = "routine"
    source: InspectionSource = "plan"
    day: Day
    """When it shall be."""
    officer_ids: Officers = Field(default=[])
    """Entries of the register `officers`; two before anything is issued."""
    terminal_id: Name | None = None
    """The handheld it is given to."""
    note: LongText = ""


class AssignInspection(Body):
    """Give it to officers, a handheld and a day. What is None stays."""

    officer_ids: Officers | None = None
    terminal_id: Name | None = None
    day: Day | None = None


class EnterPremises(Body):
    """Entering: the enterprise's scan code (行政执法监督码), or the reason why none was scanned."""

    id: RecordId
    t_ms: Milliseconds
    scan_code: ShortText | None = None
    emergency_reason: LongText = ""
    lat_deg: Latitude | None = None
    lon_deg: Longitude | None = None


class EscalateInspection(Body):
    """A street hands its inspection to the bureau with all papers, hazards and evidence."""

    id: RecordId
    t_ms: Milliseconds
    office_id: Name
    """The bureau's office."""
    reason: LongText


class CloseInspection(Body):
    """End it; refused while an order is open or a paper is neither issued nor dropped."""

    id: RecordId
    t_ms: Milliseconds
    reason: LongText = ""


class InspectionView(View):
    """An inspection."""

    id: str
    version: int
    area: str
    enterprise_id: str
    enterprise_name: str
    office_id: str
    tier: Literal["bureau", "street"]
    sector: str
    kind: InspectionKind
    source: InspectionSource
    day: str
    officer_ids: list[str]
    terminal_id: str | None
    note: str
    state: InspectionState
    entered_ms: int | None
    scan_code: str | None
    emergency_reason: str
    visit_number: int | None
    """Which visit of the year this is to that enterprise; counted when it is entered."""
    escalated_from: str | None
    """The inspection of the street that this one goes on with."""
    escalated_to: str | None
    """The inspection of the bureau that goes on with this one."""
    opened_ms: int
    opened_by: str
    closed_ms: int | None
    closed_reason: str
