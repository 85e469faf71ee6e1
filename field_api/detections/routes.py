"""Alerts over HTTP, and their review by a named person."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from field_api.accounts.rules import Permission
from field_api.contract.ids import RecordId
from field_api.detections.models import (
    DetectionRecord,
    DetectionStatus,
    DetectionView,
    ReviewDetection,
)
from field_api.detections.records import detection_view, list_detections
from field_api.errors import ApiError
from field_api.services import Context, Principal, ViewerDep, require

__all__ = ["router"]

router = APIRouter(prefix="/detections", tags=["detections"])


def _unknown() -> ApiError:
    return ApiError(404, "unknown_detection", "没有这条告警", "There is no such detection")


@router.get("", operation_id="listDetections")
def list_all(
    _who: ViewerDep,
    ctx: Context,
    incident_id: Annotated[RecordId | None, Query()] = None,
    status: Annotated[DetectionStatus | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 500,
) -> list[DetectionView]:
    """List alerts, newest first; repeated sightings are inside their alert."""
    with ctx.store.read() as session:
        return list_detections(session, incident_id=incident_id, status=status, limit=limit)


@router.get("/{detection_id}", operation_id="getDetection")
def get_one(detection_id: RecordId, _who: ViewerDep, ctx: Context) -> DetectionView:
    """Return one alert."""
    with ctx.store.read() as session:
        row = session.get(DetectionRecord, detection_id)
        if row is None:
            raise _unknown()
        return detection_view(row)


@router.post("/{detection_id}/review", operation_id="reviewDetection")
def review(
    detection_id: RecordId,
    body: ReviewDetection,
    who: Annotated[Principal, Depends(require(Permission.DETECTION_REVIEW))],
    ctx: Context,
) -> DetectionView:
    """Confirm or reject a lead: only then it counts (行政处罚法 41). A judgement is final."""
    status: DetectionStatus = "confirmed" if body.verdict == "confirm" else "rejected"
    with ctx.store.change(who.actor) as change:
        row = change.session.get(DetectionRecord, detection_id)
        if row is None:
            raise _unknown()
        if row.duplicate_of is not None:
            raise ApiError(
                409,
                "not_an_alert",
                f"请审核所属告警 {row.duplicate_of}",
                f"Review its alert {row.duplicate_of} instead",
            )
        if row.status != "open":
            same = row.status == status and row.reviewed_by == who.actor.name
            if same and row.review_reason == body.reason:
                return detection_view(row)
            raise ApiError(
                409,
                "already_reviewed",
                f"已由 {row.reviewed_by} 审核",
                f"Already reviewed by {row.reviewed_by}",
            )
        row.status = status
        row.reviewed_by, row.reviewed_ms = who.actor.name, change.t_ms
        row.review_reason = body.reason
        verdict_zh = "确认" if status == "confirmed" else "排除"
        change.record(
            f"detection.{status}",
            row.id,
            f"{who.actor.name} {verdict_zh}告警。{body.reason or ''}".strip(),
            f"Detection {status} by {who.actor.name}. {body.reason or ''}".strip(),
            incident_id=row.incident_id,
            refs={"label": row.label, "stream_id": row.stream_id},
        )
        view = detection_view(row)
        change.after_commit(lambda: ctx.live.publish("detection", view))
    return view
