"""An alert's pictures taken out of the command post, on record."""

import hashlib
from typing import Annotated

from fastapi import Depends, Response

from field_api.contract.ids import RecordId
from field_api.core.access import Principal
from field_api.core.errors import refuse
from field_api.core.file_bodies import gives
from field_api.core.routing import Routes
from field_api.core.services import Context, require
from field_api.core.texts import both
from field_api.features.detections.evidence_archive import Export, evidence_archive
from field_api.features.detections.messages import ExportEvidence
from field_api.features.detections.permissions import DETECTION_EXPORT
from field_api.features.detections.records import detection_views
from field_api.features.detections.tables import DetectionRecord

__all__ = ["router"]

router = Routes(tags=["detections"])


@router.post(
    "/detections/{detection_id}/evidence",
    operation_id="exportEvidence",
    response_class=Response,
    responses=gives("application/zip"),
)
def export_evidence(
    detection_id: RecordId,
    body: ExportEvidence,
    who: Annotated[Principal, Depends(require(DETECTION_EXPORT))],
    ctx: Context,
) -> Response:
    """Return an alert's pictures with their hashes, model, pose and review as a zip archive.

    Everybody whom the detector saw is made unrecognisable unless `people` says otherwise. Who took
    what out, and what for, stands in the trail before a byte is sent.
    """
    if body.people == "as_taken" and not body.reason:
        raise refuse(422, "export_needs_reason", field="reason")
    with ctx.store.read(who.viewer) as session:
        row = session.get(DetectionRecord, detection_id)
        if row is None:
            raise refuse(404, "unknown_detection")
        shown, message = detection_views(session, [row])[0], row.detection
        removed = row.evidence_removed_ms is not None
    if removed:
        raise refuse(410, "evidence_removed")
    made = evidence_archive(
        shown,
        message,
        ctx.blobs.path,
        Export(body.people, by=who.actor.name, reason=body.reason, t_ms=ctx.clock()),
    )
    with ctx.store.change(who) as change:
        change.record(
            "detection.evidence_exported",
            detection_id,
            incident_id=shown.incident_id,
            refs={"people": body.people, "sha256": hashlib.sha256(made).hexdigest()},
            by=who.actor.name,
            alert=detection_id[-6:],
            how=both(f"words.people.{body.people}"),
            why=body.reason,
        )
    name = f"evidence-{detection_id[-6:]}.zip"
    return Response(
        made,
        media_type="application/zip",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
        },
    )
