"""Full-process recordings of inspections: sound or video in chained pieces."""

from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from field_api.core.blobs.tables import missing_of_body
from field_api.core.feature import Feature
from field_api.core.records import Record, RecordKind, Sync
from field_api.core.services import Services
from field_api.features.inspections.permissions import INSPECTION_VIEW, INSPECTION_WORK
from field_api.features.inspections.tables import Inspection
from field_api.features.recordings.messages import RecordingView
from field_api.features.recordings.operations import ADD, BEGIN, END
from field_api.features.recordings.records import recording_views
from field_api.features.recordings.routes import router
from field_api.features.recordings.tables import Recording

__all__ = ["FEATURE"]


def _shown() -> ColumnElement[bool]:
    """Those of inspections that handhelds still keep."""
    kept = select(Inspection.id).where(col(Inspection.shelved).is_(False))
    return col(Recording.inspection_id).in_(kept)


def _missing(_ctx: Services, session: Session, row: Record, body: dict[str, Any]) -> list[str]:
    return missing_of_body(session, body) if isinstance(row, Recording) else []


FEATURE = Feature(
    name="recordings",
    about="Full-process recordings of inspections",
    routers=(router,),
    records=(
        RecordKind(
            topic="recording",
            table=Recording,
            view_type=RecordingView,
            views=recording_views,
            reads=INSPECTION_VIEW,
            own_reads=INSPECTION_WORK,
            incident_column=None,
            sync=Sync.OWN,
            shown=_shown,
            shows_media=True,
        ),
    ),
    operations=(BEGIN, ADD, END),
    media_missing=_missing,
)
