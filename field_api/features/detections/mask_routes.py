"""Masked spots over HTTP."""

from typing import Annotated

from fastapi import Depends, Query
from sqlmodel import col, select

from field_api.core.access import Principal
from field_api.core.pages import Before, Limit, before_id
from field_api.core.routing import Routes, serve_operation
from field_api.core.services import Context, require
from field_api.features.detections.mask_operations import LIFT, MASK
from field_api.features.detections.messages import MaskView
from field_api.features.detections.permissions import DETECTION_MASK_VIEW
from field_api.features.detections.tables import DetectionMask

__all__ = ["router"]

router = Routes(tags=["detections"])


@router.get("/detection-masks", operation_id="listDetectionMasks")
def list_masks(
    who: Annotated[Principal, Depends(require(DETECTION_MASK_VIEW))],
    ctx: Context,
    active: Annotated[bool, Query()] = False,
    limit: Limit = 200,
    before: Before = None,
) -> list[MaskView]:
    """List masked spots, newest first; `active` leaves out those that ended."""
    query = select(DetectionMask)
    if active:
        query = query.where(
            col(DetectionMask.ended_ms).is_(None), col(DetectionMask.until_ms) > ctx.clock()
        )
    order = (col(DetectionMask.made_ms), col(DetectionMask.id))
    with ctx.store.read(who.viewer) as session:
        rows = session.exec(before_id(session, query, DetectionMask, order, before, limit))
        return [MaskView.model_validate(row) for row in rows]


serve_operation(
    router,
    MASK,
    "/detections/{detection_id}/mask",
    operation_id="maskDetection",
    returns=MaskView,
    created=True,
    target="detection_id",
)
serve_operation(
    router,
    LIFT,
    "/detection-masks/{mask_id}/lift",
    operation_id="liftDetectionMask",
    returns=MaskView,
    target="mask_id",
)
