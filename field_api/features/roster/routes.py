"""Binding airspace approvals."""

from sqlmodel import Session

from field_api.core.errors import refuse
from field_api.core.operation import Call, Operation
from field_api.core.routing import Routes, serve_operation
from field_api.core.services import Services
from field_api.features.roster.messages import AirspaceView, ApprovalBody
from field_api.features.roster.permissions import AIRSPACE_APPROVE
from field_api.features.roster.tables import Airspace
from field_api.features.roster.views import airspace_views
from mission_plans.values.plan import Fence

__all__ = ["APPROVE", "router"]

router = Routes(tags=["roster"])


def _approve(call: Call[ApprovalBody]) -> Airspace:
    """Bind an approval to a controlled area: plans may then enter it (story O4)."""
    change, body = call.change, call.body
    row = change.get(Airspace, call.target)
    fence = row.fence
    if fence.kind != "controlled":
        raise refuse(409, "not_controlled")
    change.put(row)
    row.fence = fence.model_copy(update={"approval_id": body.approval_id})
    change.record(
        "airspace.approved",
        row.id,
        refs={"approval_id": body.approval_id, "text": body.text},
        name=fence.name,
        id=fence.id,
        approval=body.approval_id,
    )
    return row


APPROVE = Operation(
    "airspace.approve", AIRSPACE_APPROVE, ApprovalBody, _approve, targeted=True, batch=False
)


def _fence(_ctx: Services, session: Session, row: Airspace) -> Fence:
    view: AirspaceView = airspace_views(session, [row])[0]
    return view.fence


serve_operation(
    router,
    APPROVE,
    "/fences/{fence_id}/approval",
    operation_id="bindApproval",
    returns=Fence,
    target="fence_id",
    view=_fence,
)
