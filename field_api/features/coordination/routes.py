"""Command groups and neighbours over HTTP."""

from typing import Annotated

from fastapi import Depends

from field_api.contract.ids import RecordId
from field_api.core.access import Principal
from field_api.core.errors import refuse
from field_api.core.routing import Routes, serve_operation
from field_api.core.services import Context, require
from field_api.features.coordination.messages import (
    CoordinationView,
    GroupVersion,
    GroupView,
    NoticeView,
)
from field_api.features.coordination.operations import EDIT, SET_UP, TELL
from field_api.features.coordination.permissions import COORDINATION_VIEW
from field_api.features.coordination.records import coordination_of, group_versions
from field_api.features.coordination.tables import CommandGroup
from field_api.features.incidents.records import get_incident

__all__ = ["router"]

router = Routes(tags=["coordination"])

ViewerDep = Annotated[Principal, Depends(require(COORDINATION_VIEW))]


@router.get("/incidents/{incident_id}/coordination", operation_id="getCoordination")
def get_coordination(incident_id: RecordId, who: ViewerDep, ctx: Context) -> CoordinationView:
    """Return the command groups of an incident, the neighbours near it, and who was told."""
    with ctx.store.read(who.viewer) as session:
        return coordination_of(session, get_incident(session, incident_id))


@router.get("/command-groups/{group_id}/history", operation_id="getGroupHistory")
def get_history(group_id: RecordId, who: ViewerDep, ctx: Context) -> list[GroupVersion]:
    """Return who was in a group, newest first."""
    with ctx.store.read(who.viewer) as session:
        if session.get(CommandGroup, group_id) is None:
            raise refuse(404, "unknown_command_group")
        return group_versions(session, group_id)


serve_operation(
    router,
    SET_UP,
    "/incidents/{incident_id}/command-groups",
    operation_id="setUpGroup",
    returns=GroupView,
    created=True,
    target="incident_id",
)
serve_operation(
    router,
    EDIT,
    "/command-groups/{group_id}/edit",
    operation_id="editGroup",
    returns=GroupView,
    target="group_id",
)
serve_operation(
    router,
    TELL,
    "/incidents/{incident_id}/neighbour-notices",
    operation_id="tellNeighbour",
    returns=NoticeView,
    created=True,
    target="incident_id",
)
