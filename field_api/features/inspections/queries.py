"""What the lists of inspections, papers, hazards and numbers are asked with."""

from typing import Annotated

from fastapi import Depends, Query
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from field_api.core.access import Principal
from field_api.core.services import require
from field_api.features.inspections.permissions import INSPECTION_VIEW
from field_api.features.inspections.tables import Inspection

__all__ = ["DayQuery", "ViewerDep", "of_days"]

ViewerDep = Annotated[Principal, Depends(require(INSPECTION_VIEW))]
DayQuery = Annotated[str | None, Query(pattern=r"^\d{4}-\d{2}-\d{2}$")]


def of_days(day_from: str | None, day_to: str | None) -> SelectOfScalar[str]:
    """Select the ids of the inspections from one day to another, both included."""
    query = select(Inspection.id)
    if day_from is not None:
        query = query.where(col(Inspection.day) >= day_from)
    return query if day_to is None else query.where(col(Inspection.day) <= day_to)
