"""Alerts among several operators: who looks at which, what waits, which two are one."""

from sqlmodel import col, select

from field_api.core.change import Change
from field_api.core.errors import refuse
from field_api.core.operation import Call, Operation
from field_api.core.routing import Routes, serve_operation
from field_api.core.texts import both
from field_api.features.detections.messages import (
    DetectionView,
    MergeAlerts,
    ReleaseAlert,
    SnoozeAlert,
    TakeAlert,
)
from field_api.features.detections.permissions import DETECTION_REVIEW
from field_api.features.detections.tables import DetectionRecord, DetectionStatus
from field_api.features.detections.triage_rules import (
    RENEW_AFTER_MS,
    taken_by_other,
    why_not_merge,
)

__all__ = ["MERGE", "RELEASE", "SNOOZE", "TAKE", "router"]

router = Routes(prefix="/detections", tags=["detections"])


def _open(change: Change, alert_id: str) -> DetectionRecord:
    row = change.get(DetectionRecord, alert_id)
    if row.duplicate_of is not None:
        raise refuse(409, "not_an_alert", alert=row.duplicate_of)
    if row.status is not DetectionStatus.OPEN:
        raise refuse(409, "already_reviewed", by=row.reviewed_by)
    return row


def _take(call: Call[TakeAlert]) -> DetectionRecord:
    """Say that one is looking at an alert, and again while one goes on; others see it at once.

    It keeps nobody from judging: an alert is never locked behind somebody who went away.
    """
    change, name = call.change, call.who.actor.name
    row = _open(change, call.target)
    if taken_by_other(row.taken_by, row.taken_ms, name, change.t_ms):
        raise refuse(409, "alert_is_taken", by=row.taken_by or "")
    fresh = row.taken_ms is not None and change.t_ms - row.taken_ms < RENEW_AFTER_MS
    if row.taken_by == name and fresh:
        change.repeated = True
        return row
    change.put(row)
    row.taken_by, row.taken_ms = name, change.t_ms
    change.record("detection.taken", row.id, by=name, alert=row.id[-6:])
    return row


def _release(call: Call[ReleaseAlert]) -> DetectionRecord:
    """Let an alert go that one has taken; one that is not one's own stays as it is."""
    change, name = call.change, call.who.actor.name
    row = change.get(DetectionRecord, call.target)
    if row.taken_by != name or row.taken_ms is None:
        change.repeated = True
        return row
    change.put(row)
    row.taken_by = row.taken_ms = None
    change.record("detection.released", row.id, by=name, alert=row.id[-6:])
    return row


def _snooze(call: Call[SnoozeAlert]) -> DetectionRecord:
    """Put an open alert aside for some minutes; it comes back by itself, for everybody."""
    change, body, name = call.change, call.body, call.who.actor.name
    row = _open(change, call.target)
    change.put(row)
    row.taken_by = row.taken_ms = None
    if body.minutes == 0:
        row.snoozed_until_ms = row.snoozed_by = None
        change.record(
            "detection.unsnoozed",
            row.id,
            incident_id=row.incident_id,
            by=name,
            label=both(f"words.label.{row.label}"),
        )
        return row
    row.snoozed_until_ms, row.snoozed_by = change.t_ms + body.minutes * 60_000, name
    change.record(
        "detection.snoozed",
        row.id,
        incident_id=row.incident_id,
        by=name,
        label=both(f"words.label.{row.label}"),
        minutes=body.minutes,
    )
    return row


def _merge(call: Call[MergeAlerts]) -> DetectionRecord:
    """Join an open alert to another one; all sightings of both stay, one alert stands for them."""
    change, body, name = call.change, call.body, call.who.actor.name
    row = change.get(DetectionRecord, call.target)
    into = change.get(DetectionRecord, body.into_id, field="into_id")
    if row.merged_by is not None and row.duplicate_of == into.id:
        change.repeated = True
        return into
    if row.id == into.id:
        raise refuse(409, "merge_itself", field="into_id")
    for each in (row, into):
        if each.duplicate_of is not None:
            raise refuse(409, "not_an_alert", alert=each.duplicate_of)
    if why := why_not_merge(row.label, into.label, row.status, into.status):
        raise refuse(409, why, field="into_id")
    query = select(DetectionRecord).where(col(DetectionRecord.duplicate_of) == row.id)
    for sighting in change.session.exec(query).all():
        change.put(sighting)
        sighting.duplicate_of, sighting.incident_id = into.id, into.incident_id
    change.put(row)
    row.duplicate_of, row.merged_by, row.merged_ms = into.id, name, change.t_ms
    row.taken_by = row.taken_ms = row.snoozed_until_ms = row.snoozed_by = None
    change.put(into)
    into.sightings += row.sightings
    into.first_seen_ms = min(into.first_seen_ms, row.first_seen_ms)
    into.last_seen_ms = max(into.last_seen_ms, row.last_seen_ms)
    change.record(
        "detection.merged",
        into.id,
        incident_id=into.incident_id,
        refs={"joined": row.id},
        by=name,
        label=both(f"words.label.{row.label}"),
        alert=row.id[-6:],
        into=into.id[-6:],
    )
    return into


# None of these means anything hours later, out of a handheld's queue.
TAKE = Operation("detection.take", DETECTION_REVIEW, TakeAlert, _take, targeted=True, batch=False)
RELEASE = Operation(
    "detection.release", DETECTION_REVIEW, ReleaseAlert, _release, targeted=True, batch=False
)
SNOOZE = Operation(
    "detection.snooze", DETECTION_REVIEW, SnoozeAlert, _snooze, targeted=True, batch=False
)
MERGE = Operation(
    "detection.merge", DETECTION_REVIEW, MergeAlerts, _merge, targeted=True, batch=False
)

for operation, name in ((TAKE, "take"), (RELEASE, "release"), (SNOOZE, "snooze"), (MERGE, "merge")):
    serve_operation(
        router,
        operation,
        f"/{{detection_id}}/{name}",
        operation_id=f"{name}Detection",
        returns=DetectionView,
        target="detection_id",
    )
