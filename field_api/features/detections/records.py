"""Storing detections as they come, and reading them."""

import base64
import binascii
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from field_api.contract.alert_merging import WINDOW_MS, Sighting, alert_of
from field_api.contract.messages import Detection, FlightPhase
from field_api.core.blobs.picture import sniff
from field_api.core.blobs.tables import Attachment, add_media, attach
from field_api.core.change import Change
from field_api.core.roles import Actor
from field_api.core.services import Services
from field_api.core.texts import Both, both
from field_api.features.detections.masking import silences
from field_api.features.detections.messages import (
    ClipView,
    DetectionView,
    EvidenceView,
    PlacedView,
)
from field_api.features.detections.tables import (
    CLIP,
    DetectionMask,
    DetectionRecord,
    DetectionStatus,
)
from field_api.features.detections.triage_rules import TAKEN_FOR_MS
from field_api.features.flights.heard import newest_state
from field_api.features.flights.views import AIRBORNE, flying_incident
from field_api.features.incidents.records import open_places
from field_api.features.incidents.rules import nearest_open
from field_api.features.incidents.tables import Incident
from mission_plans.values.plan import GeoPoint

__all__ = [
    "AlertPlace",
    "EvidenceError",
    "detection_views",
    "place_of",
    "strip_evidence",
    "take_detection",
]

SPEAKS_WITHIN_MS = 5000
"""A state this near in time speaks for the moment of a detection."""


SIGMAS_95 = 2.4477
"""Of the ellipse that holds 95 % in two dimensions."""


@dataclass(frozen=True, slots=True)
class AlertPlace:
    """Where an alert is, how far from there it may be, and who says so if no camera does."""

    point: GeoPoint
    error_m: float | None
    placed_by: str | None = None
    placed_ms: int | None = None


def place_of(row: DetectionRecord) -> AlertPlace | None:
    """Return where an alert is, None where it has a direction at most."""
    if row.lat_deg is None or row.lon_deg is None:
        return None
    point = GeoPoint(lat_deg=row.lat_deg, lon_deg=row.lon_deg)
    if row.placed_by is not None:
        return AlertPlace(point, row.placed_error_m, row.placed_by, row.placed_ms)
    ellipse = row.detection.error_ellipse
    return AlertPlace(point, SIGMAS_95 * ellipse.semi_major_m if ellipse else None)


def _placed(row: DetectionRecord) -> PlacedView | None:
    if row.placed_by is None or row.placed_ms is None or row.placed_error_m is None:
        return None
    return PlacedView(by=row.placed_by, t_ms=row.placed_ms, error_m=row.placed_error_m)


class EvidenceError(ValueError):
    """A detection's picture is not what it says."""


def strip_evidence(ctx: Services, message: Detection) -> Detection:
    """Put a detection's pictures on disk and return it without their bytes.

    Raises:
        EvidenceError: broken base64, another hash than named, or not a JPEG.
    """
    for item in message.evidence:
        if not item.data_base64 and ctx.blobs.exists(item.sha256):
            continue
        try:
            data = base64.b64decode(item.data_base64, validate=True)
        except (binascii.Error, ValueError):
            raise EvidenceError(f"evidence {item.role}: not base64") from None
        if hashlib.sha256(data).hexdigest() != item.sha256:
            raise EvidenceError(f"evidence {item.role}: the bytes do not match sha256")
        if sniff(data) != item.media_type:
            raise EvidenceError(f"evidence {item.role}: not {item.media_type}")
        ctx.blobs.put(item.sha256, data)
    evidence = [item.model_copy(update={"data_base64": ""}) for item in message.evidence]
    return message.model_copy(update={"evidence": evidence})


