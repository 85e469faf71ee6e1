"""Taking footage out: a file, its manifest, and a line in the audit trail."""

import hashlib
import os
from pathlib import Path

from field_api.core.access import Principal
from field_api.core.errors import refuse
from field_api.core.services import Services
from field_api.core.texts import both
from field_api.core.wire import digest
from field_api.features.footage.beside import at_time
from field_api.features.footage.clips import ClipError, write_clip
from field_api.features.footage.finding import (
    file_at,
    gaps_of,
    moments_of,
    read_file,
    sources,
)
from field_api.features.footage.folder import EXPORTS
from field_api.features.footage.index import FootageIndex
from field_api.features.footage.messages import FootageExportView, FootageManifest, TakeFootageOut
from field_api.features.footage.stills import StillError, still
from field_api.features.footage.tables import ExportKind, FootageExport
from field_api.features.footage.tidying import FootageRoom
from field_api.features.incidents.tables import Incident
from field_api.features.roster.tables import Vehicle

__all__ = ["MEDIA_TYPES", "export_path", "manifest_path", "take_out"]

MEDIA_TYPES = {
    ExportKind.STILL: ("image/jpeg", "jpg"),
    ExportKind.CLIP: ("video/mp4", "mp4"),
    ExportKind.KLV: ("video/mp2t", "ts"),
}


def export_path(root: Path, export_id: str, kind: ExportKind) -> Path:
    """Return where something taken out lies."""
    return root / EXPORTS / f"{export_id}.{MEDIA_TYPES[kind][1]}"


def manifest_path(root: Path, export_id: str) -> Path:
    """Return where its manifest lies."""
    return root / EXPORTS / f"{export_id}.json"


def take_out(ctx: Services, who: Principal, body: TakeFootageOut) -> tuple[FootageExportView, bool]:
    """Make a still or a clip; return it, and whether this very request had made it before.

    Raises:
        ApiError: 404, there is no picture; 409, the id is another's or the pictures can't stand in
            one file; 507, the disk is low.
    """
    with ctx.store.read(who.viewer) as session:
        known = session.get(FootageExport, body.id)
        if known is not None:
            if known.request_sha256 != digest(body):
                raise refuse(409, "id_taken", field="id")
            return FootageExportView.model_validate(known), True
        if body.incident_id is not None and session.get(Incident, body.incident_id) is None:
            raise refuse(404, "unknown_incident", field="incident_id")
    if ctx.disk.low:
        raise refuse(507, "footage_disk_low")
    path = export_path(ctx.settings.footage_dir, body.id, body.kind)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    making = path.with_suffix(f".{os.getpid()}.part")
    try:
        manifest = _make(ctx, who, body, making)
        making.replace(path)
    finally:
        making.unlink(missing_ok=True)
    notes = manifest_path(ctx.settings.footage_dir, body.id)
    notes.write_text(manifest.model_dump_json(indent=1), "utf-8")
    made = manifest.export
    with ctx.store.change(who) as change:
        if change.known(FootageExport, body, body.id) is not None:
            return made, True
        change.create(
            FootageExport(
                **made.model_dump(exclude={"made_ms"}),
                area=ctx.part(FootageIndex).whose(made.stream_id)[1],
                sources=manifest.sources,
                made_ms=change.t_ms,
                request_sha256=digest(body),
            )
        )
        change.record(
            "footage.taken_out",
            made.id,
            incident_id=made.incident_id,
            refs={"sha256": made.sha256, "stream_id": made.stream_id},
            kind=both(f"words.footage_export.{made.kind}"),
            stream=made.stream_id,
            short=made.sha256[:12],
            why=body.text,
        )
    ctx.part(FootageRoom).took(made.size_bytes)
    return made, False


def _make(ctx: Services, who: Principal, body: TakeFootageOut, path: Path) -> FootageManifest:
    viewer = who.viewer
    if body.kind is ExportKind.STILL:
        row = file_at(ctx, viewer, body.stream_id, body.from_ms)
        try:
            data, t_ms = still(read_file(ctx, row), body.from_ms)
        except StillError:
            raise refuse(404, "no_footage", field="from_ms") from None
        path.write_bytes(data)
        moments = moments_of(ctx, viewer, body.stream_id, t_ms, t_ms)
        return _manifest(
            ctx, who, body, path, t_ms, t_ms, 1, row.vehicle_id, [row.sha256 or "open"]
        ).model_copy(update={"encoded_anew": True, "moment": at_time(moments, t_ms)})
    of = sources(ctx, viewer, body.stream_id, body.from_ms, body.to_ms)
    vehicle_id = file_at(ctx, viewer, body.stream_id, of[0].footage.began_ms).vehicle_id
    moments = None
    if body.kind is ExportKind.KLV:
        moments = moments_of(ctx, viewer, body.stream_id, body.from_ms, body.to_ms)
    try:
        cut = write_clip(
            of,
            body.from_ms,
            body.to_ms,
            path,
            moments=moments,
            vehicle_id=vehicle_id,
            hfov_deg=_hfov_deg(ctx, vehicle_id),
        )
    except ClipError as error:
        if error.until_ms is None:
            raise refuse(404, "no_footage", field="from_ms") from None
        raise refuse(409, "footage_form_changed", field="to_ms", until_ms=error.until_ms) from None
    manifest = _manifest(
        ctx,
        who,
        body,
        path,
        cut.from_ms,
        cut.to_ms,
        cut.pictures,
        vehicle_id,
        [source.sha256 or "open" for source in of],
    )
    return manifest.model_copy(update={"gaps": gaps_of(of, cut.from_ms, body.to_ms)})


def _hfov_deg(ctx: Services, vehicle_id: str | None) -> float | None:
    """Return the field of view of an aircraft's camera as the roster has it."""
    with ctx.store.read() as session:
        vehicle = session.get(Vehicle, vehicle_id) if vehicle_id else None
        return vehicle.spec.camera.hfov_deg if vehicle else None


def _manifest(
    ctx: Services,
    who: Principal,
    body: TakeFootageOut,
    path: Path,
    from_ms: int,
    to_ms: int,
    pictures: int,
    vehicle_id: str | None,
    made_of: list[str],
) -> FootageManifest:
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return FootageManifest(
        export=FootageExportView(
            id=body.id,
            kind=body.kind,
            stream_id=body.stream_id,
            vehicle_id=vehicle_id,
            incident_id=body.incident_id,
            from_ms=from_ms,
            to_ms=to_ms,
            sha256=sha256,
            size_bytes=path.stat().st_size,
            text=body.text,
            made_ms=ctx.clock(),
            made_by=who.actor.name,
        ),
        asked_from_ms=body.from_ms,
        asked_to_ms=body.to_ms,
        media_type=MEDIA_TYPES[body.kind][0],
        pictures=pictures,
        gaps=[],
        sources=made_of,
    )
