"""Detections: leads that wait for a named person."""

from sqlalchemy import ColumnElement
from sqlmodel import col, or_

from field_api.contract.messages import Detection
from field_api.core.feature import Feature, NodeMessage
from field_api.core.records import RecordKind
from field_api.features.detections.messages import DetectionView
from field_api.features.detections.permissions import DETECTION_REVIEW, DETECTION_VIEW
from field_api.features.detections.records import (
    detection_views,
    strip_evidence,
    take_detection,
)
from field_api.features.detections.routes import REVIEW, router
from field_api.features.detections.tables import DetectionRecord, DetectionStatus
from field_api.features.incidents.records import of_open_incident

__all__ = ["FEATURE"]


def _shown() -> ColumnElement[bool]:
    """Alerts that wait for review or belong to an open incident."""
    return col(DetectionRecord.duplicate_of).is_(None) & or_(
        col(DetectionRecord.status) == DetectionStatus.OPEN,
        of_open_incident(DetectionRecord.incident_id),
    )


FEATURE = Feature(
    name="detections",
    about="Alerts and their review",
    routers=(router,),
    records=(
        RecordKind(
            topic="detection",
            table=DetectionRecord,
            view_type=DetectionView,
            views=detection_views,
            reads=DETECTION_VIEW,
            shown=_shown,
            # Repeated sightings are inside their alert.
            told=lambda row: row.duplicate_of is None,
        ),
    ),
    operations=(REVIEW,),
    permissions=(DETECTION_VIEW, DETECTION_REVIEW),
    node_messages=(NodeMessage(Detection, take_detection, strip_evidence),),
)
