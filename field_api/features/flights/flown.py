"""Storing what was flown, and reckoning what it covered."""

from sqlmodel import Session, col, select

from field_api.contract.messages import FlownTrack
from field_api.core.access import Viewer, unscoped
from field_api.core.change import Change
from field_api.core.errors import refuse
from field_api.core.services import Services
from field_api.features.flights.messages import CoverageView, GapView
from field_api.features.flights.tables import FlownPiece, SortieRecord
from field_api.features.flights.watching import Watching
from field_api.features.maps.base import MapBase
from field_api.features.plans.records import get_plan
from mission_plans.search.flown_coverage import FlownCoverage, FlownPose, flown_coverage
from mission_plans.values.plan import AREA_PATTERNS, SearchPlan

__all__ = ["coverage_of", "flown_poses", "gaps_of", "take_flown"]


def take_flown(ctx: Services, change: Change, _node_id: str, message: FlownTrack) -> None:
    """Keep a piece of track, with whether its video was watched at every moment."""
    times_ms = [sample.t_ms for sample in message.samples]
    watched = ctx.part(Watching).watched(change.session, message.vehicle_id, times_ms)
    sortie = change.session.get(SortieRecord, message.sortie_id)
    change.create(
        FlownPiece(
            id=message.id,
            area=sortie.area if sortie else "",
            sortie_id=message.sortie_id,
            incident_id=sortie.incident_id if sortie else None,
            vehicle_id=message.vehicle_id,
            last_ms=message.t_ms,
            samples=list(message.samples),
            watched=watched,
        )
    )
    change.record(
        "flown.stored",
        message.sortie_id,
        refs={"vehicle_id": message.vehicle_id},
        vehicle=message.vehicle_id,
        count=len(message.samples),
        seen=sum(watched),
    )


def flown_poses(session: Session, sortie_ids: list[str]) -> list[FlownPose]:
    """Return every recorded position of some sorties."""
    pieces = session.exec(
        select(FlownPiece)
        .where(col(FlownPiece.sortie_id).in_(sortie_ids))
        .order_by(col(FlownPiece.last_ms))
    )
    return [
        FlownPose(
            vehicle_id=piece.vehicle_id,
            t_ms=sample.t_ms,
            lat_deg=sample.lat_deg,
            lon_deg=sample.lon_deg,
            altitude_amsl_m=sample.altitude_amsl_m,
            heading_deg=sample.heading_deg,
            seen=seen,
        )
        for piece in pieces
        for sample, seen in zip(piece.samples, piece.watched, strict=True)
    ]


def _reckoned(ctx: Services, viewer: Viewer, plan_id: str) -> tuple[SearchPlan, FlownCoverage, int]:
    with ctx.store.read(viewer) as session:
        plan = get_plan(session, plan_id).plan
        with unscoped(session):
            ids = session.exec(select(SortieRecord.id).where(SortieRecord.plan_id == plan_id)).all()
            poses = flown_poses(session, list(ids))
    if plan.request.pattern.kind not in AREA_PATTERNS:
        raise refuse(409, "no_area")
    return plan, flown_coverage(plan, ctx.part(MapBase).terrain(), poses), len(poses)


def coverage_of(ctx: Services, viewer: Viewer, plan_id: str) -> CoverageView:
    """Return flown beside planned coverage.

    Raises:
        ApiError: 404, there is no such plan; 409, it searches no area.
    """
    plan, found, count = _reckoned(ctx, viewer, plan_id)
    return CoverageView(
        plan_id=plan_id,
        area_m2=plan.metrics.area_m2,
        planned_fraction=found.planned_fraction,
        flown_fraction=found.flown_fraction,
        seen_fraction=found.seen_fraction,
        gaps=[GapView(outline=gap.outline, area_m2=gap.area_m2) for gap in found.gaps],
        seen_outlines=found.seen_outlines,
        sample_count=count,
    )


def gaps_of(ctx: Services, viewer: Viewer, plan_id: str) -> tuple[SearchPlan, FlownCoverage]:
    """Return a plan and the gaps its flights left.

    Raises:
        ApiError: as `coverage_of`; 409, nothing is left to fly.
    """
    plan, found, _ = _reckoned(ctx, viewer, plan_id)
    if not found.gaps:
        raise refuse(409, "no_gaps")
    return plan, found
