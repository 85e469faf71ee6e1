"""Cameras of aircraft: who points them, where, and what they keep in the picture."""

from collections.abc import Sequence

from sqlmodel import Session

from field_api.core.feature import Feature, Timer
from field_api.core.records import RecordKind
from field_api.features.cameras.messages import CameraView
from field_api.features.cameras.operations import PHOTO, RELEASE, TAKE, TRACK
from field_api.features.cameras.permissions import CAMERA_CONTROL, CAMERA_VIEW
from field_api.features.cameras.routes import router
from field_api.features.cameras.tables import CameraHold
from field_api.features.cameras.tracking import Tracking

__all__ = ["FEATURE"]


def _views(_session: Session, rows: Sequence[CameraHold]) -> list[CameraView]:
    return [CameraView.model_validate(row.model_dump()) for row in rows]


FEATURE = Feature(
    name="cameras",
    about="Cameras of aircraft: holder, direction, pictures",
    routers=(router,),
    records=(
        RecordKind(
            topic="camera",
            table=CameraHold,
            view_type=CameraView,
            views=_views,
            reads=CAMERA_VIEW,
        ),
    ),
    operations=(TAKE, RELEASE, TRACK, PHOTO),
    permissions=(CAMERA_VIEW, CAMERA_CONTROL),
    timers=(Timer("lost tracks", 2.0, lambda ctx: ctx.part(Tracking).give_up_lost()),),
    parts=(Tracking,),
    follows=lambda ctx, events: ctx.part(Tracking).changed(events),
    hears=lambda ctx, value: ctx.part(Tracking).hear(value),
)
