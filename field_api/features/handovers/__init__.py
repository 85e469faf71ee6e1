"""Handing over at shift change (交接班): drafted from data, signed off, taken over by name."""

from sqlmodel import col

from field_api.core.feature import Feature
from field_api.core.records import RecordKind
from field_api.features.handovers.messages import HandoverView
from field_api.features.handovers.operations import CONFIRM, EDIT, SIGN
from field_api.features.handovers.permissions import HANDOVER_VIEW, HANDOVER_WRITE
from field_api.features.handovers.records import handover_views
from field_api.features.handovers.routes import router
from field_api.features.handovers.tables import Handover, HandoverState

__all__ = ["FEATURE"]

FEATURE = Feature(
    name="handovers",
    about="Handing over at shift change",
    routers=(router,),
    records=(
        RecordKind(
            topic="handover",
            table=Handover,
            view_type=HandoverView,
            views=handover_views,
            reads=HANDOVER_VIEW,
            incident_column=None,
            # One that nobody has taken over is seen from every screen.
            shown=lambda: col(Handover.state) == HandoverState.SIGNED,
        ),
    ),
    operations=(SIGN, EDIT, CONFIRM),
    permissions=(HANDOVER_VIEW, HANDOVER_WRITE),
)
