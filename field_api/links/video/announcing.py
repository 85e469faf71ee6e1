"""Says how streams are that no node speaks for: handhelds' cameras, what others push."""

import asyncio

from field_api.contract.messages import StreamState
from field_api.core.bus import ValueKind
from field_api.core.services import Services
from field_api.links.video.hub import VideoHub

__all__ = ["announce", "with_health"]

EVERY_S = 1.0
SPOKEN_FOR_MS = 5000
"""A node says more about its streams, and says it every second."""
STALLED_MS = 2000


def with_health(state: StreamState, hub: VideoHub) -> StreamState:
    """Return a node's word with what is counted of its stream here; unchanged where none comes."""
    if not hub.published(state.stream_id):
        return state
    health = hub.health(state.stream_id)
    return state.model_copy(
        update={"lost_share": health.lost_share, "key_interval_s": health.key_interval_s}
    )


async def announce(ctx: Services, kind: ValueKind) -> None:
    """Publish the state of the streams that come in at this worker, until cancelled."""
    hub = ctx.part(VideoHub)
    announced: dict[str, StreamState] = {}
    while True:
        await asyncio.sleep(EVERY_S)
        here = set(hub.streams_here())
        for stream_id in here:
            if (state := _state(ctx, hub, stream_id, announced)) is not None:
                announced[stream_id] = state
                ctx.bus.publish(kind, state.key, state)
        for stream_id in announced.keys() - here:
            gone = announced.pop(stream_id).model_copy(
                update={"state": "ended", "t_ms": ctx.clock(), "frames_per_s": 0.0}
            )
            ctx.bus.publish(kind, gone.key, gone)


def _state(
    ctx: Services, hub: VideoHub, stream_id: str, announced: dict[str, StreamState]
) -> StreamState | None:
    known = ctx.bus.newest(f"stream_state/{stream_id}")
    said = known.data if known is not None else None
    now_ms = ctx.clock()
    if (
        isinstance(said, StreamState)
        and said != announced.get(stream_id)
        and now_ms - said.t_ms < SPOKEN_FOR_MS
        and said.state != "ended"
    ):
        return None
    info, health = hub.info(stream_id), hub.health(stream_id)
    if info is None:
        return None
    stalled = health.age_ms is None or (health.frames_per_s == 0.0 and health.age_ms > STALLED_MS)
    return StreamState(
        stream_id=stream_id,
        t_ms=now_ms,
        state="stalled" if stalled else "live",
        width_px=info.width,
        height_px=info.height,
        frames_per_s=health.frames_per_s,
        kbit_per_s=health.kbit_per_s,
        lost_share=health.lost_share,
        key_interval_s=health.key_interval_s,
    )
