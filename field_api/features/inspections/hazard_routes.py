"""Hazards over HTTP."""

from typing import Annotated

from fastapi import Query
from sqlmodel import col, select

from field_api.contract.ids import RecordId
from field_api.core.access import unscoped
from field_api.core.errors import refuse
from field_api.core.pages import Before, Limit, before_id
from field_api.core.routing import Routes, serve_operation
from field_api.core.services import Context
from field_api.core.wire import Name
from field_api.features.inspections.hazard_operations import (
    CHECK,
    CONFIRM,
    DECIDE_HAZARD,
    EDIT_HAZARD,
    FIND,
    RECTIFY,
)
from field_api.features.inspections.messages import HazardView
from field_api.features.inspections.queries import DayQuery, ViewerDep, of_days
from field_api.features.inspections.records import hazard_views
from field_api.features.inspections.tables import Hazard, HazardLevel, HazardState

__all__ = ["router"]

router = Routes(tags=["inspections"])


@router.get("/hazards", operation_id="listHazards")
def list_hazards(
    who: ViewerDep,
    ctx: Context,
    state: Annotated[list[HazardState] | None, Query()] = None,
    level: Annotated[HazardLevel | None, Query()] = None,
    enterprise_id: Annotated[Name | None, Query()] = None,
    day_from: DayQuery = None,
    day_to: DayQuery = None,
    limit: Limit = 100,
    before: Before = None,
) -> list[HazardView]:
    """List hazards, the last found first."""
    query = select(Hazard)
    if state:
        query = query.where(col(Hazard.state).in_(state))
    if level is not None:
        query = query.where(Hazard.level == level)
    if enterprise_id is not None:
        query = query.where(Hazard.enterprise_id == enterprise_id)
    if day_from is not None or day_to is not None:
        query = query.where(col(Hazard.inspection_id).in_(of_days(day_from, day_to)))
    with ctx.store.read(who.viewer) as session:
        rows = session.exec(
            before_id(session, query, Hazard, (col(Hazard.id),), before, limit)
        ).all()
        with unscoped(session):
            return hazard_views(session, rows)


@router.get("/hazards/{hazard_id}", operation_id="getHazard")
def get_hazard(hazard_id: RecordId, who: ViewerDep, ctx: Context) -> HazardView:
    """Return one hazard."""
    with ctx.store.read(who.viewer) as session:
        row = session.get(Hazard, hazard_id)
        if row is None:
            raise refuse(404, "unknown_hazard", id=hazard_id)
        with unscoped(session):
            return hazard_views(session, [row])[0]


serve_operation(
    router, FIND, "/hazards", operation_id="findHazard", returns=HazardView, created=True
)
for operation, name in (
    (EDIT_HAZARD, "edit"),
    (DECIDE_HAZARD, "decide"),
    (CONFIRM, "confirm"),
    (RECTIFY, "rectify"),
    (CHECK, "check"),
):
    serve_operation(
        router,
        operation,
        f"/hazards/{{hazard_id}}/{name}",
        operation_id=f"{name}Hazard",
        returns=HazardView,
        target="hazard_id",
    )
