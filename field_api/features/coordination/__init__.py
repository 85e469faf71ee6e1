"""Who does what at an incident: command groups by name, and which neighbour was told."""

from field_api.core.feature import Feature
from field_api.core.records import RecordKind
from field_api.features.coordination.messages import GroupView, NoticeView
from field_api.features.coordination.operations import EDIT, SET_UP, TELL
from field_api.features.coordination.permissions import COORDINATION_VIEW, COORDINATION_WRITE
from field_api.features.coordination.records import group_views, notice_views
from field_api.features.coordination.routes import router
from field_api.features.coordination.tables import CommandGroup, NeighbourNotice

__all__ = ["FEATURE"]

FEATURE = Feature(
    name="coordination",
    about="Command groups of incidents, and neighbours that were told",
    routers=(router,),
    records=(
        RecordKind(
            topic="command_group",
            table=CommandGroup,
            view_type=GroupView,
            views=group_views,
            reads=COORDINATION_VIEW,
            history=True,
        ),
        RecordKind(
            topic="neighbour_notice",
            table=NeighbourNotice,
            view_type=NoticeView,
            views=notice_views,
            reads=COORDINATION_VIEW,
        ),
    ),
    operations=(SET_UP, EDIT, TELL),
    permissions=(COORDINATION_VIEW, COORDINATION_WRITE),
)
