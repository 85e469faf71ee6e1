"""The rules a plan is held against, each with its answer in both languages."""

import itertools
from collections.abc import Mapping, Sequence

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from mission_plans.allocation.flight_model import FlightModel
from mission_plans.allocation.planned_views import PlannedViews
from mission_plans.allocation.schedule import SEPARATION_H_M, Conflict, conflict_between, timeline
from mission_plans.allocation.vertical import clearance_along
from mission_plans.ground.local_frame import LocalFrame
from mission_plans.ground.terrain import Terrain
from mission_plans.values.plan import Check, GeoPoint, PlanRequest, Severity, SortiePlan

__all__ = [
    "MIN_COVERAGE",
    "check_airspace",
    "check_clearance",
    "check_coverage",
    "check_outlines",
    "check_relay",
    "check_separation",
    "check_swath",
]

MIN_COVERAGE = 0.95
RELAY_GAP_S = 30.0
PARTED_SHARE = 0.02
"""Share of the lanes whose picture may be narrower than the lane spacing: overlap covers for it."""


def check_clearance(
    sorties: Sequence[SortiePlan], frame: LocalFrame, terrain: Terrain, request: PlanRequest
) -> tuple[list[Check], float, float]:
    """Check heights above ground along every 25 m; return checks, smallest and largest height."""
    lows = [
        (
            clearance_along(sortie.waypoints, frame, terrain, request.min_clearance_m),
            sortie,
        )
        for sortie in sorties
        if sortie.waypoints
    ]
    if not lows:
        return [], 0.0, 0.0
    low, sortie = min(lows, key=lambda pair: pair[0].min_agl_m)
    high, _ = max(lows, key=lambda pair: pair[0].max_agl_m)
    low_ok = low.min_agl_m >= request.min_clearance_m - 1e-6
    high_ok = high.max_agl_m <= request.max_agl_m + 1e-6
    leg = (low.min_leg if low.first_low_leg is None else low.first_low_leg) + 1
    low_at = low.min_at if low.first_low_at is None else low.first_low_at
    return (
        [
            Check(
                id="clearance",
                severity=Severity.BLOCK,
                passed=low_ok,
                text_zh=(
                    f"最小离地 {low.min_agl_m:.0f} 米(要求 ≥ {request.min_clearance_m:.0f} 米)"
                    + ("" if low_ok else f",{sortie.vehicle_id} 第 {leg} 段首先违反")
                ),
                text_en=(
                    f"lowest height above ground {low.min_agl_m:.0f} m "
                    f"(at least {request.min_clearance_m:.0f} m)"
                    + ("" if low_ok else f", first violated on leg {leg} of {sortie.vehicle_id}")
                ),
                source="O2",
                value=low.min_agl_m,
                limit=request.min_clearance_m,
                at=GeoPoint(lat_deg=low_at[0], lon_deg=low_at[1]),
            ),
            Check(
                id="max_agl",
                severity=Severity.CAUTION,
                passed=high_ok,
                text_zh=f"最大离地 {high.max_agl_m:.0f} 米(真高上限 {request.max_agl_m:.0f} 米)",
                text_en=(
                    f"greatest height above ground {high.max_agl_m:.0f} m "
                    f"(limit {request.max_agl_m:.0f} m)"
                ),
                source="O2; 无人驾驶航空器飞行管理暂行条例 19",
                value=high.max_agl_m,
                limit=request.max_agl_m,
                at=GeoPoint(lat_deg=high.max_at[0], lon_deg=high.max_at[1]),
            ),
        ],
        low.min_agl_m,
        high.max_agl_m,
    )