def _sighting(row: DetectionRecord) -> Sighting:
    seen = row.detection
    box, pose, ellipse = seen.box, seen.pose, seen.error_ellipse
    return Sighting(
        row.id,
        row.label,
        row.stream_id,
        row.track_id,
        row.first_seen_ms,
        row.last_seen_ms,
        row.lat_deg,
        row.lon_deg,
        error_m=ellipse.semi_major_m if ellipse else row.placed_error_m or 0.0,
        camera=GeoPoint(lat_deg=pose.lat_deg, lon_deg=pose.lon_deg) if pose else None,
        bearing_deg=seen.bearing_deg,
        box=(box.x, box.y, box.w, box.h),
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
    alerts = {other.id: other for other in recent}
    joined: dict[str, list[DetectionRecord]] = {}
    for other in session.exec(
        select(DetectionRecord).where(
            col(DetectionRecord.duplicate_of).in_(alerts),
            col(DetectionRecord.last_seen_ms) >= row.first_seen_ms - WINDOW_MS,
        )
    ):
        joined.setdefault(other.duplicate_of or "", []).append(other)
    found = alert_of(
        _sighting(row),
        (
            _sighting(alert)
            for alert in alerts.values()
            if _may_be_one(row, (alert, *joined.get(alert.id, ())))
        ),
        {alert_id: [_sighting(other) for other in rows] for alert_id, rows in joined.items()},
    )
    return alerts[found] if found else None


def _may_be_one(row: DetectionRecord, known: Sequence[DetectionRecord]) -> bool:
    """Whether a sighting may belong to an alert, of which all sightings are `known`.

    What follows one of them is of the same alert, also where a person has merged two that their
    node told apart.
    """
    track = (row.node_id, row.stream_id, row.track_id)
    followed = any((each.node_id, each.stream_id, each.track_id) == track for each in known)
    return followed or not any(_told_apart(row, each) for each in known)


def _told_apart(row: DetectionRecord, other: DetectionRecord) -> bool:
    """Whether the node that saw both people says that they are two.

    It knows how long each was in its picture, which is told nobody; had they been one, it would
    have reported one.
    """
    same_stream = (row.node_id, row.stream_id) == (other.node_id, other.stream_id)
    return row.label == "person" and same_stream and row.track_id != other.track_id


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


def _unwanted(ctx: Services, session: Session, message: Detection) -> str | None:
    """Why what an aircraft saw is nobody's alert; None where it is one.

    On the ground with its motors off its camera looks along the ground: sheds, people at work and
    dust. Outside a sortie it is being tried, moved or landed. What is not known for certain is no
    reason to keep silent: only the state of that moment speaks.
    """
    if message.vehicle_id is None:
        return None
    state = newest_state(ctx, message.vehicle_id)
    if state is None or abs(state.t_ms - message.t_ms) > SPEAKS_WITHIN_MS:
        return None
    if not state.armed:
        return "on_ground" if state.phase == FlightPhase.GROUND else None
    on_sortie = state.sortie_state in AIRBORNE or flying_incident(session, message.vehicle_id)
    return None if on_sortie else "outside_sortie"


def _mask_over(change: Change, message: Detection) -> DetectionMask | None:
    query = select(DetectionMask).where(
        DetectionMask.label == message.label,
        col(DetectionMask.ended_ms).is_(None),
        col(DetectionMask.until_ms) > change.t_ms,
    )
    masks = change.session.exec(query.order_by(col(DetectionMask.made_ms)))
    return next((mask for mask in masks if silences(mask, message, change.t_ms)), None)


def _keep_silenced(change: Change, row: DetectionRecord, mask: DetectionMask) -> None:
    """Keep a sighting at a masked spot with the alert that was rejected there.

    It does not keep that alert alive: once the mask is lifted the next sighting is an alert.
    """
    alert = change.session.get_one(DetectionRecord, mask.detection_id)
    row.duplicate_of, row.incident_id = alert.id, alert.incident_id
    row.area, row.status = alert.area, DetectionStatus.REJECTED
    change.create(row)
    change.put(mask)
    mask.silenced += 1
    mask.last_silenced_ms, mask.last_silenced_id = row.t_ms, row.id
    change.record(
        "detection.silenced",
        row.id,
        refs={"mask_id": mask.id, "alert_id": alert.id},
        source=row.detection.vehicle_id or row.stream_id,
        label=both(f"words.label.{row.label}"),
        by=mask.made_by,
    )


def take_detection(ctx: Services, change: Change, node_id: str, message: Detection) -> None:
    """Store a stripped detection: as a new alert, or as another sighting of a known one.

    What an aircraft on the ground or outside a sortie sees is only noted.
    """
    session = change.session
    if reason := _unwanted(ctx, session, message):
        change.record(
            f"detection.{reason}",
            message.id,
            refs={"stream_id": message.stream_id, "label": message.label},
            source=message.vehicle_id or message.stream_id,
            label=both(f"words.label.{message.label}"),
        )
        return
    author = Actor(f"node:{node_id}", node_id, "")
    for item in message.evidence:
        size = ctx.blobs.path(item.sha256).stat().st_size
        add_media(change, item.sha256, item.media_type, size, author)
        attach(change, item.sha256, "detection", message.id, role=item.role, t_ms=message.t_ms)
    row = DetectionRecord(
        id=message.id,
        status=DetectionStatus.OPEN,
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
        detection=message,
    )
    if (mask := _mask_over(change, message)) is not None:
        _keep_silenced(change, row, mask)
        return
    alert = _alert_for(session, row)
    if alert is not None:
        row.duplicate_of, row.incident_id = alert.id, alert.incident_id
        row.area, row.status = alert.area, alert.status
        change.put(alert)
        alert.sightings += 1
        alert.last_seen_ms = max(alert.last_seen_ms, message.t_ms)
        change.create(row)
        change.record("detection.sighted", row.id, refs={"alert_id": alert.id}, alert=alert.id[-6:])
        return
    row.incident_id = _incident_for(ctx, session, message)
    incident = session.get(Incident, row.incident_id) if row.incident_id else None
    row.area = incident.area if incident else ""
    change.create(row)
    where = Both("", "")
    if message.position:
        place = message.position
        where = both("words.at_place", lat=place.lat_deg, lon=place.lon_deg)
    change.record(
        "detection.received",
        row.id,
        incident_id=row.incident_id,
        refs={"stream_id": message.stream_id, "label": message.label},
        source=message.vehicle_id or message.stream_id,
        label=both(f"words.label.{message.label}"),
        percent=round(message.confidence * 100),
        where=where,
    )


def _clips(session: Session, ids: Sequence[str]) -> dict[str, ClipView]:
    """The films of alerts, by the alert's id."""
    query = select(Attachment).where(
        Attachment.topic == "detection", col(Attachment.record_id).in_(ids), Attachment.role == CLIP
    )
    return {
        row.record_id: ClipView(
            sha256=row.sha256, url=f"/api/v1/media/{row.sha256}", begins_ms=row.t_ms or 0
        )
        for row in session.exec(query)
    }


def detection_views(session: Session, rows: Sequence[DetectionRecord]) -> list[DetectionView]:
    """Return what clients see of alerts."""
    clips = _clips(session, [row.id for row in rows])
    views: list[DetectionView] = []
    for row in rows:
        message, place = row.detection, place_of(row)
        views.append(
            DetectionView(
                id=row.id,
                version=row.version,
                area=row.area,
                incident_id=row.incident_id,
                status=row.status,
                label=message.label,
                confidence=message.confidence,
                t_ms=message.t_ms,
                first_seen_ms=message.first_seen_ms,
                last_seen_ms=row.last_seen_ms,
                received_ms=row.received_ms,
                sightings=row.sightings,
                duplicate_of=row.duplicate_of,
                stream_id=message.stream_id,
                vehicle_id=message.vehicle_id,
                track_id=message.track_id,
                frame_count=message.frame_count,
                pts_90k=message.pts_90k,
                box=message.box,
                position=place.point if place else None,
                placed=_placed(row),
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
                    if row.evidence_removed_ms is None
                ],
                clip=clips.get(row.id),
                evidence_removed_ms=row.evidence_removed_ms,
                taken_by=row.taken_by,
                taken_until_ms=row.taken_ms + TAKEN_FOR_MS if row.taken_ms else None,
                snoozed_until_ms=row.snoozed_until_ms,
                snoozed_by=row.snoozed_by,
                merged_by=row.merged_by,
                merged_ms=row.merged_ms,
                reviewed_by=row.reviewed_by,
                reviewed_ms=row.reviewed_ms,
                review_reason=row.review_reason,
                review_cause=row.review_cause,
            )
        )
    return views
