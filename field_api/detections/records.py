"""Storing detections as they come, and reading them."""

import base64
import binascii
import hashlib
from typing import cast

from sqlmodel import Session, col, select

from field_api.contract.messages import Detection
from field_api.detections.models import (
    DetectionRecord,
    DetectionStatus,
    DetectionView,
    EvidenceView,
)
from field_api.detections.rules import WINDOW_MS, Sighting, alert_of
from field_api.incidents.records import open_places
from field_api.incidents.rules import nearest_open
from field_api.media.files import MediaFiles
from field_api.media.models import Media
from field_api.media.rules import sniff
from field_api.services import Services
from field_api.sorties.records import flying_incident
from field_api.store import Change

__all__ = [
    "EvidenceError",
    "detection_view",
    "list_detections",
    "store_detection",
    "strip_evidence",
]

_LABEL_ZH = {"person": "疑似人员", "smoke": "疑似烟雾"}


class EvidenceError(ValueError):
    """A detection's picture is not what it says."""


def strip_evidence(message: Detection, media: MediaFiles) -> tuple[Detection, list[Media]]:
    """Put a detection's pictures on disk and return it without their bytes.

    Returns:
        The detection and the register rows of its pictures, to be stored with it.

    Raises:
        EvidenceError: broken base64, another hash than named, or not a JPEG.
    """
    stripped = message.model_copy(
        update={
            "evidence": [item.model_copy(update={"data_base64": ""}) for item in message.evidence]
        }
    )
    rows: list[Media] = []
    for item in message.evidence:
        if not item.data_base64 and media.exists(item.sha256):
            continue
        try:
            data = base64.b64decode(item.data_base64, validate=True)
        except (binascii.Error, ValueError):
            raise EvidenceError(f"evidence {item.role}: not base64") from None
        if hashlib.sha256(data).hexdigest() != item.sha256:
            raise EvidenceError(f"evidence {item.role}: the bytes do not match sha256")
        if sniff(data) != item.media_type:
            raise EvidenceError(f"evidence {item.role}: not {item.media_type}")
        media.put(item.sha256, data)
        rows.append(
            Media(
                sha256=item.sha256,
                media_type=item.media_type,
                size_bytes=len(data),
                stored_ms=0,
                stored_by="",
            )
        )
    return stripped, rows


def _sighting(row: DetectionRecord) -> Sighting:
    return Sighting(
        row.id,
        row.label,
        row.stream_id,
        row.track_id,
        row.first_seen_ms,
        row.last_seen_ms,
        row.lat_deg,
        row.lon_deg,
    )


def _alert_for(session: Session, row: DetectionRecord) -> DetectionRecord | None:
    recent = session.exec(
        select(DetectionRecord)
        .where(
            col(DetectionRecord.duplicate_of).is_(None),
            DetectionRecord.label == row.label,
            col(DetectionRecord.last_seen_ms) >= row.first_seen_ms - WINDOW_MS,
        )
        .order_by(col(DetectionRecord.last_seen_ms).desc())
        .limit(500)
    )
    found = alert_of(_sighting(row), (_sighting(other) for other in recent))
    return session.get_one(DetectionRecord, found) if found else None


def _incident_for(ctx: Services, session: Session, message: Detection) -> str | None:
    """Return the open incident a detection belongs to: nearest, else that of the sortie."""
    places = open_places(session)
    if message.position is not None:
        near = nearest_open(
            places,
            message.position.lat_deg,
            message.position.lon_deg,
            ctx.settings.detection_join_m,
        )
        if near is not None:
            return near
    if message.vehicle_id is not None:
        flying = flying_incident(session, message.vehicle_id)
        if flying in {place.id for place in places}:
            return flying
    if message.pose is None:
        return None
    return nearest_open(
        places, message.pose.lat_deg, message.pose.lon_deg, ctx.settings.detection_join_m
    )


