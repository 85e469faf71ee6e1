"""Sync and upkeep of the tail, declared like a feature."""

from field_api.core.events import forget_events
from field_api.core.feature import Feature, Timer
from field_api.core.services import Services
from field_api.core.sync.routes import SYNC, PushTurns, router

__all__ = ["FEATURE"]


def _forget(ctx: Services) -> None:
    keep_ms = int(ctx.settings.keep_events_days * 86_400_000)
    with ctx.store.housekeep() as session:
        forget_events(session, ctx.clock() - keep_ms)


FEATURE = Feature(
    name="sync",
    about="Offline-first exchange with handhelds (docs/sync.md)",
    routers=(router,),
    permissions=(SYNC,),
    parts=(lambda _ctx: PushTurns(),),
    timers=(Timer("old events", 60.0, _forget),),
)
