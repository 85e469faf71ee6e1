"""What a person did to drawings, kept so that it can be taken back."""

from collections.abc import Sequence
from typing import Any

from sqlmodel import col, select

from field_api.core.change import Change
from field_api.core.errors import refuse
from field_api.core.operation import Call
from field_api.core.wire import digest
from field_api.features.plotting.shapes import Content
from field_api.features.plotting.tables import ActKind, Drawing, DrawingAct

__all__ = ["acts_of", "known_act", "last_act", "note_act", "stands_again"]

MOST_AT_ONCE = 300
"""Drawings of one act: an import."""


def acts_of(change: Change, act_id: str) -> Sequence[DrawingAct]:
    """Return what one act did to each of its drawings."""
    query = select(DrawingAct).where(DrawingAct.act_id == act_id)
    return change.session.exec(query.order_by(col(DrawingAct.number)).limit(MOST_AT_ONCE)).all()


def known_act(call: Call[Any]) -> DrawingAct | None:
    """Return the act that this very request made before, None for a new one.

    Raises:
        ApiError: 409, another request has its id.
    """
    acts = acts_of(call.change, call.body.id)
    if not acts:
        return None
    if acts[0].request_sha256 != digest(call.body) or acts[0].drawing_id != call.target:
        raise refuse(409, "id_taken", field="id")
    call.change.repeated = True
    return acts[0]


def note_act(
    call: Call[Any], row: Drawing, act: ActKind, act_id: str, before: Content | None
) -> None:
    """Keep what was done; call it after `put`, so that the version is the new one."""
    call.change.session.add(
        DrawingAct(
            act_id=act_id,
            incident_id=row.incident_id,
            drawing_id=row.id,
            user_id=call.who.user_id,
            t_ms=call.change.t_ms,
            act=act,
            version_after=row.version,
            before=before,
            request_sha256=digest(call.body),
        )
    )


def last_act(change: Change, incident_id: str, user_id: str) -> Sequence[DrawingAct]:
    """Return what somebody did last in an incident and has not taken back.

    Raises:
        ApiError: 409, there is nothing.
    """
    mine = select(DrawingAct.act_id).where(
        DrawingAct.incident_id == incident_id,
        DrawingAct.user_id == user_id,
        col(DrawingAct.undone_id).is_(None),
    )
    newest = change.session.exec(mine.order_by(col(DrawingAct.number).desc()).limit(1)).first()
    if newest is None:
        raise refuse(409, "nothing_to_undo")
    return acts_of(change, newest)


def stands_again(change: Change, row: Drawing) -> None:
    """Say that a drawing stands again as the act before the one taken back had left it.

    Taking back gave it a new version: without this the act before could never be taken back.
    """
    query = select(DrawingAct).where(
        DrawingAct.drawing_id == row.id, col(DrawingAct.undone_id).is_(None)
    )
    before = change.session.exec(query.order_by(col(DrawingAct.version_after).desc()).limit(1))
    act = before.first()
    if act is not None:
        act.version_after = row.version
        change.session.add(act)