def store_detection(
    ctx: Services, change: Change, node_id: str, message: Detection, media: list[Media]
) -> None:
    """Store a stripped detection: as a new alert, or as another sighting of a known one."""
    session = change.session
    for picture in media:
        if session.get(Media, picture.sha256) is None:
            picture.stored_ms, picture.stored_by = change.t_ms, f"node:{node_id}"
            session.add(picture)
            session.flush()
    row = DetectionRecord(
        id=message.id,
        status="open",
        label=message.label,
        stream_id=message.stream_id,
        track_id=message.track_id,
        first_seen_ms=message.first_seen_ms,
        t_ms=message.t_ms,
        last_seen_ms=message.t_ms,
        lat_deg=message.position.lat_deg if message.position else None,
        lon_deg=message.position.lon_deg if message.position else None,
        node_id=node_id,
        received_ms=change.t_ms,
        detection_json=message.model_dump_json(),
    )
    alert = _alert_for(session, row)
    if alert is not None:
        row.duplicate_of, row.incident_id, row.status = alert.id, alert.incident_id, alert.status
        alert.sightings += 1
        alert.last_seen_ms = max(alert.last_seen_ms, message.t_ms)
        session.add(row)
        change.record(
            "detection.sighted",
            row.id,
            f"告警 {alert.id[-6:]} 再次被发现",
            f"Alert {alert.id[-6:]} was seen again",
            refs={"alert_id": alert.id},
        )
    else:
        alert = row
        row.incident_id = _incident_for(ctx, session, message)
        session.add(row)
        where_zh = (
            f",位置 {message.position.lat_deg:.5f}, {message.position.lon_deg:.5f}"
            if message.position
            else ""
        )
        where_en = where_zh.replace(",位置", " at")
        source = message.vehicle_id or message.stream_id
        percent = round(message.confidence * 100)
        change.record(
            "detection.received",
            row.id,
            f"{source} {_LABEL_ZH[message.label]}告警,置信度 {percent}%{where_zh}",
            f"{source}: possible {message.label}, confidence {percent} %{where_en}",
            incident_id=row.incident_id,
            refs={"stream_id": message.stream_id, "label": message.label},
        )
    session.flush()
    view = detection_view(alert)
    change.after_commit(lambda: ctx.live.publish("detection", view))


def detection_view(row: DetectionRecord) -> DetectionView:
    """Return what clients see of an alert."""
    message = Detection.model_validate_json(row.detection_json)
    return DetectionView(
        id=row.id,
        incident_id=row.incident_id,
        status=cast("DetectionStatus", row.status),
        label=message.label,
        confidence=message.confidence,
        t_ms=message.t_ms,
        first_seen_ms=message.first_seen_ms,
        last_seen_ms=row.last_seen_ms,
        received_ms=row.received_ms,
        sightings=row.sightings,
        stream_id=message.stream_id,
        vehicle_id=message.vehicle_id,
        track_id=message.track_id,
        frame_count=message.frame_count,
        pts_90k=message.pts_90k,
        box=message.box,
        position=message.position,
        altitude_amsl_m=message.altitude_amsl_m,
        error_ellipse=message.error_ellipse,
        bearing_deg=message.bearing_deg,
        pose=message.pose,
        model=message.model,
        evidence=[
            EvidenceView(
                role=item.role,
                media_type=item.media_type,
                sha256=item.sha256,
                url=f"/api/v1/media/{item.sha256}",
            )
            for item in message.evidence
        ],
        reviewed_by=row.reviewed_by,
        reviewed_ms=row.reviewed_ms,
        review_reason=row.review_reason,
    )


def list_detections(
    session: Session,
    *,
    incident_id: str | None = None,
    status: DetectionStatus | None = None,
    limit: int = 500,
) -> list[DetectionView]:
    """Return alerts, newest first."""
    query = (
        select(DetectionRecord)
        .where(col(DetectionRecord.duplicate_of).is_(None))
        .order_by(col(DetectionRecord.t_ms).desc(), col(DetectionRecord.id).desc())
        .limit(limit)
    )
    if incident_id is not None:
        query = query.where(DetectionRecord.incident_id == incident_id)
    if status is not None:
        query = query.where(DetectionRecord.status == status)
    return [detection_view(row) for row in session.exec(query)]
