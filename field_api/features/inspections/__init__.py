"""Inspections: their documents, hazards and numbers."""

from typing import Any

from sqlmodel import Session, col

from field_api.core.blobs.tables import missing_media
from field_api.core.feature import Feature, Timer
from field_api.core.records import Record, RecordKind, Sync
from field_api.core.services import Services
from field_api.features.inspections import hazard_operations as hazards
from field_api.features.inspections import hazard_routes, number_routes, paper_routes, routes
from field_api.features.inspections import inspection_operations as inspections
from field_api.features.inspections import paper_operations as papers
from field_api.features.inspections.issuing import ISSUE, SERVE
from field_api.features.inspections.messages import (
    HazardView,
    InspectionView,
    NumberBlockView,
    PaperView,
)
from field_api.features.inspections.number_blocks import RETURN
from field_api.features.inspections.permissions import (
    INSPECTION_APPROVE,
    INSPECTION_ASSIGN,
    INSPECTION_OPEN,
    INSPECTION_SETUP,
    INSPECTION_VIEW,
    INSPECTION_WORK,
    NUMBERS_VIEW,
)
from field_api.features.inspections.records import (
    block_views,
    hazard_views,
    inspection_views,
    named_media,
    paper_views,
)
from field_api.features.inspections.registers import REGISTERS
from field_api.features.inspections.reminding import remind, shelve, tell_late_approvals
from field_api.features.inspections.tables import Hazard, Inspection, NumberBlock, Paper
from field_api.features.inspections.verification import VerificationLimits

__all__ = ["FEATURE"]


def _missing(_ctx: Services, session: Session, row: Record, _body: dict[str, Any]) -> list[str]:
    named: list[str] = []
    if isinstance(row, Hazard):
        named = named_media(row)
    elif isinstance(row, Paper) and row.content is not None:
        named = [one["sha256"] for one in row.content.get("attachments", [])]
    return missing_media(session, named)


FEATURE = Feature(
    name="inspections",
    about="Inspections, their documents, hazards and numbers",
    routers=(routes.router, paper_routes.router, hazard_routes.router, number_routes.router),
    records=(
        RecordKind(
            topic="inspection",
            table=Inspection,
            view_type=InspectionView,
            views=inspection_views,
            reads=INSPECTION_VIEW,
            incident_column=None,
            sync=Sync.AREA,
            shown=lambda: col(Inspection.shelved).is_(False),
        ),
        RecordKind(
            topic="paper",
            table=Paper,
            view_type=PaperView,
            views=paper_views,
            reads=INSPECTION_VIEW,
            incident_column=None,
            sync=Sync.AREA,
            shown=lambda: col(Paper.shelved).is_(False),
        ),
        RecordKind(
            topic="hazard",
            table=Hazard,
            view_type=HazardView,
            views=hazard_views,
            reads=INSPECTION_VIEW,
            incident_column=None,
            sync=Sync.AREA,
            shown=lambda: col(Hazard.shelved).is_(False),
            shows_media=True,
        ),
        RecordKind(
            topic="number_block",
            table=NumberBlock,
            view_type=NumberBlockView,
            views=block_views,
            reads=NUMBERS_VIEW,
            own_reads=INSPECTION_WORK,
            incident_column=None,
            sync=Sync.OWN,
        ),
    ),
    operations=(
        inspections.OPEN,
        inspections.ASSIGN,
        inspections.ENTER,
        inspections.ESCALATE,
        inspections.CLOSE,
        papers.BEGIN,
        papers.EDIT,
        papers.DECIDE,
        papers.SUBMIT,
        papers.APPROVE,
        papers.DROP,
        ISSUE,
        SERVE,
        hazards.FIND,
        hazards.EDIT_HAZARD,
        hazards.DECIDE_HAZARD,
        hazards.CONFIRM,
        hazards.RECTIFY,
        hazards.CHECK,
        RETURN,
    ),
    permissions=(
        INSPECTION_VIEW,
        INSPECTION_OPEN,
        INSPECTION_WORK,
        INSPECTION_ASSIGN,
        INSPECTION_APPROVE,
        INSPECTION_SETUP,
        NUMBERS_VIEW,
    ),
    registers=REGISTERS,
    parts=(VerificationLimits,),
    timers=(
        Timer("orders that fall due", 60.0, remind),
        Timer("late approvals", 60.0, tell_late_approvals),
        Timer("inspections off the handhelds", 3600.0, shelve),
    ),
    media_missing=_missing,
)
