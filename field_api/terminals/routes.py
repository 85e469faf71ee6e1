"""Handheld positions over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from field_api.accounts.rules import Permission
from field_api.contract.messages import TerminalPosition
from field_api.errors import ApiError
from field_api.roster.models import Terminal
from field_api.services import Context, Principal, ViewerDep, require
from field_api.terminals.models import NearestTerminal, PositionBody
from field_api.terminals.records import nearest_terminals, store_position
from field_api.wire import Latitude, Longitude

__all__ = ["router"]

router = APIRouter(prefix="/terminals", tags=["terminals"])


@router.get("/nearest", operation_id="nearestTerminals")
def nearest(
    lat_deg: Annotated[Latitude, Query()],
    lon_deg: Annotated[Longitude, Query()],
    _who: ViewerDep,
    ctx: Context,
    limit: Annotated[int, Query(ge=1, le=100)] = 5,
) -> list[NearestTerminal]:
    """List handhelds with a known position, nearest first."""
    with ctx.store.read() as session:
        return nearest_terminals(session, lat_deg, lon_deg)[:limit]


@router.post("/{terminal_id}/position", operation_id="sendPosition", status_code=204)
def send_position(
    terminal_id: Annotated[str, Path(max_length=40)],
    body: PositionBody,
    who: Annotated[Principal, Depends(require(Permission.TASK_WORK))],
    ctx: Context,
) -> None:
    """Say where one's own handheld is; an older position than the known one changes nothing."""
    if who.user.terminal_id != terminal_id:
        raise ApiError(
            403,
            "other_terminal",
            "只能上报自己终端的位置",
            "Only the position of your own terminal may be sent",
            field="terminal_id",
        )
    with ctx.store.read() as session:
        if session.get(Terminal, terminal_id) is None:
            raise ApiError(404, "unknown_terminal", "没有这台终端", "There is no such terminal")
    position = TerminalPosition(terminal_id=terminal_id, **body.model_dump())
    if store_position(ctx.store, position):
        ctx.live.publish_value(position)
