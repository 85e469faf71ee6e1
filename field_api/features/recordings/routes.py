"""Full-process recordings over HTTP."""

from typing import Annotated

from fastapi import Depends, Query
from sqlmodel import col, select

from field_api.contract.ids import RecordId
from field_api.core.access import Principal
from field_api.core.errors import refuse
from field_api.core.routing import Routes, serve_operation
from field_api.core.services import Context, require
from field_api.features.inspections.permissions import INSPECTION_VIEW
from field_api.features.recordings.messages import RecordingDetail, RecordingView
from field_api.features.recordings.operations import ADD, BEGIN, END
from field_api.features.recordings.records import recording_detail, recording_views
from field_api.features.recordings.tables import Recording

__all__ = ["router"]

router = Routes(tags=["recordings"])

ViewerDep = Annotated[Principal, Depends(require(INSPECTION_VIEW))]
MOST_OF_ONE = 100
"""Recordings of one inspection."""


@router.get("/recordings", operation_id="listRecordings")
def list_recordings(
    who: ViewerDep, ctx: Context, inspection_id: Annotated[RecordId, Query()]
) -> list[RecordingView]:
    """List an inspection's recordings, the first begun first."""
    query = select(Recording).where(Recording.inspection_id == inspection_id)
    query = query.order_by(col(Recording.begun_ms), col(Recording.id)).limit(MOST_OF_ONE)
    with ctx.store.read(who.viewer) as session:
        return recording_views(session, session.exec(query).all())


@router.get("/recordings/{recording_id}", operation_id="getRecording")
def get_recording(recording_id: RecordId, who: ViewerDep, ctx: Context) -> RecordingDetail:
    """Return a recording with its pieces."""
    with ctx.store.read(who.viewer) as session:
        row = session.get(Recording, recording_id)
        if row is None:
            raise refuse(404, "unknown_recording", id=recording_id)
        return recording_detail(session, row)


serve_operation(
    router, BEGIN, "/recordings", operation_id="beginRecording", returns=RecordingView, created=True
)
for operation, name in ((ADD, "piece"), (END, "end")):
    serve_operation(
        router,
        operation,
        f"/recordings/{{recording_id}}/{name}",
        operation_id=f"{name}Recording",
        returns=RecordingView,
        target="recording_id",
    )
