"""Whom a target area reaches: the handhelds that it concerns, and why."""

from sqlmodel import Session, col, select

from field_api.core.services import Services
from field_api.features.accounts.tables import User
from field_api.features.positions.positions import Positions
from field_api.features.roster.tables import Terminal
from field_api.features.warnings.formats.model import Place
from field_api.features.warnings.messages import ReachedHandheld, ReachView, Target
from field_api.features.warnings.rules import concerns
from field_api.features.warnings.tables import Shape

__all__ = ["reach"]

MOST_HANDHELDS = 2000


def reach(ctx: Services, session: Session, target: Target) -> ReachView:
    """Return the handhelds that a warning for an area would alert, by what is known of them now."""
    terminals = session.exec(select(Terminal).order_by(col(Terminal.id)).limit(MOST_HANDHELDS))
    accounts = session.exec(
        select(User.terminal_id, User.areas)
        .where(col(User.terminal_id).is_not(None), col(User.disabled).is_(False))
        .limit(MOST_HANDHELDS)
    )
    areas: dict[str, list[str]] = {str(terminal): list(held) for terminal, held in accounts}
    placed = {
        terminal_id: Place(lat_deg=at.lat_deg, lon_deg=at.lon_deg)
        for terminal_id, at in ctx.part(Positions).newest().items()
    }
    shapes = [Shape.model_validate(each.model_dump()) for each in target.outlines]
    reached: list[ReachedHandheld] = []
    total = 0
    for terminal in terminals:
        total += 1
        own = areas.get(terminal.id, [])
        why = concerns(target.area_codes, shapes, own, placed.get(terminal.id))
        if why is not None and (target.area_codes or shapes):
            reached.append(
                ReachedHandheld(
                    terminal_id=terminal.id,
                    holder=terminal.holder,
                    holder_en=terminal.holder_en,
                    why=why,
                )
            )
    return ReachView(handhelds=reached, total=total)
