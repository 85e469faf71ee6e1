"""Pictures of rejected alerts are deleted when their time is over; their hashes stay on record."""

from sqlalchemy import func
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from field_api.core.blobs.tables import Attachment, Media
from field_api.core.change import Change
from field_api.core.roles import SYSTEM
from field_api.core.services import Services
from field_api.features.detections.tables import CLIP, DetectionRecord, DetectionStatus

__all__ = ["remove_old_evidence"]

DAY_MS = 24 * 3_600_000
AT_ONCE = 200


def remove_old_evidence(ctx: Services) -> int:
    """Delete pictures of alerts that were rejected long ago, and of their sightings.

    What was confirmed, or still waits for a person, is kept; so is a picture that something else
    shows too. Returns how many alerts and sightings lost their pictures.
    """
    alert = aliased(DetectionRecord)
    owner = func.coalesce(DetectionRecord.duplicate_of, DetectionRecord.id)
    old = (
        select(DetectionRecord)
        .join(alert, col(alert.id) == owner)
        .where(
            col(DetectionRecord.t_ms)
            < ctx.clock() - ctx.settings.keep_rejected_evidence_days * DAY_MS,
            col(DetectionRecord.evidence_removed_ms).is_(None),
            col(alert.status) == DetectionStatus.REJECTED,
        )
    )
    with ctx.store.read() as session:
        if session.exec(old.limit(1)).first() is None:
            return 0
    with ctx.store.change(SYSTEM) as change:
        rows = change.session.exec(old.limit(AT_ONCE)).all()
        gone: set[str] = set()
        for row in rows:
            change.put(row)
            row.evidence_removed_ms = change.t_ms
            films = select(Attachment.sha256).where(
                Attachment.topic == "detection",
                Attachment.record_id == row.id,
                Attachment.role == CLIP,
            )
            taken = [item.sha256 for item in row.detection.evidence]
            for sha256 in (*taken, *change.session.exec(films).all()):
                if _detached(change, sha256, row.id):
                    gone.add(sha256)
        change.record("detection.evidence_removed", "", count=len(rows), pictures=len(gone))
        # Before the commit: where this ends in between, the next run finds the rows and goes on;
        # the other way round a picture would stay on disk that nobody knows of.
        for sha256 in gone:
            ctx.blobs.remove(sha256)
        return len(rows)


def _detached(change: Change, sha256: str, detection_id: str) -> bool:
    """Untie a picture from an alert; whether nothing else shows it, so that it goes."""
    session = change.session
    own = session.get(Attachment, (sha256, "detection", detection_id))
    if own is not None:
        session.delete(own)
        session.flush()
    others = select(Attachment).where(Attachment.sha256 == sha256).limit(1)
    if session.exec(others).first() is not None:
        return False
    media = session.get(Media, sha256)
    if media is not None:
        session.delete(media)
        session.flush()
    return True