def check_airspace(
    sorties: Sequence[SortiePlan],
    request: PlanRequest,
    shapes: Sequence[BaseGeometry],
    frame: LocalFrame,
) -> list[Check]:
    """Check every fence of the request; `shapes` are their areas in metres, in the same order."""
    tracks = [_track(sortie, frame) for sortie in sorties if sortie.waypoints]
    flown = shapely.union_all(tracks) if tracks else shapely.MultiLineString()
    checks: list[Check] = []
    include = [
        (fence, shape)
        for fence, shape in zip(request.fences, shapes, strict=True)
        if fence.kind == "include"
    ]
    if include:
        inside = any(shape.buffer(1.0).covers(flown) for _, shape in include)
        names = "、".join(fence.name for fence, _ in include)
        names_en = ", ".join(fence.said_en for fence, _ in include)
        checks.append(
            Check(
                id="fence_include",
                severity=Severity.BLOCK,
                passed=inside,
                text_zh=f"全程位于任务空域内({names})" if inside else f"航线超出任务空域({names})",
                text_en=f"stays inside {names_en}"
                if inside
                else f"leaves the permitted area {names_en}",
                source="O9",
            )
        )
    for fence, shape in zip(request.fences, shapes, strict=True):
        if fence.kind == "include":
            continue
        crossing = flown.intersection(shape)
        clear = crossing.is_empty
        at = None
        if not clear:
            first = shapely.get_coordinates(crossing)[0]
            at = frame.point(float(first[0]), float(first[1]))
        if fence.kind == "exclude":
            checks.append(
                Check(
                    id="fence_exclude",
                    severity=Severity.BLOCK,
                    passed=clear,
                    text_zh=f"避开禁飞区 {fence.name}" if clear else f"航线穿越禁飞区 {fence.name}",
                    text_en=f"avoids {fence.said_en}"
                    if clear
                    else f"crosses no-fly {fence.said_en}",
                    source="O9",
                    at=at,
                )
            )
        elif not clear:
            approved = fence.approval_id is not None
            reason = fence.reason or fence.name
            reason_en = fence.reason_en or fence.reason or fence.said_en
            checks.append(
                Check(
                    id="airspace_controlled",
                    severity=Severity.BLOCK,
                    passed=approved,
                    text_zh=(
                        f"管制空域 {fence.name}({reason}):"
                        + (f"已绑定批准 {fence.approval_id}" if approved else "须绑定批准编号")
                    ),
                    text_en=(
                        f"controlled airspace {fence.said_en} ({reason_en}): "
                        + (f"approval {fence.approval_id}" if approved else "needs an approval id")
                    ),
                    source="O4; 无人驾驶航空器飞行管理暂行条例 19",
                    at=at,
                )
            )
    return checks


def check_coverage(fraction: float) -> Check:
    """Check the covered share of the area."""
    return Check(
        id="coverage",
        severity=Severity.CAUTION,
        passed=fraction >= MIN_COVERAGE,
        text_zh=f"覆盖 {fraction:.1%}(要求 ≥ {MIN_COVERAGE:.0%})",
        text_en=f"covers {fraction:.1%} (at least {MIN_COVERAGE:.0%})",
        source="O1",
        value=fraction,
        limit=MIN_COVERAGE,
    )


def check_outlines(notices: Sequence[tuple[str, str]]) -> list[Check]:
    """Say what had to be done to the drawn outlines."""
    return [
        Check(
            id="outline_mended",
            severity=Severity.CAUTION,
            passed=False,
            text_zh=zh,
            text_en=en,
            source="O1",
        )
        for zh, en in notices
    ]


def check_separation(
    sorties: Sequence[SortiePlan], frame: LocalFrame, models: Mapping[str, FlightModel]
) -> Check:
    """Check that aircraft stay 50 m or 20 m of height apart at all times (story O12)."""
    courses = [timeline(s, frame, models[s.vehicle_id]) for s in sorties]
    closest: tuple[Conflict, SortiePlan, SortiePlan] | None = None
    for (a, p), (b, q) in itertools.combinations(zip(sorties, courses, strict=True), 2):
        if a.vehicle_id == b.vehicle_id:
            continue
        found = conflict_between(p, q, a.start_s, b.start_s)
        if found is not None and (closest is None or found.distance_m < closest[0].distance_m):
            closest = (found, a, b)
    if closest is None:
        zh, en, value = "各机间隔满足", "aircraft stay apart", None
    else:
        found, a, b = closest
        value = found.distance_m
        zh = (
            f"{a.vehicle_id} 与 {b.vehicle_id} 在首机起飞后 {found.t_s:.0f} 秒相距仅 {value:.0f} 米"
        )
        en = (
            f"{a.vehicle_id} and {b.vehicle_id} come within {value:.0f} m, "
            f"{found.t_s:.0f} s after the first take-off"
        )
    return Check(
        id="separation",
        severity=Severity.CAUTION,
        passed=closest is None,
        text_zh=zh,
        text_en=en,
        source="O12",
        value=value,
        limit=SEPARATION_H_M,
    )


