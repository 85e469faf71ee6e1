"""Video relay: compressed packets in, the same packets out; states and boxes beside them."""

import asyncio

from field_api.contract.messages import FrameBoxes, StreamState
from field_api.core.bus import ValueKind
from field_api.core.feature import Feature, NodeValue
from field_api.core.services import Services
from field_api.links.video.announcing import announce, with_health
from field_api.links.video.clips import Clips
from field_api.links.video.engines.addresses import offered_addresses
from field_api.links.video.engines.chosen import chosen_engine
from field_api.links.video.engines.mediamtx_auth import router as mediamtx_router
from field_api.links.video.hub import VideoHub
from field_api.links.video.permissions import VIDEO_SEND, VIDEO_VIEW, VIDEO_VIEW_INCIDENT
from field_api.links.video.recorder import Recorder
from field_api.links.video.renditions import Renditions
from field_api.links.video.routes import router
from field_api.links.video.rtsp_serving import serve_rtsp
from field_api.links.video.tokens import StreamTokens
from field_api.links.video.viewings import Viewings
from field_api.links.video.whep import router as whep_router
from field_api.links.video.whip import router as whip_router
from field_api.links.video.whip_ingest import WhipIngest

__all__ = ["FEATURE"]

STREAM_STATE = ValueKind("stream_state", StreamState, VIDEO_VIEW)
FRAME_BOXES = ValueKind("frame_boxes", FrameBoxes, VIDEO_VIEW, kept=False)


def _hub(ctx: Services) -> VideoHub:
    hub = VideoHub(
        ctx.exchange,
        backlog_packets=ctx.settings.video_backlog_packets,
        clock=ctx.clock,
        recent=ctx.part(Clips).recent,
    )
    ctx.workers.when_one_comes(hub.tell_all)
    ctx.workers.when_one_goes(hub.forget_worker)
    return hub


def _renditions(ctx: Services) -> Renditions:
    return Renditions(ctx.part(VideoHub), ctx.settings.video_transcodes)


def _tokens(ctx: Services) -> StreamTokens:
    settings = ctx.settings
    return StreamTokens.of_folder(settings.data_dir, ctx.clock, settings.video_token_s)


def _addresses(ctx: Services) -> tuple[str, ...]:
    chosen = [str(address) for address in ctx.settings.webrtc_addresses]
    return offered_addresses(ctx.settings.host, chosen)


def _viewings(ctx: Services) -> Viewings:
    return Viewings(chosen_engine(ctx.settings, ctx.part(Renditions), _addresses(ctx)))


def _whip(ctx: Services) -> WhipIngest:
    return WhipIngest(ctx.part(VideoHub), ctx.clock, _addresses(ctx))


async def _serve(ctx: Services) -> None:
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(announce(ctx, STREAM_STATE))
        tasks.create_task(ctx.part(Clips).keep())
        tasks.create_task(serve_rtsp(ctx))
        tasks.create_task(ctx.part(Recorder).run())


def _take_state(ctx: Services, _node: str, state: StreamState) -> None:
    """What a node says of its stream, and how it comes here."""
    told = with_health(state, ctx.part(VideoHub))
    ctx.bus.publish(STREAM_STATE, told.key, told)


FEATURE = Feature(
    name="video",
    about="The relay of live video",
    routers=(router, whep_router, whip_router, mediamtx_router),
    values=(STREAM_STATE, FRAME_BOXES),
    node_values=(
        NodeValue(StreamState, _take_state),
        NodeValue(
            FrameBoxes, lambda ctx, _node, boxes: ctx.bus.publish(FRAME_BOXES, boxes.key, boxes)
        ),
    ),
    permissions=(VIDEO_VIEW, VIDEO_VIEW_INCIDENT, VIDEO_SEND),
    parts=(Clips, _hub, _renditions, _tokens, _viewings, _whip, Recorder),
    hears=lambda ctx, value: ctx.part(Recorder).hear(value),
    follows=lambda ctx, events: ctx.part(Clips).changed(events),
    serves=_serve,
)
