"""Twenty-four areas: our plans beside the lower bound and simpler ways to share a search.

`python -m tests.benchmarks.bench_areas` prints every area; `python -m tests.benchmarks areas` the
summary.
"""

import json
import math
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from mission_plans.allocation.situation import Situation
from mission_plans.ground.terrain_files import demo_terrain
from mission_plans.search.planning import improved_plans
from mission_plans.values.plan import (
    AircraftSpec,
    CameraSpec,
    Fence,
    GeoPoint,
    PlanRequest,
    SearchPlan,
    WaypointKind,
)
from tests.benchmarks.rivals import LANE_END_S, equal_areas, even_lanes

AREAS = Path(__file__).parent / "areas"
IMPROVE_S = 4.0
"""As the command post gives a draft."""


@dataclass(frozen=True)
class Result:
    """One area's figures; times in seconds."""

    name: str
    hectares: float
    aircraft: int
    sorties: int
    first_ms: float
    first_s: float
    longest_s: float
    bound_s: float
    flat_s: float
    even_s: float
    equal_s: float
    balance: float
    covered: float
    failed: list[str]


def _points(ring: list[list[float]]) -> list[GeoPoint]:
    points = [GeoPoint(lat_deg=lat, lon_deg=lon) for lon, lat in ring]
    return points[:-1] if len(points) > 3 and points[0] == points[-1] else points


def request_of(file: Path) -> tuple[PlanRequest, dict[str, Any]]:
    """Return the request an area file stands for, and its properties."""
    feature = json.loads(file.read_text("utf-8"))
    asked = feature["properties"]
    launches, speeds = _points(asked["launches"]), asked["cruise_ms"]
    fleet = [
        AircraftSpec(
            vehicle_id=f"A{i + 1}",
            launch=launches[i % len(launches)],
            cruise_ms=speeds[i % len(speeds)],
            endurance_s=asked["endurance_s"],
            camera=CameraSpec(pitch_deg=-90),
        )
        for i in range(asked["aircraft"])
    ]
    outer, *holes = feature["geometry"]["coordinates"]
    request = PlanRequest(
        area=_points(outer),
        holes=[_points(hole) for hole in holes],
        aircraft=fleet,
        agl_m=asked["agl_m"],
        seek="lying",
        fences=[
            Fence(id=f"N{i}", kind="exclude", name=f"N{i}", polygon=_points(ring))
            for i, ring in enumerate(asked["no_fly"])
        ],
    )
    return request, asked


def _flat_s(plan: SearchPlan, situation: Situation) -> float:
    """Return our longest sortie by the rivals' flat arithmetic: level metres and lane ends."""
    worst = 0.0
    for sortie in plan.sorties:
        x, y = situation.frame.to_metres(
            [w.lat_deg for w in sortie.waypoints], [w.lon_deg for w in sortie.waypoints]
        )
        metres = sum(math.hypot(x[i + 1] - x[i], y[i + 1] - y[i]) for i in range(len(x) - 1))
        ends = sum(w.kind is WaypointKind.LANE_END for w in sortie.waypoints)
        worst = max(worst, metres / sortie.cruise_ms + LANE_END_S * max(0, ends - 1))
    return worst


def measured(file: Path) -> Result:
    """Plan one area and its rivals."""
    request, asked = request_of(file)
    began_s = time.perf_counter()
    tries = improved_plans(request, demo_terrain(), asked["id"])
    first = best = next(tries)
    first_ms = (time.perf_counter() - began_s) * 1000
    assert first is not None
    assert best is not None
    for better in tries:
        best = better or best
        if time.perf_counter() - began_s > IMPROVE_S:
            break
    situation = Situation.of(request, demo_terrain())
    assert situation.area is not None
    speeds = [a.cruise_ms for a in request.aircraft]
    single = len(best.sorties) <= len(request.aircraft)
    rivals = [
        rival(situation.area, situation.spacing_m, situation.launches, speeds)
        if single
        else math.nan
        for rival in (even_lanes, equal_areas)
    ]
    times = [s.duration_s for s in best.sorties]
    return Result(
        name=f"{asked['id']} {asked['name']}",
        hectares=best.metrics.area_m2 / 1e4,
        aircraft=len(request.aircraft),
        sorties=len(best.sorties),
        first_ms=first_ms,
        first_s=first.metrics.longest_sortie_s,
        longest_s=best.metrics.longest_sortie_s,
        bound_s=best.metrics.lower_bound_s,
        flat_s=_flat_s(best, situation),
        even_s=rivals[0],
        equal_s=rivals[1],
        balance=max(times) / min(times),
        covered=best.metrics.coverage_fraction,
        failed=[c.id for c in best.checks if not c.passed],
    )


def results() -> list[Result]:
    """Measure every area."""
    return [measured(file) for file in sorted(AREAS.glob("*.geojson"))]


def rows() -> Iterator[tuple[str, float, str, str]]:
    """Yield the summary."""
    demo_terrain()
    found = results()

    def of(values: list[float]) -> list[float]:
        return [value for value in values if math.isfinite(value)]

    yield "areas, first plan: median", statistics.median(r.first_ms for r in found), "ms", "1,000"
    yield "areas, first plan: slowest", max(r.first_ms for r in found), "ms", "1,000 (10 km2)"
    ratios = [r.longest_s / r.bound_s for r in found]
    yield "longest sortie over lower bound: median", statistics.median(ratios), "ratio", "1.10"
    yield "longest sortie over lower bound: worst", max(ratios), "ratio", "-"
    even = of([r.even_s / r.flat_s for r in found])
    yield "evenly split single-heading lanes over ours: median", statistics.median(even), "x", "> 1"
    yield "the same: least", min(even), "x", "> 1"
    equal = of([r.equal_s / r.flat_s for r in found])
    yield "equal areas (Maza, Ollero) over ours: median", statistics.median(equal), "x", "> 1"
    yield "the same: least", min(equal), "x", "> 1"
    balance = [r.balance for r in found]
    yield "longest over shortest sortie: median", statistics.median(balance), "ratio", "1.05"
    yield "longest over shortest sortie: worst", max(balance), "ratio", "1.05"
    yield "covered: least", min(r.covered for r in found) * 100, "%", "95 %"


def main() -> None:
    """Print one line for each area."""
    table = Table(title=f"longest sortie in minutes; ours after {IMPROVE_S:g} s of improving")
    for column in (
        "area",
        "ha",
        "aircraft/sorties",
        "first ms",
        "first",
        "ours",
        "bound",
        "over bound",
        "ours flat",
        "even lanes",
        "equal areas",
        "balance",
        "covered",
        "failed",
    ):
        table.add_column(column)
    for r in results():
        table.add_row(
            r.name,
            f"{r.hectares:.0f}",
            f"{r.aircraft}/{r.sorties}",
            f"{r.first_ms:.0f}",
            f"{r.first_s / 60:.1f}",
            f"{r.longest_s / 60:.1f}",
            f"{r.bound_s / 60:.1f}",
            f"{r.longest_s / r.bound_s:.3f}",
            f"{r.flat_s / 60:.1f}",
            f"{r.even_s / 60:.1f}",
            f"{r.equal_s / 60:.1f}",
            f"{r.balance:.3f}",
            f"{r.covered:.2%}",
            " ".join(r.failed) or "-",
        )
    Console(width=190).print(table)


if __name__ == "__main__":
    sys.exit(main())
