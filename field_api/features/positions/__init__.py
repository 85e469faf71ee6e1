"""Where the handhelds are."""

from field_api.contract.messages import TerminalPosition
from field_api.core.feature import Feature, NodeValue, Timer
from field_api.features.positions.permissions import (
    POSITION_OWN,
    POSITION_SEND,
    POSITION_VIEW,
)
from field_api.features.positions.positions import POSITION, Positions
from field_api.features.positions.routes import router

__all__ = ["FEATURE"]

FEATURE = Feature(
    name="positions",
    about="Handheld positions",
    routers=(router,),
    values=(POSITION,),
    node_values=(
        NodeValue(TerminalPosition, lambda ctx, _node, value: ctx.part(Positions).take(value)),
    ),
    permissions=(POSITION_VIEW, POSITION_OWN, POSITION_SEND),
    timers=(Timer("positions", 1.0, lambda ctx: ctx.part(Positions).write(), everywhere=True),),
    parts=(Positions,),
    follows=lambda ctx, events: ctx.part(Positions).roster_changed(events),
    hears=lambda ctx, value: ctx.part(Positions).hear(value),
)
