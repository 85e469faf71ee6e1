"""Reading the roster; binding airspace approvals."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path

from field_api.accounts.rules import Permission
from field_api.errors import ApiError
from field_api.roster.models import ApprovalBody, FenceRecord, RosterView
from field_api.roster.records import read_roster
from field_api.services import Context, Principal, ViewerDep, require
from mission_plans.plan import Fence

__all__ = ["router"]

router = APIRouter(tags=["roster"])


@router.get("/roster", operation_id="getRoster")
def get_roster(_who: ViewerDep, ctx: Context) -> RosterView:
    """List aircraft, terminals, teams, points and fences."""
    with ctx.store.read() as session:
        return read_roster(session)


@router.post("/fences/{fence_id}/approval", operation_id="bindApproval")
def bind_approval(
    fence_id: Annotated[str, Path(max_length=40)],
    body: ApprovalBody,
    who: Annotated[Principal, Depends(require(Permission.AIRSPACE_APPROVE))],
    ctx: Context,
) -> Fence:
    """Bind an approval to a controlled area: plans may then enter it (story O4)."""
    with ctx.store.change(who.actor) as change:
        row = change.session.get(FenceRecord, fence_id)
        if row is None:
            raise ApiError(404, "unknown_fence", "没有这个空域", "There is no such airspace")
        fence = Fence.model_validate_json(row.fence_json)
        if fence.kind != "controlled":
            raise ApiError(
                409,
                "not_controlled",
                "只有管制空域可以绑定批准文号",
                "Only a controlled area takes an approval",
            )
        fence = fence.model_copy(update={"approval_id": body.approval_id})
        row.fence_json = fence.model_dump_json()
        change.record(
            "airspace.approved",
            fence_id,
            f"为管制空域“{fence.name}”绑定批准 {body.approval_id}",
            f"Approval {body.approval_id} bound to controlled area {fence.id}",
            refs={"approval_id": body.approval_id, "text": body.text},
        )
    return fence
