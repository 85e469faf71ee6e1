"""`/health`: is the process alive. `/ready`: can it serve. Both at the root too, for machines."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

import field_api
from field_api.contract.link import CONTRACT_VERSION
from field_api.core.routing import Routes
from field_api.core.services import Context, exempt
from field_api.core.wire import View
from field_api.serving.readiness import Readiness, ReadyView

__all__ = ["HealthView", "at_root", "router"]


class HealthView(View):
    """The process answers; whether it can serve says `/ready`."""

    status: str
    version: str
    contract_version: str
    server_time_ms: int


router = Routes(tags=["health"])
at_root = APIRouter(include_in_schema=False)
_OPEN = [Depends(exempt("whoever watches over the server has no account"))]


@at_root.get("/health")
@router.get("/health", operation_id="getHealth", dependencies=_OPEN)
async def get_health(ctx: Context) -> HealthView:
    """Answer: the process is alive."""
    return HealthView(
        status="ok",
        version=field_api.__version__,
        contract_version=CONTRACT_VERSION,
        server_time_ms=ctx.clock(),
    )


def _readiness(request: Request) -> Readiness:
    readiness = request.app.state.readiness
    assert isinstance(readiness, Readiness)
    return readiness


@at_root.get("/ready")
@router.get("/ready", operation_id="getReady", dependencies=_OPEN)
async def get_ready(
    readiness: Annotated[Readiness, Depends(_readiness)], response: Response
) -> ReadyView:
    """Say whether the post can serve, and what it lacks: 503 where it can't."""
    view = await readiness.look()
    response.status_code = 200 if view.ready else 503
    response.headers["Cache-Control"] = "no-store"
    return view
