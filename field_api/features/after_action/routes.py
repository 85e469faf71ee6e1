"""An incident's records taken out of the command post, on record."""

import hashlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Annotated

from fastapi import Depends, Response
from fastapi.responses import StreamingResponse
from sqlmodel import Session, select

from field_api.contract.ids import RecordId
from field_api.core.access import Principal
from field_api.core.blobs.tables import Media
from field_api.core.errors import refuse
from field_api.core.file_bodies import gives
from field_api.core.routing import Routes
from field_api.core.services import Context, Services, require
from field_api.features.after_action.messages import TakePackage
from field_api.features.after_action.package import Taken, write_package
from field_api.features.after_action.permissions import INCIDENT_PACKAGE
from field_api.features.footage.exports import export_path
from field_api.features.footage.tables import FootageExport
from field_api.features.incidents.records import get_incident

__all__ = ["router"]

router = Routes(prefix="/incidents", tags=["incidents"])


@router.post(
    "/{incident_id}/package",
    operation_id="takeIncidentPackage",
    response_class=StreamingResponse,
    responses=gives("application/zip"),
)
def take_package(
    incident_id: RecordId,
    body: TakePackage,
    who: Annotated[Principal, Depends(require(INCIDENT_PACKAGE))],
    ctx: Context,
) -> Response:
    """Return all that is known of an incident as a zip archive that proves itself.

    Who took it, why, and the head of the trail in it stand in the trail before a byte is sent; that
    head is also in the answer's `X-Trail-Head`, to be noted elsewhere.
    """
    with ctx.store.read(who.viewer) as session:
        get_incident(session, incident_id)
    if ctx.disk.low:
        raise refuse(507, "package_disk_low")
    # On the disk, not in memory: an incident's films may be larger than that. Without a name, so
    # that nothing stays behind, whatever ends this process.
    out = tempfile.TemporaryFile(dir=ctx.settings.data_dir)  # noqa: SIM115 - sent afterwards
    try:
        taken = Taken(incident_id, who.actor.name, ctx.clock(), body.reason)
        with ctx.store.read() as session:
            manifest = write_package(out, session, _Files(ctx, session, incident_id), taken)
        size_bytes = out.tell()
        out.seek(0)
        sha256 = hashlib.file_digest(out, "sha256").hexdigest()
        head = str(manifest["trail"]["head"])
        with ctx.store.change(who) as change:
            change.record(
                "incident.packaged",
                incident_id,
                incident_id=incident_id,
                refs={"sha256": sha256, "head": head},
                by=who.actor.name,
                short=sha256[:12],
                why=body.reason,
            )
    except BaseException:
        out.close()
        raise
    return StreamingResponse(
        _pieces(out),
        media_type="application/zip",
        headers={
            "Cache-Control": "no-store",
            "Content-Disposition": f'attachment; filename="incident-{incident_id[-6:]}.zip"',
            "Content-Length": str(size_bytes),
            "X-Sha256": sha256,
            "X-Trail-Head": head,
        },
    )


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while data := file.read(1 << 20):
            yield data


class _Files:
    """Where files of a hash are: stored ones, and footage that was taken out."""

    def __init__(self, ctx: Services, session: Session, incident_id: str) -> None:
        self._ctx, self._session = ctx, session
        out = session.exec(select(FootageExport).where(FootageExport.incident_id == incident_id))
        folder = ctx.settings.footage_dir
        self._footage = {row.sha256: export_path(folder, row.id, row.kind) for row in out}

    def __call__(self, sha256: str) -> Path | None:
        if sha256 in self._footage:
            return self._footage[sha256]
        known = self._session.get(Media, sha256) is not None
        return self._ctx.blobs.path(sha256) if known else None
