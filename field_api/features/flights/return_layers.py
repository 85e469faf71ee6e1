"""At which height each aircraft of a launch comes home: apart from the others of its site."""

from collections.abc import Mapping, Sequence

from sqlmodel import Session, col, or_, select

from field_api.contract.messages import SortieState, UploadSortie
from field_api.core.access import unscoped
from field_api.core.services import Services
from field_api.features.flights.tables import CommandRecord, SortieRecord
from field_api.features.maps.base import MapBase
from mission_plans.allocation.return_layers import ReturnLayer, layer_need, return_layers
from mission_plans.ground.geodesy import distance_m
from mission_plans.ground.terrain import NoTerrainError
from mission_plans.values.plan import SearchPlan

__all__ = ["layers_for"]

SITE_M = 300.0
"""Aircraft that start closer together share the ways home."""
_ON_BOARD = (
    SortieState.UPLOADING,
    SortieState.UPLOADED,
    SortieState.STARTING,
    SortieState.FLYING,
    SortieState.PAUSED,
    SortieState.RETURNING,
)


def layers_for(
    ctx: Services, session: Session, plan: SearchPlan, ready: Sequence[SortieRecord]
) -> Mapping[str, ReturnLayer]:
    """Return a layer for each sortie that is about to be uploaded, by its id.

    Empty where the ground is unknown: then each node chooses for itself, and refuses if it can't.
    """
    terrain = ctx.part(MapBase).terrain()
    try:
        needs = [layer_need(row.sortie, terrain, plan.request.max_agl_m) for row in ready]
    except NoTerrainError:
        return {}
    layers = return_layers(needs, _taken_amsl_m(session, plan.id, ready))
    return {layer.sortie_id: layer for layer in layers}


def _taken_amsl_m(session: Session, plan_id: str, ready: Sequence[SortieRecord]) -> list[float]:
    """Return the layers of the other aircraft of the plan or of the site."""
    own = {row.vehicle_id for row in ready}
    with unscoped(session):
        others = session.exec(
            select(SortieRecord).where(
                col(SortieRecord.vehicle_id).not_in(own),
                or_(
                    col(SortieRecord.state).in_(_ON_BOARD),
                    col(SortieRecord.start_when_uploaded).is_(True),
                ),
            )
        ).all()
        near = [
            other
            for other in others
            if other.plan_id == plan_id
            or any(distance_m(other.sortie.launch, row.sortie.launch) < SITE_M for row in ready)
        ]
        layers = [_layer_amsl_m(session, other.id) for other in near]
    return [layer for layer in layers if layer is not None]


def _layer_amsl_m(session: Session, sortie_id: str) -> float | None:
    """Return the layer that a sortie was last uploaded with."""
    newest = session.exec(
        select(CommandRecord)
        .where(CommandRecord.sortie_id == sortie_id, CommandRecord.action == "upload_sortie")
        .order_by(col(CommandRecord.issued_ms).desc())
        .limit(1)
    ).first()
    body = newest.order.body if newest is not None and newest.order is not None else None
    return body.return_amsl_m if isinstance(body, UploadSortie) else None
