"""Recording an inspection: begin, one piece after another, end. Evidence is never refused for
what it lacks: that is told."""

from field_api.core.blobs.tables import attach
from field_api.core.errors import refuse
from field_api.core.operation import Call, Operation
from field_api.core.wire import digest
from field_api.features.inspections.permissions import INSPECTION_WORK
from field_api.features.inspections.signing import device_signed
from field_api.features.inspections.tables import Inspection
from field_api.features.recordings.messages import AddPiece, BeginRecording, EndRecording
from field_api.features.recordings.tables import Recording, RecordingPiece
from field_api.features.registers.enterprises import Enterprise

__all__ = ["ADD", "BEGIN", "END"]


def _begin(call: Call[BeginRecording]) -> Recording:
    """Begin; repeating the body is safe."""
    change, body = call.change, call.body
    known = change.known(Recording, body, body.id)
    if known is not None:
        return known
    terminal_id = call.who.viewer.terminal_id
    if terminal_id is None:
        raise refuse(403, "recording_needs_terminal")
    inspection = change.get(Inspection, body.inspection_id, field="inspection_id")
    row = change.create(
        Recording(
            **body.model_dump(exclude={"t_ms"}),
            area=inspection.area,
            terminal_id=terminal_id,
            begun_ms=min(body.t_ms, change.t_ms),
            begun_by=call.who.actor.name,
            request_sha256=digest(body),
        )
    )
    change.record(
        "recording.begun",
        row.id,
        area=row.area,
        refs={"inspection_id": inspection.id},
        by=row.begun_by,
        enterprise=change.session.get_one(Enterprise, inspection.enterprise_id).name,
    )
    return row


def _own(call: Call[AddPiece] | Call[EndRecording]) -> Recording:
    row = call.change.get(Recording, call.target)
    if row.terminal_id != call.who.viewer.terminal_id:
        raise refuse(403, "recording_of_another", holder=row.terminal_id)
    return row


def _add(call: Call[AddPiece]) -> Recording:
    """Add a piece; the same piece again changes nothing."""
    change, body = call.change, call.body
    row = _own(call)
    (sha256,) = body.media
    known = change.session.get(RecordingPiece, (row.id, body.n))
    if known is not None:
        if (known.sha256, known.link) != (sha256, body.link):
            raise refuse(409, "piece_taken", field="n", n=body.n)
        change.repeated = True
        return row
    change.session.add(
        RecordingPiece(
            **body.model_dump(exclude={"id", "media"}),
            recording_id=row.id,
            sha256=sha256,
            device_signed=device_signed(body.link, row.device_key, body.device_signature),
            received_ms=change.t_ms,
        )
    )
    attach(change, sha256, "recording", row.id, role="piece", t_ms=body.began_ms)
    change.put(row)
    change.record("recording.piece", row.id, area=row.area, refs={"sha256": sha256}, n=body.n)
    return row


def _end(call: Call[EndRecording]) -> Recording:
    """End it; what is said first counts."""
    change, body = call.change, call.body
    row = _own(call)
    if row.declared is not None:
        if (row.declared, row.last_link) != (body.pieces, body.last_link):
            raise refuse(409, "recording_has_ended", pieces=row.declared)
        change.repeated = True
        return row
    change.put(row)
    row.declared, row.last_link, row.cut = body.pieces, body.last_link, body.cut
    row.ended_ms = min(body.t_ms, change.t_ms)
    change.record(
        "recording.ended", row.id, area=row.area, by=call.who.actor.name, count=body.pieces
    )
    return row


BEGIN = Operation("recording.begin", INSPECTION_WORK, BeginRecording, _begin, makes=Recording)
ADD = Operation("recording.piece", INSPECTION_WORK, AddPiece, _add, targeted=True)
END = Operation("recording.end", INSPECTION_WORK, EndRecording, _end, targeted=True)
