"""Video relay: compressed packets in, the same packets out; states and boxes beside them."""

from field_api.contract.messages import FrameBoxes, StreamState
from field_api.core.bus import ValueKind
from field_api.core.feature import Feature, NodeValue
from field_api.core.services import Services
from field_api.links.video.hub import VideoHub
from field_api.links.video.permissions import VIDEO_VIEW
from field_api.links.video.routes import router

__all__ = ["FEATURE"]

STREAM_STATE = ValueKind("stream_state", StreamState, VIDEO_VIEW)
FRAME_BOXES = ValueKind("frame_boxes", FrameBoxes, VIDEO_VIEW, kept=False)


def _hub(ctx: Services) -> VideoHub:
    hub = VideoHub(ctx.exchange, backlog_packets=ctx.settings.video_backlog_packets)
    ctx.workers.when_one_comes(hub.tell_all)
    ctx.workers.when_one_goes(hub.forget_worker)
    return hub


FEATURE = Feature(
    name="video",
    about="The relay of live video",
    routers=(router,),
    values=(STREAM_STATE, FRAME_BOXES),
    node_values=(
        NodeValue(
            StreamState, lambda ctx, _node, state: ctx.bus.publish(STREAM_STATE, state.key, state)
        ),
        NodeValue(
            FrameBoxes, lambda ctx, _node, boxes: ctx.bus.publish(FRAME_BOXES, boxes.key, boxes)
        ),
    ),
    permissions=(VIDEO_VIEW,),
    parts=(_hub,),
)
