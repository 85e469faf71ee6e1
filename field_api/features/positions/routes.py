"""Handheld positions over HTTP, and the roster with them."""

from typing import Annotated

from fastapi import Depends, Path
from sqlmodel import col, select

from field_api.contract.messages import TerminalPosition
from field_api.core.access import Principal, unscoped
from field_api.core.errors import refuse
from field_api.core.routing import Routes
from field_api.core.services import Context, require
from field_api.features.accounts.tables import User
from field_api.features.positions.messages import PositionBody
from field_api.features.positions.permissions import POSITION_SEND
from field_api.features.positions.positions import Positions
from field_api.features.roster.messages import RosterView
from field_api.features.roster.permissions import ROSTER_OWN, ROSTER_VIEW
from field_api.features.roster.views import read_roster

__all__ = ["router"]

router = Routes()


@router.get("/roster", operation_id="getRoster", tags=["roster"])
def get_roster(
    who: Annotated[Principal, Depends(require(ROSTER_VIEW, ROSTER_OWN))], ctx: Context
) -> RosterView:
    """List aircraft, handhelds, teams, places and airspace that concern this person."""
    with ctx.store.read(who.viewer) as session:
        with unscoped(session):
            rows = session.exec(
                select(User.terminal_id, User.id).where(col(User.terminal_id).is_not(None))
            )
            holders = {terminal_id: user_id for terminal_id, user_id in rows if terminal_id}
        return read_roster(session, holders, ctx.part(Positions).newest())


@router.post(
    "/terminals/{terminal_id}/position",
    operation_id="sendPosition",
    status_code=204,
    tags=["terminals"],
)
async def send_position(
    terminal_id: Annotated[str, Path(max_length=40)],
    body: PositionBody,
    who: Annotated[Principal, Depends(require(POSITION_SEND))],
    ctx: Context,
) -> None:
    """Say where one's own handheld is; an older position than the known one changes nothing."""
    if who.viewer.terminal_id != terminal_id:
        raise refuse(403, "other_position", field="terminal_id")
    positions = ctx.part(Positions)
    if not positions.known(terminal_id):
        raise refuse(404, "unknown_terminal", id=terminal_id)
    # In memory and on the bus: it costs no transaction and needs no thread.
    positions.take(TerminalPosition(terminal_id=terminal_id, **body.model_dump()))
