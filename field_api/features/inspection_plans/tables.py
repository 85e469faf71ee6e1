"""The yearly inspection plan: the table."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict
from sqlmodel import Field

from field_api.core.columns import choice, integer64, shape
from field_api.core.records import Requested

__all__ = ["InspectionPlan", "PlanState", "Target"]


class PlanState(StrEnum):
    """How far a plan has come."""

    DRAFT = "draft"
    ASKED = "asked"
    """It waits for the bureau's approval."""
    APPROVED = "approved"


class Target(BaseModel):
    """How many enterprises of a sector in a street are to be inspected, by month."""

    model_config = ConfigDict(frozen=True)

    area: str
    """Code of a street."""
    sector: str
    months: list[int]
    """Twelve numbers, January first."""


class InspectionPlan(Requested, table=True):
    """One year's plan; there is one a year."""

    year: int = Field(unique=True)
    state: PlanState = choice(PlanState)
    targets: list[Target] = shape(list[Target])
    written_ms: int = integer64()
    written_by: str
    asked_ms: int | None = integer64(default=None)
    asked_by: str | None = None
    decided_ms: int | None = integer64(default=None)
    decided_by: str | None = None
    opinion: str = ""
    """Of who approved it, or sent it back."""
