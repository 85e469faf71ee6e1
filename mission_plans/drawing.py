"""Drawing a plan on the relief, with its height profiles: PNG or SVG."""

import itertools
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.colors import LightSource

from mission_plans.allocation.situation import Situation
from mission_plans.ground.terrain import Terrain
from mission_plans.ground.terrain_patch import TerrainPatch
from mission_plans.values.plan import AREA_PATTERNS, SearchPlan, SortiePlan, WaypointKind

__all__ = ["draw_plan"]

COLOURS = ("#1f9ed1", "#e8590c", "#2f9e44", "#9c36b5", "#f59f00", "#c2255c", "#0b7285", "#5f3dc4")
MARGIN_M = 150.0
RELIEF_STEPS = 300


def draw_plan(plan: SearchPlan, terrain: Terrain, file: Path) -> None:
    """Write a map of the plan and the height profile of its sorties; the ending says the format.

    Raises:
        ValueError: an ending other than .png or .svg.
        OSError: the file can't be written.
    """
    if file.suffix.lower() not in (".png", ".svg"):
        raise ValueError(f"{file.name}: a drawing ends in .png or .svg")
    situation = Situation.of(plan.request, terrain)
    figure, (chart, profile) = plt.subplots(
        2, 1, figsize=(11, 11), height_ratios=(4, 1), layout="constrained"
    )
    _map(chart, plan, situation)
    _profile(profile, plan, situation)
    metrics = plan.metrics
    failed = [check.id for check in plan.checks if not check.passed]
    chart.set_title(
        f"{plan.id}: {metrics.area_m2 / 1e4:.1f} ha, {metrics.lane_count} lanes at "
        f"{metrics.lane_spacing_m:.0f} m, longest sortie {metrics.longest_sortie_s / 60:.1f} min, "
        f"covered {metrics.coverage_fraction:.1%}"
        + (f"; failed: {', '.join(failed)}" if failed else ""),
        fontsize=10,
    )
    # Dates and random ids would make two drawings of one plan differ.
    metadata = {"Date": None} if file.suffix.lower() == ".svg" else {"Software": None}
    with matplotlib.rc_context({"svg.hashsalt": "xunshan"}):
        figure.savefig(file, dpi=120, metadata=metadata)
    plt.close(figure)


def _colour(plan: SearchPlan, sortie: SortiePlan) -> str:
    vehicles = list(dict.fromkeys(s.vehicle_id for s in plan.sorties))
    return COLOURS[vehicles.index(sortie.vehicle_id) % len(COLOURS)]


def _xy(sortie: SortiePlan, situation: Situation) -> tuple[np.ndarray, np.ndarray]:
    return situation.frame.to_metres(
        [w.lat_deg for w in sortie.waypoints], [w.lon_deg for w in sortie.waypoints]
    )


def _map(chart: Axes, plan: SearchPlan, situation: Situation) -> None:
    tracks = [_xy(sortie, situation) for sortie in plan.sorties]
    west, south, east, north = situation.place.bounds
    for x, y in tracks:
        west, south = min(west, float(x.min())), min(south, float(y.min()))
        east, north = max(east, float(x.max())), max(north, float(y.max()))
    west, south, east, north = (
        west - MARGIN_M,
        south - MARGIN_M,
        east + MARGIN_M,
        north + MARGIN_M,
    )
    gx, gy = np.meshgrid(
        np.linspace(west, east, RELIEF_STEPS), np.linspace(south, north, RELIEF_STEPS)
    )
    patch = TerrainPatch(situation.terrain, situation.frame, (west, south, east, north))
    ground = patch.elevation_m(gx, gy)
    shade = LightSource(315, 45).hillshade(ground, vert_exag=1.5, dx=(east - west) / RELIEF_STEPS)
    chart.imshow(shade, extent=(west, east, south, north), origin="lower", cmap="gray", alpha=0.55)
    lines = chart.contour(gx, gy, ground, levels=12, colors="#8a6d3b", linewidths=0.4)
    chart.clabel(lines, fontsize=6)
    if situation.area is not None and plan.request.pattern.kind in AREA_PATTERNS:
        for part in shapely.get_parts(situation.area):
            if isinstance(part, shapely.Polygon):
                for ring in (part.exterior, *part.interiors):
                    chart.plot(*np.asarray(ring.coords).T, color="#111", linewidth=1.2)
    for fence, shape in zip(plan.request.fences, situation.fences, strict=True):
        colour = "#c92a2a" if fence.kind == "exclude" else "#e67700"
        if fence.kind != "include" and isinstance(shape, shapely.Polygon):
            chart.fill(*np.asarray(shape.exterior.coords).T, color=colour, alpha=0.25)
    named: set[str] = set()
    for sortie, (x, y) in zip(plan.sorties, tracks, strict=True):
        colour = _colour(plan, sortie)
        label = None if sortie.vehicle_id in named else sortie.vehicle_id
        named.add(sortie.vehicle_id)
        chart.plot(x, y, color=colour, linewidth=0.7, linestyle=":")
        for i, (a, _) in enumerate(itertools.pairwise(sortie.waypoints)):
            if a.kind in (WaypointKind.LANE_START, WaypointKind.LANE):
                chart.plot(x[i : i + 2], y[i : i + 2], color=colour, linewidth=1.4, label=label)
                label = None
        chart.plot(x[0], y[0], marker="^", color=colour, markersize=8)
    chart.set_xlim(west, east)
    chart.set_ylim(south, north)
    chart.set_aspect("equal")
    chart.set_xlabel("m east")
    chart.set_ylabel("m north")
    if named:
        chart.legend(loc="upper right", fontsize=8)


def _profile(chart: Axes, plan: SearchPlan, situation: Situation) -> None:
    for sortie in plan.sorties:
        if sortie.order:
            continue
        x, y = _xy(sortie, situation)
        along = np.append(0.0, np.cumsum(np.hypot(np.diff(x), np.diff(y))))
        fine = np.linspace(0, along[-1], 600)
        lat, lon = situation.frame.to_degrees(np.interp(fine, along, x), np.interp(fine, along, y))
        ground = situation.terrain.elevation_m(lat, lon)
        heights = [w.altitude_amsl_m for w in sortie.waypoints]
        colour = _colour(plan, sortie)
        chart.plot(fine / 1000, np.interp(fine, along, heights), color=colour, linewidth=1.2)
        chart.plot(fine / 1000, ground, color=colour, linewidth=0.8, alpha=0.45)
    chart.set_xlabel("km along the first sorties (pale: ground)")
    chart.set_ylabel("m above sea level")
