"""What a bureau looks at: dossiers, due orders, standing, periods, coverage."""

from typing import Literal

from field_api.core.wire import View
from field_api.features.inspections.messages.hazards import HazardView
from field_api.features.inspections.messages.inspections import InspectionView
from field_api.features.inspections.messages.papers import PaperView
from field_api.features.inspections.tables import PaperState

__all__ = [
    "ClosureProposalView",
    "DueOrderView",
    "EnterpriseStanding",
    "InspectionDossier",
    "PeriodView",
    "PeriodsView",
    "TerminalCoverageView",
    "VerificationView",
]


class EnterpriseStanding(View):
    """What law asks to be known of an enterprise before it is inspected and decided on."""

    enterprise_id: str
    visits_this_year: int
    open_hazards: int
    open_major_hazards: int
    penalties_180_days: int
    penalties_1_year: int
    closure_due: bool
    """安全生产法 113(一): a major hazard, and 3 penalties in 180 days or 4 in a year."""
    overdue_orders: int


class InspectionDossier(View):
    """Everything of an inspection, that of the street it goes on with included."""

    inspection: InspectionView
    earlier: InspectionView | None
    """The street's inspection that was escalated to this one."""
    papers: list[PaperView]
    hazards: list[HazardView]


class DueOrderView(View):
    """An order whose review has not found all of it done."""

    paper_id: str
    inspection_id: str
    enterprise_id: str
    enterprise_name: str
    office_id: str
    area: str
    form: str
    number: str | None
    due_day: str
    days_left: int
    """Calendar days; negative once overdue."""
    reminded_days: int | None


class PeriodView(View):
    """A period of the law that begins with an event on a day, and its last day."""

    name: Literal["hearing", "registered_evidence", "seizure", "payment"]
    form: str
    """The document whose service or issue begins it."""
    field: str
    """The field of that form that takes the day; empty for none."""
    days: int
    working: bool
    """Working days, by the register of holidays."""
    until: str
    basis: str


class PeriodsView(View):
    """Last days as the calendar has them, for a person to take or change."""

    day: str
    calendar_known: bool
    """The holidays of all years that are touched are entered; else weekends alone count."""
    periods: list[PeriodView]


class ClosureProposalView(View):
    """An enterprise whose closure is to be considered, and why."""

    enterprise_id: str
    name: str
    area: str
    grade: str | None
    by_article_113: bool
    """A major hazard, and 3 penalties in 180 days or 4 in a year."""
    by_grade: bool
    """Graded C or D."""
    open_major_hazards: int
    penalties_180_days: int
    penalties_1_year: int


class VerificationView(View):
    """What anybody may know who holds a paper: nothing personal."""

    paper_id: str
    form: str
    title: str
    state: PaperState
    issue: int
    sha256: str | None
    issued_day: str | None
    replaced_by: str | None
    """The later version that has taken its place."""


class TerminalCoverageView(View):
    """How far a street is equipped with enforcement handhelds (the plan asks for all officers)."""

    area: str
    name: str
    officers: int
    """With a certificate that is valid today."""
    equipped: int
    """Of them those whose account works on a handheld."""
    terminals: int
    heard_in_24_h: int
    last_heard_ms: int | None
