"""Storing what was flown, and reckoning what it covered."""

import json

from pydantic import TypeAdapter
from sqlmodel import Session, col, select

from field_api.contract.messages import FlownSample, FlownTrack
from field_api.errors import ApiError
from field_api.flown.models import CoverageView, FlownPiece, GapView
from field_api.plans.records import get_plan
from field_api.services import Services
from field_api.sorties.models import SortieRecord
from field_api.store import Change
from mission_plans.flown_coverage import FlownCoverage, FlownPose, flown_coverage
from mission_plans.plan import AREA_PATTERNS, SearchPlan

__all__ = ["coverage_of", "flown_poses", "gaps_of", "store_flown"]

_SAMPLES: TypeAdapter[list[FlownSample]] = TypeAdapter(list[FlownSample])


def store_flown(ctx: Services, change: Change, message: FlownTrack) -> None:
    """Keep a piece of track, with whether its video was watched at every moment."""
    watched = [ctx.live.watched(message.vehicle_id, s.t_ms) for s in message.samples]
    change.session.add(
        FlownPiece(
            id=message.id,
            sortie_id=message.sortie_id,
            vehicle_id=message.vehicle_id,
            last_ms=message.t_ms,
            samples_json=_SAMPLES.dump_json(message.samples).decode(),
            watched_json=json.dumps(watched),
        )
    )
    change.record(
        "flown.stored",
        message.sortie_id,
        f"{message.vehicle_id} 航迹 {len(message.samples)} 点,其中 {sum(watched)} 点有视频",
        f"{message.vehicle_id}: {len(message.samples)} positions, {sum(watched)} with video",
        refs={"vehicle_id": message.vehicle_id},
    )
    change.after_commit(lambda: ctx.live.publish("flown", message))


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
        for sample, seen in zip(
            _SAMPLES.validate_json(piece.samples_json), json.loads(piece.watched_json), strict=True
        )
    ]


def _reckoned(ctx: Services, plan_id: str) -> tuple[SearchPlan, FlownCoverage, int]:
    with ctx.store.read() as session:
        plan = SearchPlan.model_validate_json(get_plan(session, plan_id).plan_json)
        ids = session.exec(select(SortieRecord.id).where(SortieRecord.plan_id == plan_id)).all()
        poses = flown_poses(session, list(ids))
    if plan.request.pattern.kind not in AREA_PATTERNS:
        raise ApiError(
            409,
            "no_area",
            "此计划没有搜索区,不计算覆盖",
            "This plan searches no area, so there is no coverage to compare",
        )
    return plan, flown_coverage(plan, ctx.maps.terrain(), poses), len(poses)


def coverage_of(ctx: Services, plan_id: str) -> CoverageView:
    """Return flown beside planned coverage.

    Raises:
        ApiError: 404, there is no such plan; 409, it searches no area.
    """
    plan, found, count = _reckoned(ctx, plan_id)
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


def gaps_of(ctx: Services, plan_id: str) -> tuple[SearchPlan, FlownCoverage]:
    """Return a plan and the gaps its flights left.

    Raises:
        ApiError: as `coverage_of`; 409, nothing is left to fly.
    """
    plan, found, _ = _reckoned(ctx, plan_id)
    if not found.gaps:
        raise ApiError(409, "no_gaps", "搜索区已全部看过", "The whole area has been seen")
    return plan, found
