"""The rules a plan is held against, each with its answer in both languages."""

import itertools
from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from mission_plans.local_frame import LocalFrame
from mission_plans.plan import Check, GeoPoint, PlanRequest, Severity, SortiePlan
from mission_plans.terrain import Terrain
from mission_plans.vertical import clearance_along

__all__ = [
    "check_airspace",
    "check_clearance",
    "check_coverage",
    "check_endurance",
    "check_separation",
]

MIN_COVERAGE = 0.95
SEPARATION_H_M = 50.0
SEPARATION_V_M = 20.0
TAKEOFF_INTERVAL_S = 20.0
"""Aircraft of one plan take off this long after each other, in the plan's order."""

LAUNCH_ZONE_M = 80.0
"""Around a shared launch point aircraft are kept apart by take-off order, not by the plan."""


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


def check_endurance(
    sorties: Sequence[SortiePlan], request: PlanRequest, complete: bool
) -> list[Check]:
    """Check that every sortie keeps the reserve, and that all lanes were given to one."""
    limit = 1 - request.reserve_fraction
    worst = max(sorties, key=lambda s: s.energy_fraction, default=None)
    used = worst.energy_fraction if worst else 0.0
    passed = complete and used <= limit + 1e-6
    if complete:
        zh = f"最耗电架次用电 {used:.0%}(上限 {limit:.0%}),共 {len(sorties)} 架次"
        en = f"thirstiest sortie uses {used:.0%} (limit {limit:.0%}); {len(sorties)} sorties"
    else:
        zh = f"{len(sorties)} 架次仍飞不完全部航线:缩小区域或增加航空器"
        en = f"{len(sorties)} sorties can't fly all lanes: shrink the area or add aircraft"
    return [
        Check(
            id="endurance",
            severity=Severity.BLOCK,
            passed=passed,
            text_zh=zh,
            text_en=en,
            source="O3",
            value=used,
            limit=limit,
        )
    ]


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
        checks.append(
            Check(
                id="fence_include",
                severity=Severity.BLOCK,
                passed=inside,
                text_zh=f"全程位于任务空域内({names})" if inside else f"航线超出任务空域({names})",
                text_en=f"stays inside {names}" if inside else f"leaves the permitted area {names}",
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
                    text_en=f"avoids {fence.name}" if clear else f"crosses no-fly {fence.name}",
                    source="O9",
                    at=at,
                )
            )
        elif not clear:
            approved = fence.approval_id is not None
            reason = fence.reason or fence.name
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
                        f"controlled airspace {fence.name} ({reason}): "
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


def check_separation(sorties: Sequence[SortiePlan], frame: LocalFrame) -> Check:
    """Check that aircraft starting together stay 50 m or 20 m of height apart (story O12)."""
    closest: tuple[float, SortiePlan, SortiePlan, float] | None = None
    place = {v: i for i, v in enumerate(dict.fromkeys(s.vehicle_id for s in sorties))}
    for a, b in itertools.combinations(sorties, 2):
        if a.order != b.order or a.vehicle_id == b.vehicle_id:
            continue
        delay_s = (place[b.vehicle_id] - place[a.vehicle_id]) * TAKEOFF_INTERVAL_S
        gap = _closest_conflict(a, b, frame, delay_s)
        if gap is not None and (closest is None or gap[0] < closest[0]):
            closest = (gap[0], a, b, gap[1])
    if closest is None:
        zh, en, value = "各机间隔满足", "aircraft stay apart", None
    else:
        value, a, b, t_s = closest
        zh = f"{a.vehicle_id} 与 {b.vehicle_id} 在起飞后 {t_s:.0f} 秒相距仅 {value:.0f} 米"
        en = f"{a.vehicle_id} and {b.vehicle_id} come within {value:.0f} m at {t_s:.0f} s"
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


def _track(sortie: SortiePlan, frame: LocalFrame) -> BaseGeometry:
    x, y = frame.to_metres(
        [w.lat_deg for w in sortie.waypoints], [w.lon_deg for w in sortie.waypoints]
    )
    return shapely.LineString(list(zip(x.tolist(), y.tolist(), strict=True)))


def _positions(sortie: SortiePlan, frame: LocalFrame, step_s: float) -> NDArray[np.float64]:
    """Return east, north and height (columns) at every step of the flight."""
    x, y = frame.to_metres(
        [w.lat_deg for w in sortie.waypoints], [w.lon_deg for w in sortie.waypoints]
    )
    z = np.array([w.altitude_amsl_m for w in sortie.waypoints])
    seconds = np.append(0.0, np.cumsum(np.hypot(np.diff(x), np.diff(y)))) / sortie.cruise_ms
    t = np.arange(0.0, seconds[-1], step_s)
    return np.column_stack([np.interp(t, seconds, values) for values in (x, y, z)])


def _closest_conflict(
    a: SortiePlan, b: SortiePlan, frame: LocalFrame, delay_s: float, step_s: float = 2.0
) -> tuple[float, float] | None:
    """Return the smallest distance of a conflict and its time after the first take-off."""
    first, second = (a, b) if delay_s >= 0 else (b, a)
    head = round(abs(delay_s) / step_s)
    p, q = _positions(first, frame, step_s)[head:], _positions(second, frame, step_s)
    both = min(len(p), len(q))
    p, q = p[:both], q[:both]
    apart = np.hypot(p[:, 0] - q[:, 0], p[:, 1] - q[:, 1])
    near = (apart < SEPARATION_H_M) & (np.abs(p[:, 2] - q[:, 2]) < SEPARATION_V_M)
    for sortie in (a, b):
        x, y = frame.to_metres(sortie.launch.lat_deg, sortie.launch.lon_deg)
        near &= np.hypot(p[:, 0] - float(x), p[:, 1] - float(y)) >= LAUNCH_ZONE_M
    if not near.any():
        return None
    index = int(np.argmin(np.where(near, apart, np.inf)))
    return float(apart[index]), (index + head) * step_s
