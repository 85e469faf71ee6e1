"""WHEP: a viewer's offer in, an answer out, and the connection under an address of its own.

https://datatracker.ietf.org/doc/draft-ietf-wish-whep/
"""

import asyncio
from typing import Annotated, NoReturn

from fastapi import Depends, Header, Request, Response

from field_api.contract.ids import RecordId
from field_api.contract.messages import StreamId
from field_api.core.errors import refuse
from field_api.core.routing import Routes
from field_api.core.services import Context, Services, exempt
from field_api.core.wire import View
from field_api.links.video.admission import (
    Admitted,
    NotAdmittedError,
    admit,
    watch_admission,
)
from field_api.links.video.engines.engine import EngineError
from field_api.links.video.renditions import Size
from field_api.links.video.sdp_offer import SDP_ANSWER, answered, offer_of
from field_api.links.video.viewings import Viewings

__all__ = ["router"]

router = Routes(prefix="/video", tags=["video"])

BY_TOKEN = [Depends(exempt("a token of the stream opens it as a session does; `admit` asks both"))]


class ClockView(View):
    """How the time stamps a browser sees lie to the camera's."""

    rtp_90k: int
    pts_90k: int
    t_ms: int


@router.post(
    "/{stream_id}/whep",
    operation_id="watchByWhep",
    status_code=201,
    response_class=Response,
    responses=SDP_ANSWER,
    dependencies=BY_TOKEN,
)
async def watch(
    stream_id: StreamId,
    request: Request,
    ctx: Context,
    size: Size = "full",
    token: str = "",
    content_type: Annotated[str, Header()] = "",
) -> Response:
    """Watch a stream by WebRTC: the body is an SDP offer, the answer's `Location` the viewing."""
    admitted = await _admitted(request, ctx, stream_id, token)
    offer = await offer_of(request, content_type)
    viewings = ctx.part(Viewings)
    if viewings.engine.sessions() >= ctx.settings.webrtc_viewers:
        raise refuse(503, "too_many_viewers", count=ctx.settings.webrtc_viewers)
    try:
        answer = await viewings.engine.answer(stream_id, offer, size)
    except EngineError as error:
        raise refuse(400, "bad_offer", text=str(error)) from error
    watching = asyncio.create_task(watch_admission(request, ctx, admitted, stream_id))
    viewings.begin(answer.session_id, admitted.who.user_id, watching)
    return answered(request, answer)


@router.get(
    "/{stream_id}/whep/{viewing_id}/clock", operation_id="viewingClock", dependencies=BY_TOKEN
)
async def clock(
    stream_id: StreamId, viewing_id: RecordId, request: Request, ctx: Context, token: str = ""
) -> ClockView:
    """Say how a viewing's RTP times lie to the camera's, once its first picture was sent."""
    await _admitted(request, ctx, stream_id, token)
    found = ctx.part(Viewings).engine.clock(viewing_id)
    if found is None:
        raise refuse(404, "unknown_viewing", id=viewing_id)
    return ClockView(rtp_90k=found.rtp_90k, pts_90k=found.pts_90k, t_ms=found.t_ms)


@router.delete(
    "/{stream_id}/whep/{viewing_id}",
    operation_id="endViewing",
    status_code=204,
    dependencies=BY_TOKEN,
)
async def end(
    stream_id: StreamId, viewing_id: RecordId, request: Request, ctx: Context, token: str = ""
) -> None:
    """End one's own viewing."""
    admitted = await _admitted(request, ctx, stream_id, token)
    if not await ctx.part(Viewings).end(viewing_id, admitted.who.user_id):
        raise refuse(404, "unknown_viewing", id=viewing_id)


async def _admitted(request: Request, ctx: Services, stream_id: str, token: str) -> Admitted:
    try:
        return await admit(request, ctx, stream_id, token=token)
    except NotAdmittedError as error:
        _refuse(error, stream_id)


def _refuse(error: NotAdmittedError, stream_id: str) -> NoReturn:
    code = {401: "not_signed_in", 403: "forbidden"}.get(error.status, "unknown_stream")
    raise refuse(error.status, code, id=stream_id, permission="video.view") from error
