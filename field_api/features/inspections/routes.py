"""Inspections over HTTP, and the boards."""

from typing import Annotated

from fastapi import Depends, Path, Query, Request
from sqlmodel import col, select

from field_api.contract.ids import RecordId
from field_api.core.access import unscoped
from field_api.core.errors import refuse
from field_api.core.pages import Before, Limit, before_id
from field_api.core.routing import Routes, serve_operation
from field_api.core.services import Context, exempt, source_of
from field_api.core.wire import Name
from field_api.features.inspections.boards import (
    closure_proposals,
    due_orders,
    standing_of,
    waiting_for_approval,
)
from field_api.features.inspections.calendar import local_day
from field_api.features.inspections.coverage import terminal_coverage
from field_api.features.inspections.gathering import family_of
from field_api.features.inspections.inspection_operations import (
    ASSIGN,
    CLOSE,
    ENTER,
    ESCALATE,
    OPEN,
)
from field_api.features.inspections.messages import (
    ClosureProposalView,
    Day,
    DueOrderView,
    EnterpriseStanding,
    InspectionDossier,
    InspectionView,
    PaperView,
    PeriodsView,
    TerminalCoverageView,
    VerificationView,
)
from field_api.features.inspections.periods import periods_from
from field_api.features.inspections.queries import DayQuery, ViewerDep
from field_api.features.inspections.records import hazard_views, inspection_views, paper_views
from field_api.features.inspections.tables import Hazard, Inspection, InspectionState, Paper
from field_api.features.inspections.verification import VerificationLimits, verify
from field_api.features.law.tables import Holiday
from field_api.features.registers.enterprises import Enterprise

__all__ = ["router"]

router = Routes(tags=["inspections"])

MOST_OF_ONE = 500
"""Papers and hazards of one inspection that are shown at once."""


@router.get("/inspections", operation_id="listInspections")
def list_inspections(
    who: ViewerDep,
    ctx: Context,
    state: Annotated[list[InspectionState] | None, Query()] = None,
    office_id: Annotated[Name | None, Query()] = None,
    enterprise_id: Annotated[Name | None, Query()] = None,
    terminal_id: Annotated[Name | None, Query()] = None,
    sector: Annotated[str | None, Query(max_length=120)] = None,
    day_from: DayQuery = None,
    day_to: DayQuery = None,
    limit: Limit = 100,
    before: Before = None,
) -> list[InspectionView]:
    """List inspections, the last planned day first."""
    query = select(Inspection)
    if state:
        query = query.where(col(Inspection.state).in_(state))
    for column, value in (
        (Inspection.office_id, office_id),
        (Inspection.enterprise_id, enterprise_id),
        (Inspection.terminal_id, terminal_id),
        (Inspection.sector, sector),
    ):
        if value is not None:
            query = query.where(col(column) == value)
    if day_from is not None:
        query = query.where(col(Inspection.day) >= day_from)
    if day_to is not None:
        query = query.where(col(Inspection.day) <= day_to)
    order = (col(Inspection.day), col(Inspection.id))
    with ctx.store.read(who.viewer) as session:
        rows = session.exec(before_id(session, query, Inspection, order, before, limit)).all()
        with unscoped(session):
            return inspection_views(session, rows)


@router.get("/inspections/{inspection_id}", operation_id="getInspection")
def get_inspection(inspection_id: RecordId, who: ViewerDep, ctx: Context) -> InspectionView:
    """Return one inspection."""
    with ctx.store.read(who.viewer) as session:
        row = session.get(Inspection, inspection_id)
        if row is None:
            raise refuse(404, "unknown_inspection", id=inspection_id)
        with unscoped(session):
            return inspection_views(session, [row])[0]


@router.get("/inspections/{inspection_id}/dossier", operation_id="getInspectionDossier")
def get_dossier(inspection_id: RecordId, who: ViewerDep, ctx: Context) -> InspectionDossier:
    """Return everything of an inspection: also what the street found before it was escalated."""
    with ctx.store.read(who.viewer) as session:
        row = session.get(Inspection, inspection_id)
        if row is None:
            raise refuse(404, "unknown_inspection", id=inspection_id)
        family = family_of(session, row)
        earlier = session.get(Inspection, row.escalated_from) if row.escalated_from else None
        papers = session.exec(
            select(Paper)
            .where(col(Paper.inspection_id).in_(family))
            .order_by(col(Paper.begun_ms), col(Paper.id))
            .limit(MOST_OF_ONE)
        ).all()
        hazards = session.exec(
            select(Hazard)
            .where(col(Hazard.inspection_id).in_(family))
            .order_by(col(Hazard.found_ms), col(Hazard.id))
            .limit(MOST_OF_ONE)
        ).all()
        with unscoped(session):
            shown = inspection_views(session, [row, *([earlier] if earlier else [])])
            return InspectionDossier(
                inspection=shown[0],
                earlier=shown[1] if earlier else None,
                papers=paper_views(session, papers),
                hazards=hazard_views(session, hazards),
            )


