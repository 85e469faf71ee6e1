"""The shared map of an incident: drawings, fire lines with their growth, and “look here”."""

from sqlalchemy import and_
from sqlmodel import col

from field_api.core.feature import Feature, Timer
from field_api.core.records import RecordKind, Sync
from field_api.features.incidents.records import of_open_incident
from field_api.features.plotting.messages import DrawingView, PointerView
from field_api.features.plotting.operations import DELETE, EDIT, IMPORT, MAKE, UNDO
from field_api.features.plotting.permissions import (
    DRAWING_EDIT,
    DRAWING_MAKE,
    DRAWING_VIEW,
    POINTER_MAKE,
    POINTER_VIEW,
)
from field_api.features.plotting.pointing import END, POINT, fade
from field_api.features.plotting.records import drawing_views, pointer_views
from field_api.features.plotting.routes import router
from field_api.features.plotting.tables import Drawing, DrawingState, Pointer

__all__ = ["FEATURE"]

FEATURE = Feature(
    name="plotting",
    about="The shared map of an incident: drawings, fire lines, pointers",
    routers=(router,),
    records=(
        RecordKind(
            topic="drawing",
            table=Drawing,
            view_type=DrawingView,
            views=drawing_views,
            reads=DRAWING_VIEW,
            sync=Sync.AREA,
            shown=lambda: and_(
                col(Drawing.state) == DrawingState.DRAWN, of_open_incident(Drawing.incident_id)
            ),
            history=True,
        ),
        RecordKind(
            topic="pointer",
            table=Pointer,
            view_type=PointerView,
            views=pointer_views,
            reads=POINTER_VIEW,
            sync=Sync.AREA,
            shown=lambda: and_(
                col(Pointer.ended).is_(False), of_open_incident(Pointer.incident_id)
            ),
        ),
    ),
    operations=(MAKE, EDIT, DELETE, UNDO, IMPORT, POINT, END),
    permissions=(DRAWING_VIEW, DRAWING_MAKE, DRAWING_EDIT, POINTER_VIEW, POINTER_MAKE),
    timers=(Timer("pointers that fade", 5.0, fade),),
)
