"""Masking the spot of a rejected alert, lifting the mask, and its end."""

from sqlmodel import col, select

from field_api.core.errors import refuse
from field_api.core.operation import Call, Operation
from field_api.core.roles import SYSTEM
from field_api.core.services import Services
from field_api.core.texts import Both, both
from field_api.core.wire import digest
from field_api.features.detections.masking import LIMITS, grown
from field_api.features.detections.messages import LiftMask, MaskSpot
from field_api.features.detections.permissions import DETECTION_MASK
from field_api.features.detections.tables import DetectionMask, DetectionRecord, DetectionStatus

__all__ = ["LIFT", "MASK", "end_masks"]

HOUR_MS = 3_600_000


def _mask(call: Call[MaskSpot]) -> DetectionMask:
    """Silence further alerts of the same kind at the spot of a rejected one, for a time.

    By its place on the ground where that is known, else by the part of a fixed camera's picture.
    """
    change, body = call.change, call.body
    known = change.known(DetectionMask, body, body.id, detection_id=call.target)
    if known is not None:
        return known
    alert = change.get(DetectionRecord, call.target)
    if alert.duplicate_of is not None:
        raise refuse(409, "not_an_alert", alert=alert.duplicate_of)
    if alert.status is not DetectionStatus.REJECTED:
        raise refuse(409, "mask_needs_rejection")
    limits = LIMITS[alert.label]
    if body.hours is not None and body.hours > limits.most_h:
        raise refuse(422, "mask_too_long", field="hours", most=round(limits.most_h))
    if body.radius_m is not None and body.radius_m > limits.most_m:
        raise refuse(422, "mask_too_wide", field="radius_m", most=round(limits.most_m))
    there = select(DetectionMask).where(
        DetectionMask.detection_id == alert.id,
        col(DetectionMask.ended_ms).is_(None),
        col(DetectionMask.until_ms) > change.t_ms,
    )
    if (other := change.session.exec(there.limit(1)).first()) is not None:
        raise refuse(409, "already_masked", by=other.made_by)
    hours = body.hours or limits.usual_h
    row = DetectionMask(
        id=body.id,
        area=alert.area,
        request_sha256=digest(body),
        detection_id=alert.id,
        label=alert.label,
        stream_id=alert.stream_id,
        reason=body.reason or alert.review_reason or "",
        made_ms=change.t_ms,
        made_by=call.who.actor.name,
        until_ms=change.t_ms + round(hours * HOUR_MS),
    )
    if alert.lat_deg is not None and alert.lon_deg is not None:
        row.lat_deg, row.lon_deg = alert.lat_deg, alert.lon_deg
        row.radius_m = body.radius_m or limits.usual_m
    elif alert.detection.vehicle_id is None:
        row.region = grown(alert.detection.box)
    else:
        # The same part of a flying camera's picture is another place at every moment.
        raise refuse(409, "mask_needs_place")
    change.create(row)
    change.record(
        "detection_mask.made",
        row.id,
        incident_id=alert.incident_id,
        refs={"detection_id": alert.id, "label": row.label, "until_ms": str(row.until_ms)},
        by=row.made_by,
        label=both(f"words.label.{row.label}"),
        spot=_spot(row),
        hours=round(hours, 1),
        why=row.reason,
    )
    return row


def _spot(row: DetectionMask) -> Both:
    if row.lat_deg is None or row.lon_deg is None or row.radius_m is None:
        return both("words.spot_in_picture", stream=row.stream_id)
    return both("words.spot_on_ground", lat=row.lat_deg, lon=row.lon_deg, radius=row.radius_m)


def _lift(call: Call[LiftMask]) -> DetectionMask:
    """End a mask before its time: what is reported from now on is an alert again."""
    change, name = call.change, call.who.actor.name
    row = change.get(DetectionMask, call.target)
    if row.ended_ms is not None and row.ended_by == name:
        change.repeated = True
        return row
    if row.ended_ms is not None or change.t_ms >= row.until_ms:
        raise refuse(409, "mask_ended")
    change.put(row)
    row.ended_ms, row.ended_by = change.t_ms, name
    change.record(
        "detection_mask.lifted",
        row.id,
        refs={"detection_id": row.detection_id, "label": row.label},
        by=name,
        label=both(f"words.label.{row.label}"),
        spot=_spot(row),
        why=call.body.reason,
    )
    return row


def end_masks(ctx: Services) -> int:
    """End the masks whose time is over, so that lists and screens drop them; return how many."""
    over = select(DetectionMask).where(
        col(DetectionMask.ended_ms).is_(None), col(DetectionMask.until_ms) <= ctx.clock()
    )
    with ctx.store.read() as session:
        if session.exec(over.limit(1)).first() is None:
            return 0
    with ctx.store.change(SYSTEM) as change:
        rows = change.session.exec(over.limit(200)).all()
        for row in rows:
            change.put(row)
            row.ended_ms = row.until_ms
            change.record(
                "detection_mask.ended",
                row.id,
                refs={"detection_id": row.detection_id, "label": row.label},
                label=both(f"words.label.{row.label}"),
                spot=_spot(row),
                count=row.silenced,
            )
        return len(rows)


# A mask that comes out of a handheld's queue hours later would silence what nobody meant.
MASK = Operation(
    "detection.mask",
    DETECTION_MASK,
    MaskSpot,
    _mask,
    makes=DetectionMask,
    targeted=True,
    batch=False,
)
LIFT = Operation("detection_mask.lift", DETECTION_MASK, LiftMask, _lift, targeted=True, batch=False)
