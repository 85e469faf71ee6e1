"""MediaMTX' question whether somebody may do something (its `authMethod: http`)."""

import hmac
from typing import Annotated

from fastapi import Depends, Response
from pydantic import BaseModel, Field

from field_api.core.errors import refuse
from field_api.core.routing import Routes
from field_api.core.services import Context, exempt
from field_api.links.video.engines.mediamtx import USER

__all__ = ["router"]

router = Routes(prefix="/video/engines", tags=["video"])

Text = Annotated[str, Field(max_length=4000)]


class Question(BaseModel):
    """Who wants what there; other fields are passed over."""

    user: Text = ""
    password: Text = ""
    action: Text = ""


@router.post(
    "/mediamtx/auth",
    operation_id="mayByMediaMtx",
    status_code=204,
    response_class=Response,
    responses={401: {"description": "It is not this post that asks there"}},
    dependencies=[Depends(exempt("a media server asks about somebody, who brings its secret"))],
)
async def may(question: Question, ctx: Context) -> Response:
    """Let nobody in there but this post, which asks for viewers it has let in, and configures."""
    secret = ctx.settings.video_engine_secret
    known = (
        ctx.settings.video_engine == "mediamtx"
        and secret is not None
        and question.action in ("read", "api")
        and question.user == USER
        and hmac.compare_digest(question.password.encode(), secret.get_secret_value().encode())
    )
    if not known:
        raise refuse(401, "not_signed_in")
    return Response(status_code=204)
