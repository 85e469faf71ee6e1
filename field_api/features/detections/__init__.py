"""Detections: leads that wait for a named person."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, or_

from field_api.contract.messages import Detection
from field_api.core.feature import Feature, NodeMessage, Timer
from field_api.core.records import RecordKind
from field_api.features.detections import export_routes, false_alarms, mask_routes, triage
from field_api.features.detections.mask_operations import LIFT, MASK, end_masks
from field_api.features.detections.messages import DetectionView, MaskView
from field_api.features.detections.permissions import (
    DETECTION_EXPORT,
    DETECTION_MASK,
    DETECTION_MASK_VIEW,
    DETECTION_REVIEW,
    DETECTION_VIEW,
)
from field_api.features.detections.records import (
    detection_views,
    strip_evidence,
    take_detection,
)
from field_api.features.detections.retention import remove_old_evidence
from field_api.features.detections.routes import PLACE, REVIEW, router
from field_api.features.detections.tables import DetectionMask, DetectionRecord, DetectionStatus
from field_api.features.detections.triage import MERGE, RELEASE, SNOOZE, TAKE
from field_api.features.incidents.records import of_open_incident

__all__ = ["FEATURE"]


def _shown() -> ColumnElement[bool]:
    """Alerts that wait for review or belong to an open incident."""
    return col(DetectionRecord.duplicate_of).is_(None) & or_(
        col(DetectionRecord.status) == DetectionStatus.OPEN,
        of_open_incident(DetectionRecord.incident_id),
    )


def _mask_views(_session: Session, rows: Sequence[DetectionMask]) -> list[MaskView]:
    return [MaskView.model_validate(row) for row in rows]


FEATURE = Feature(
    name="detections",
    about="Alerts and their review",
    routers=(
        router,
        triage.router,
        mask_routes.router,
        export_routes.router,
        false_alarms.router,
    ),
    records=(
        RecordKind(
            topic="detection",
            table=DetectionRecord,
            view_type=DetectionView,
            views=detection_views,
            reads=DETECTION_VIEW,
            shown=_shown,
            # Repeated sightings are inside their alert; that one was merged has to be told.
            told=lambda row: row.duplicate_of is None or row.merged_by is not None,
        ),
        RecordKind(
            topic="detection_mask",
            table=DetectionMask,
            view_type=MaskView,
            views=_mask_views,
            reads=DETECTION_MASK_VIEW,
            incident_column=None,
            shown=lambda: col(DetectionMask.ended_ms).is_(None),
        ),
    ),
    operations=(PLACE, REVIEW, TAKE, RELEASE, SNOOZE, MERGE, MASK, LIFT),
    permissions=(
        DETECTION_VIEW,
        DETECTION_REVIEW,
        DETECTION_MASK,
        DETECTION_MASK_VIEW,
        DETECTION_EXPORT,
    ),
    timers=(
        Timer("masks whose time is over", 30.0, end_masks),
        Timer("pictures of alerts whose time is over", 3600.0, remove_old_evidence),
    ),
    node_messages=(NodeMessage(Detection, take_detection, strip_evidence),),
)