serve_operation(
    router,
    OPEN,
    "/inspections",
    operation_id="openInspection",
    returns=InspectionView,
    created=True,
)
for operation, name in ((ASSIGN, "assign"), (ENTER, "enter"), (CLOSE, "close")):
    serve_operation(
        router,
        operation,
        f"/inspections/{{inspection_id}}/{name}",
        operation_id=f"{name}Inspection",
        returns=InspectionView,
        target="inspection_id",
    )
serve_operation(
    router,
    ESCALATE,
    "/inspections/{inspection_id}/escalate",
    operation_id="escalateInspection",
    returns=InspectionView,
    created=True,
    target="inspection_id",
)


@router.get("/paper-approvals", operation_id="listPaperApprovals")
def list_approvals(who: ViewerDep, ctx: Context, limit: Limit = 100) -> list[PaperView]:
    """List papers that wait for approval, the oldest first."""
    with ctx.store.read(who.viewer) as session:
        return paper_views(session, waiting_for_approval(session, limit))


@router.get("/due-orders", operation_id="listDueOrders")
def list_due(
    who: ViewerDep,
    ctx: Context,
    until: DayQuery = None,
    office_id: Annotated[Name | None, Query()] = None,
    limit: Limit = 200,
) -> list[DueOrderView]:
    """List orders that no review has found done, the longest overdue first."""
    with ctx.store.read(who.viewer) as session:
        return due_orders(session, ctx.clock(), until=until, office_id=office_id, limit=limit)


@router.get("/enterprises/{enterprise_id}/standing", operation_id="getEnterpriseStanding")
def get_standing(
    enterprise_id: Annotated[str, Path(max_length=60)], who: ViewerDep, ctx: Context
) -> EnterpriseStanding:
    """Return visits, open hazards, penalties, and whether article 113 asks for closure."""
    with ctx.store.read(who.viewer) as session:
        if session.get(Enterprise, enterprise_id) is None:
            raise refuse(404, "unknown_enterprise", id=enterprise_id)
        with unscoped(session):
            return standing_of(session, enterprise_id, ctx.clock())


@router.get("/law-periods", operation_id="listLawPeriods")
def list_periods(
    _who: ViewerDep,
    ctx: Context,
    day: Annotated[Day | None, Query(description="Of the event; today where missing.")] = None,
) -> PeriodsView:
    """Propose last days by the calendar: hearing, registered evidence, seizure, payment."""
    # Holidays concern everybody.
    with ctx.store.read() as session:
        kinds = dict(session.exec(select(Holiday.day, Holiday.kind)).all())
    return periods_from(day or local_day(ctx.clock()), kinds)


@router.get("/closure-proposals", operation_id="listClosureProposals")
def list_closures(who: ViewerDep, ctx: Context, limit: Limit = 200) -> list[ClosureProposalView]:
    """List enterprises whose closure is to be considered: article 113, or graded C or D."""
    with ctx.store.read(who.viewer) as session:
        return closure_proposals(session, ctx.clock(), limit)


@router.get("/terminal-coverage", operation_id="listTerminalCoverage")
def list_coverage(who: ViewerDep, ctx: Context) -> list[TerminalCoverageView]:
    """List streets with their officers and enforcement handhelds."""
    # Counts of accounts and officers, no record is shown: whole streets, or none of it.
    with ctx.store.read() as session:
        found = terminal_coverage(session, ctx.clock())
    return [one for one in found if who.viewer.in_area(one.area)]


@router.get(
    "/verify/{paper_id}",
    operation_id="verifyPaper",
    dependencies=[Depends(exempt("who was handed a paper checks it; it tells nothing personal"))],
)
def verify_paper(paper_id: RecordId, request: Request, ctx: Context) -> VerificationView:
    """Tell what a paper is, whether it still stands, and the hash of its bytes."""
    refused = ctx.part(VerificationLimits).admit(source_of(request))
    if refused is not None:
        raise refused
    with ctx.store.read() as session:
        return verify(session, paper_id)
