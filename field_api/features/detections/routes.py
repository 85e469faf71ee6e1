"""Alerts over HTTP, and their review by a named person."""

from typing import Annotated

from fastapi import Depends, Query
from sqlmodel import col, select

from field_api.contract.ids import RecordId
from field_api.core.access import Principal
from field_api.core.errors import refuse
from field_api.core.operation import Call, Operation
from field_api.core.pages import Before, before_id
from field_api.core.routing import Routes, serve_operation
from field_api.core.services import Context, require
from field_api.core.texts import both
from field_api.features.detections.messages import DetectionView, PlaceAlert, ReviewDetection
from field_api.features.detections.permissions import DETECTION_REVIEW, DETECTION_VIEW
from field_api.features.detections.records import detection_views
from field_api.features.detections.tables import DetectionRecord, DetectionStatus

__all__ = ["PLACE", "REVIEW", "router"]

router = Routes(prefix="/detections", tags=["detections"])

ViewerDep = Annotated[Principal, Depends(require(DETECTION_VIEW))]


@router.get("", operation_id="listDetections")
def list_all(
    who: ViewerDep,
    ctx: Context,
    incident_id: Annotated[RecordId | None, Query()] = None,
    status: Annotated[DetectionStatus | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    before: Before = None,
) -> list[DetectionView]:
    """List alerts, newest first; repeated sightings are inside their alert."""
    query = select(DetectionRecord).where(col(DetectionRecord.duplicate_of).is_(None))
    if incident_id is not None:
        query = query.where(DetectionRecord.incident_id == incident_id)
    if status is not None:
        query = query.where(DetectionRecord.status == status)
    order = (col(DetectionRecord.t_ms), col(DetectionRecord.id))
    with ctx.store.read(who.viewer) as session:
        rows = session.exec(before_id(session, query, DetectionRecord, order, before, limit))
        return detection_views(session, rows.all())


@router.get("/{detection_id}", operation_id="getDetection")
def get_one(detection_id: RecordId, who: ViewerDep, ctx: Context) -> DetectionView:
    """Return one alert."""
    with ctx.store.read(who.viewer) as session:
        row = session.get(DetectionRecord, detection_id)
        if row is None:
            raise refuse(404, "unknown_detection")
        return detection_views(session, [row])[0]


def _review(call: Call[ReviewDetection]) -> DetectionRecord:
    """Confirm or reject a lead: only then it counts (行政处罚法 41). A judgement is final."""
    change, body, name = call.change, call.body, call.who.actor.name
    confirmed = body.verdict == "confirm"
    status = DetectionStatus.CONFIRMED if confirmed else DetectionStatus.REJECTED
    row = change.get(DetectionRecord, call.target)
    if confirmed and body.cause is not None:
        raise refuse(422, "cause_of_confirmation", field="cause")
    if row.duplicate_of is not None:
        raise refuse(409, "not_an_alert", alert=row.duplicate_of)
    if row.status is not DetectionStatus.OPEN:
        judged = (row.status, row.reviewed_by, row.review_reason, row.review_cause)
        if judged == (status, name, body.reason, body.cause):
            return row
        raise refuse(409, "already_reviewed", by=row.reviewed_by)
    change.put(row)
    row.status, row.reviewed_by, row.reviewed_ms = status, name, change.t_ms
    row.review_reason, row.review_cause = body.reason, body.cause
    change.record(
        f"detection.{status.value}",
        row.id,
        incident_id=row.incident_id,
        refs={"label": row.label, "stream_id": row.stream_id},
        text="detection.reviewed",
        by=name,
        verdict=both(f"words.verdict.{status.value}"),
        why=body.reason or "",
    )
    return row


REVIEW = Operation("detection.review", DETECTION_REVIEW, ReviewDetection, _review, targeted=True)


def _place(call: Call[PlaceAlert]) -> DetectionRecord:
    """Put an alert that has no place on the map by hand, or correct where a person put it.

    What the camera placed stays there: two places of different origin for one alert mislead.
    """
    change, body, name = call.change, call.body, call.who.actor.name
    row = change.get(DetectionRecord, call.target)
    if row.duplicate_of is not None:
        raise refuse(409, "not_an_alert", alert=row.duplicate_of)
    if row.status is DetectionStatus.REJECTED:
        raise refuse(409, "already_reviewed", by=row.reviewed_by)
    if row.detection.position is not None:
        raise refuse(409, "placed_by_camera")
    asked = (body.lat_deg, body.lon_deg, body.error_m, name)
    if asked == (row.lat_deg, row.lon_deg, row.placed_error_m, row.placed_by):
        change.repeated = True
        return row
    change.put(row)
    row.lat_deg, row.lon_deg, row.placed_error_m, row.placed_by = asked
    row.placed_ms = change.t_ms
    change.record(
        "detection.placed",
        row.id,
        incident_id=row.incident_id,
        refs={"label": row.label, "lat_deg": str(body.lat_deg), "lon_deg": str(body.lon_deg)},
        by=name,
        label=both(f"words.label.{row.label}"),
        lat=body.lat_deg,
        lon=body.lon_deg,
        radius=body.error_m,
    )
    return row


# One that comes out of a queue hours later would move what others have placed since.
PLACE = Operation(
    "detection.place", DETECTION_REVIEW, PlaceAlert, _place, targeted=True, batch=False
)

serve_operation(
    router,
    PLACE,
    "/{detection_id}/place",
    operation_id="placeDetection",
    returns=DetectionView,
    target="detection_id",
)
serve_operation(
    router,
    REVIEW,
    "/{detection_id}/review",
    operation_id="reviewDetection",
    returns=DetectionView,
    target="detection_id",
)