def check_relay(
    sorties: Sequence[SortiePlan], frame: LocalFrame, models: Mapping[str, FlightModel]
) -> list[Check]:
    """Check that every relief is on station before the one before it leaves (story O11)."""
    ordered = sorted(sorties, key=lambda s: s.start_s)
    courses = [timeline(s, frame, models[s.vehicle_id]) for s in ordered]
    gaps_s = [
        (b.start_s + q.on_station_s) - (a.start_s + p.off_station_s)
        for (a, p), (b, q) in itertools.pairwise(zip(ordered, courses, strict=True))
    ]
    worst_s = max(gaps_s, default=0.0)
    passed = worst_s <= RELAY_GAP_S
    return [
        Check(
            id="relay_gap",
            severity=Severity.CAUTION,
            passed=passed,
            text_zh=f"接力最大空档 {max(0.0, worst_s):.0f} 秒(上限 {RELAY_GAP_S:.0f} 秒)",
            text_en=f"longest gap between reliefs {max(0.0, worst_s):.0f} s "
            f"(limit {RELAY_GAP_S:.0f} s)",
            source="O11",
            value=max(0.0, worst_s),
            limit=RELAY_GAP_S,
        )
    ]


def check_swath(
    planned: PlannedViews, spacing_m: float, frame: LocalFrame, request: PlanRequest
) -> tuple[list[Check], float, float]:
    """Check overlap and pixel size over the real ground.

    Return the checks, the smallest overlap of swaths and the coarsest pixel in metres.
    """
    views = planned.views
    if not views.width_m.size:
        return [], 0.0, 0.0
    narrow = int(np.argmin(views.width_m))
    overlap = 1 - spacing_m / max(float(views.width_m[narrow]), 1e-6)
    thin = float((views.width_m < spacing_m).mean())
    parted = thin > PARTED_SHARE
    checks = [
        Check(
            id="overlap",
            severity=Severity.CAUTION,
            passed=not parted,
            text_zh=(
                f"按实际地形,最小重叠 {overlap:.0%}"
                + (f",{thin:.1%} 的航线画面窄于航线间距" if thin else "")
            ),
            text_en=(
                f"smallest overlap over the real ground {overlap:.0%}"
                + (f"; {thin:.1%} of the lanes see less than their spacing" if thin else "")
            ),
            source="O1",
            value=overlap,
            limit=0.0,
            at=frame.point(float(planned.x[narrow]), float(planned.y[narrow])),
        )
    ]
    coarse = int(np.argmax(views.gsd_m))
    gsd_m = float(views.gsd_m[coarse])
    if request.max_gsd_m is not None:
        over = float((views.gsd_m > request.max_gsd_m).mean())
        checks.append(
            Check(
                id="gsd",
                severity=Severity.CAUTION,
                passed=over == 0.0,
                text_zh=(
                    f"最粗地面分辨率 {gsd_m * 100:.1f} 厘米(要求 ≤ {request.max_gsd_m * 100:.1f})"
                    + (f",{over:.1%} 的航线超出" if over else "")
                ),
                text_en=(
                    f"coarsest pixel {gsd_m * 100:.1f} cm (at most {request.max_gsd_m * 100:.1f})"
                    + (f", exceeded on {over:.1%} of the lanes" if over else "")
                ),
                source="O1",
                value=gsd_m,
                limit=request.max_gsd_m,
                at=frame.point(float(planned.x[coarse]), float(planned.y[coarse])),
            )
        )
    return checks, overlap, gsd_m


def _track(sortie: SortiePlan, frame: LocalFrame) -> BaseGeometry:
    x, y = frame.to_metres(
        [w.lat_deg for w in sortie.waypoints], [w.lon_deg for w in sortie.waypoints]
    )
    return shapely.LineString(list(zip(x.tolist(), y.tolist(), strict=True)))
