"""Detector settings over HTTP."""

from typing import Annotated

from fastapi import Depends
from sqlmodel import col, select

from field_api.core.access import Principal
from field_api.core.routing import Routes, serve_operation
from field_api.core.services import Context, require
from field_api.features.detectors.messages import DetectorView
from field_api.features.detectors.operations import TUNE
from field_api.features.detectors.permissions import DETECTOR_VIEW
from field_api.features.detectors.records import detector_views
from field_api.features.detectors.tables import DetectorSetting

__all__ = ["router"]

router = Routes(prefix="/detectors", tags=["detectors"])


@router.get("", operation_id="listDetectors")
def list_detectors(
    who: Annotated[Principal, Depends(require(DETECTOR_VIEW))], ctx: Context
) -> list[DetectorView]:
    """Return the rules of every vision node that has some; there are as many as nodes."""
    with ctx.store.read(who.viewer) as session:
        query = select(DetectorSetting).order_by(col(DetectorSetting.id)).limit(500)
        return detector_views(session, session.exec(query).all())


serve_operation(
    router,
    TUNE,
    "/{node_id}",
    operation_id="tuneDetector",
    returns=DetectorView,
    target="node_id",
)
