"""Quick reports from the field, and calls for help."""

from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import Session, col

from field_api.core.blobs.tables import missing_media
from field_api.core.feature import Feature, Timer
from field_api.core.records import Record, RecordKind, Sync
from field_api.core.services import Services
from field_api.features.field_reports.messages import FieldReportView, SosView
from field_api.features.field_reports.permissions import (
    REPORT_ANSWER,
    REPORT_OWN,
    REPORT_SEND,
    REPORT_VIEW,
    SOS_END,
    SOS_SEND,
)
from field_api.features.field_reports.records import named_media, report_views, sos_views
from field_api.features.field_reports.report_operations import ACCEPT, FILE, QUICK
from field_api.features.field_reports.routes import router
from field_api.features.field_reports.shelving import shelve
from field_api.features.field_reports.sos_operations import CANCEL, RAISE
from field_api.features.field_reports.tables import FieldReport, Sos
from field_api.features.positions.permissions import POSITION_OWN, POSITION_VIEW

__all__ = ["FEATURE"]


def _reports_shown() -> ColumnElement[bool]:
    """Those that wait for the desk, and the answered until their reporter has heard."""
    return col(FieldReport.shelved).is_(False)


def _sos_shown() -> ColumnElement[bool]:
    return col(Sos.shelved).is_(False)


def _missing(_ctx: Services, session: Session, row: Record, _body: dict[str, Any]) -> list[str]:
    if not isinstance(row, FieldReport):
        return []
    return missing_media(session, named_media(row))


FEATURE = Feature(
    name="field_reports",
    about="Quick reports from the field, and calls for help",
    routers=(router,),
    records=(
        RecordKind(
            topic="field_report",
            table=FieldReport,
            view_type=FieldReportView,
            views=report_views,
            reads=REPORT_VIEW,
            own_reads=REPORT_OWN,
            sync=Sync.OWN,
            shown=_reports_shown,
            shows_media=True,
        ),
        RecordKind(
            topic="sos",
            table=Sos,
            view_type=SosView,
            views=sos_views,
            reads=POSITION_VIEW,
            own_reads=POSITION_OWN,
            incident_column=None,
            sync=Sync.OWN,
            shown=_sos_shown,
        ),
    ),
    operations=(QUICK, ACCEPT, FILE, RAISE, CANCEL),
    permissions=(REPORT_VIEW, REPORT_OWN, REPORT_SEND, REPORT_ANSWER, SOS_SEND, SOS_END),
    timers=(Timer("answered reports off the handhelds", 3600.0, shelve),),
    media_missing=_missing,
)
