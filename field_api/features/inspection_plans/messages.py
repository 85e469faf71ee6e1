"""The yearly inspection plan on the wire."""

from typing import Annotated

from pydantic import Field

from field_api.contract.ids import RecordId
from field_api.core.wire import Body, LongText, ShortText, View
from field_api.features.inspection_plans.tables import PlanState

__all__ = [
    "ApprovePlan",
    "InspectionPlanView",
    "PlanProgress",
    "PlanRow",
    "SubmitPlan",
    "TargetBody",
    "TargetView",
    "WritePlan",
    "Year",
]

Year = Annotated[int, Field(ge=2020, le=2100)]
Version = Annotated[int, Field(ge=1, le=2**53)]
Street = Annotated[str, Field(pattern=r"^[0-9]{9}$")]
Counts = Annotated[list[Annotated[int, Field(ge=0, le=9999)]], Field(min_length=12, max_length=12)]


class TargetBody(Body):
    """How many inspections of a sector in a street, January to December."""

    area: Street
    sector: ShortText
    months: Counts


class WritePlan(Body):
    """A year's plan as it shall be; what was approved waits for approval anew."""

    id: RecordId
    """Of a new plan."""
    year: Year
    version: Version | None = None
    """The version that the person looked at; None for a new plan."""
    targets: Annotated[list[TargetBody], Field(max_length=500)]


class SubmitPlan(Body):
    """Ask the bureau to approve it."""

    version: Version


class ApprovePlan(Body):
    """Approve the plan, or send it back with a reason."""

    version: Version
    approve: bool
    opinion: LongText = ""


class TargetView(View):
    """How many inspections of a sector in a street, by month."""

    area: str
    sector: str
    months: list[int]


class InspectionPlanView(View):
    """A year's plan."""

    id: str
    version: int
    area: str
    year: int
    state: PlanState
    targets: list[TargetView]
    written_ms: int
    written_by: str
    asked_ms: int | None
    asked_by: str | None
    decided_ms: int | None
    decided_by: str | None
    opinion: str


class PlanRow(View):
    """One street's and sector's year: what is wanted, fixed and done."""

    area: str
    sector: str
    target: list[int]
    planned: list[int]
    """Fixed for a day and not begun, by month."""
    done: list[int]
    """Entered, by the month in which they were to be."""
    late: int
    """Fixed for a day that has passed, and not begun."""
    behind: int
    """What the months that have ended lack."""
    enterprises: int
    """Of this sector in this street."""
    most: int | None
    """Inspections of the plan that the cap on visits allows them in a year; None without a cap."""


class PlanProgress(View):
    """A year's plan against what is fixed and done."""

    year: int
    month: int
    """Months that have ended: 0 to 12."""
    plan: InspectionPlanView | None
    rows: list[PlanRow]
