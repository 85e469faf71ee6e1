"""The log of false alarms: what was rejected, why, by whom; by camera and day; as CSV."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Annotated, Literal

from fastapi import Depends, Query, Response
from sqlalchemy import ColumnElement, func
from sqlmodel import col, select

from field_api.core.access import Principal
from field_api.core.file_bodies import CSV
from field_api.core.pages import Before, Limit, before_id
from field_api.core.registers.tables import guarded
from field_api.core.routing import Routes
from field_api.core.services import Context, require
from field_api.core.texts import both
from field_api.core.wire import Milliseconds
from field_api.features.detections.messages import FalseAlarmsOfDay, FalseAlarmView
from field_api.features.detections.permissions import DETECTION_REVIEW
from field_api.features.detections.tables import DetectionRecord, DetectionStatus
from field_api.features.detections.triage_rules import BUREAU_OFFSET_MS, DAY_MS

__all__ = ["router"]

router = Routes(tags=["detections"])

MOST_DAYS = 1000
MOST_LINES = 20_000
"""Of one file; a longer span is taken in pieces."""

Since = Annotated[Milliseconds, Query()]
WhoDep = Annotated[Principal, Depends(require(DETECTION_REVIEW))]

_HEADS = {
    "zh": (
        "编号",
        "摄像头",
        "类型",
        "拍摄时间",
        "置信度(%)",
        "否定时间",
        "否定人",
        "原因类别",
        "原因",
    ),
    "en": (
        *("Id", "Camera", "Kind", "Seen", "Confidence (%)", "Rejected", "Rejected by"),
        *("Cause", "Reason"),
    ),
}


def _rejected(since_ms: int, stream_id: str | None) -> tuple[ColumnElement[bool], ...]:
    """Alerts that a person rejected; sightings inside them are not counted again."""
    found = (
        col(DetectionRecord.status) == DetectionStatus.REJECTED,
        col(DetectionRecord.reviewed_ms) >= since_ms,
        col(DetectionRecord.duplicate_of).is_(None),
    )
    return found if stream_id is None else (*found, col(DetectionRecord.stream_id) == stream_id)


def _view(row: DetectionRecord) -> FalseAlarmView:
    return FalseAlarmView(
        id=row.id,
        label=row.detection.label,
        stream_id=row.stream_id,
        vehicle_id=row.detection.vehicle_id,
        t_ms=row.t_ms,
        confidence=row.detection.confidence,
        reviewed_ms=row.reviewed_ms or 0,
        reviewed_by=row.reviewed_by or "",
        reason=row.review_reason or "",
        cause=row.review_cause,
    )


@router.get("/false-alarms", operation_id="listFalseAlarms")
def list_false_alarms(
    who: WhoDep,
    ctx: Context,
    since_ms: Since = 0,
    stream_id: Annotated[str | None, Query(max_length=120)] = None,
    limit: Limit = 100,
    before: Before = None,
) -> list[FalseAlarmView]:
    """List rejected alerts, the last rejected first."""
    query = select(DetectionRecord).where(*_rejected(since_ms, stream_id))
    order = (col(DetectionRecord.reviewed_ms), col(DetectionRecord.id))
    with ctx.store.read(who.viewer) as session:
        rows = session.exec(before_id(session, query, DetectionRecord, order, before, limit))
        return [_view(row) for row in rows.all()]


@router.get("/false-alarms/days", operation_id="countFalseAlarms")
def count_by_day(who: WhoDep, ctx: Context, since_ms: Since) -> list[FalseAlarmsOfDay]:
    """Count rejected alerts by the day on which they were seen and by camera, newest day first."""
    # `//` divides whole numbers in both databases.
    number = (col(DetectionRecord.t_ms) + BUREAU_OFFSET_MS) // DAY_MS
    query = (
        select(number, DetectionRecord.stream_id, func.count())
        .where(*_rejected(since_ms, None))
        .group_by(number, col(DetectionRecord.stream_id))
        .order_by(number.desc(), col(DetectionRecord.stream_id))
        .limit(MOST_DAYS)
    )
    with ctx.store.read(who.viewer) as session:
        found = session.exec(query).all()
    begin = datetime(1970, 1, 1, tzinfo=UTC)
    return [
        FalseAlarmsOfDay(
            day=(begin + timedelta(days=int(number))).date().isoformat(),
            stream_id=stream_id,
            count=count,
        )
        for number, stream_id, count in found
    ]


def _time(t_ms: int) -> str:
    at = datetime.fromtimestamp((t_ms + BUREAU_OFFSET_MS) / 1000, UTC)
    return at.strftime("%Y-%m-%d %H:%M:%S")


@router.get(
    "/false-alarms/file",
    operation_id="exportFalseAlarms",
    response_class=Response,
    responses=CSV,
)
def export(
    who: WhoDep,
    ctx: Context,
    since_ms: Since,
    language: Annotated[Literal["zh", "en"], Query()] = "zh",
) -> Response:
    """Return the log as CSV with the bureau's times, which spreadsheets open as it is."""
    query = select(DetectionRecord).where(*_rejected(since_ms, None))
    query = query.order_by(col(DetectionRecord.reviewed_ms).desc()).limit(MOST_LINES)
    with ctx.store.read(who.viewer) as session:
        lines = [_view(row) for row in session.exec(query)]
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(_HEADS[language])
    for line in lines:
        label = both(f"words.label.{line.label}")
        cause = both(f"words.cause.{line.cause.value}") if line.cause else None
        writer.writerow(
            (
                line.id,
                guarded(line.stream_id),
                label.zh if language == "zh" else label.en,
                _time(line.t_ms),
                round(line.confidence * 100),
                _time(line.reviewed_ms),
                guarded(line.reviewed_by),
                (cause.zh if language == "zh" else cause.en) if cause else "",
                guarded(line.reason),
            )
        )
    with ctx.store.change(who) as change:
        change.record("detection.false_alarms_exported", "", by=who.actor.name, count=len(lines))
    return Response(
        text.getvalue().encode("utf-8-sig", "replace"),
        media_type="text/csv; charset=utf-8",
        headers={
            "Content-Disposition": 'attachment; filename="false-alarms.csv"',
            "Cache-Control": "no-store",
        },
    )
