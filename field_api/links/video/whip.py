"""WHIP: a handheld sends its own camera's picture; the post answers its offer.

https://www.rfc-editor.org/rfc/rfc9725
"""

from typing import Annotated

from fastapi import Depends, Header, Request, Response

from field_api.contract.ids import RecordId
from field_api.contract.messages import StreamId
from field_api.core.access import Principal
from field_api.core.errors import refuse
from field_api.core.routing import Routes
from field_api.core.services import Context, identify, require
from field_api.links.browsers.sockets import until_refused
from field_api.links.video.access import camera_of
from field_api.links.video.engines.engine import EngineError
from field_api.links.video.permissions import VIDEO_SEND
from field_api.links.video.sdp_offer import SDP_ANSWER, answered, offer_of
from field_api.links.video.whip_ingest import WhipIngest

__all__ = ["router"]

router = Routes(prefix="/video", tags=["video"])

Sender = Annotated[Principal, Depends(require(VIDEO_SEND))]


@router.post(
    "/{stream_id}/whip",
    operation_id="sendByWhip",
    status_code=201,
    response_class=Response,
    responses=SDP_ANSWER,
)
async def send(
    stream_id: StreamId,
    request: Request,
    ctx: Context,
    who: Sender,
    content_type: Annotated[str, Header()] = "",
) -> Response:
    """Send one's handheld's picture by WebRTC: the body is an SDP offer with H.264.

    The stream is that of the handheld, `ID-cam`; it is watched as aircraft's are.
    """
    _own(who, stream_id)
    offer = await offer_of(request, content_type)

    async def still() -> bool:
        return await identify(request, ctx) is not None

    try:
        answer = await ctx.part(WhipIngest).answer(stream_id, offer, lambda: until_refused(still))
    except EngineError as error:
        raise refuse(400, "bad_offer", text=str(error)) from error
    return answered(request, answer)


@router.delete("/{stream_id}/whip/{sending_id}", operation_id="endSending", status_code=204)
async def end(stream_id: StreamId, sending_id: RecordId, ctx: Context, who: Sender) -> None:
    """Send no more."""
    _own(who, stream_id)
    if not ctx.part(WhipIngest).hang_up(sending_id, stream_id):
        raise refuse(404, "unknown_viewing", id=sending_id)


def _own(who: Principal, stream_id: str) -> None:
    terminal_id = who.viewer.terminal_id
    if terminal_id is None or stream_id != camera_of(terminal_id):
        raise refuse(403, "not_your_camera", id=stream_id)
