"""How long an estimate of a fire's spread takes: 30 members over the demo terrain, one core."""

import time
from collections.abc import Iterator

import numpy as np

from mission_plans.fire.arrival import BEARINGS_DEG, SpreadGrid, arrival_minutes
from mission_plans.fire.members import SpreadInputs
from mission_plans.fire.rate import wind_factor
from mission_plans.fire.spread import CELLS, Start, spread
from mission_plans.ground.geodesy import destination
from mission_plans.ground.terrain_files import demo_terrain
from mission_plans.values.base import GeoPoint

SMOKE = GeoPoint(lat_deg=24.9415, lon_deg=102.6185)
OUTLINE = [destination(SMOKE, bearing, 180.0) for bearing in range(0, 360, 5)]
WINDS = {"calm": 0.5, "7 m/s": 7.0, "15 m/s": 15.0}
TRIES = 3


def rows() -> Iterator[tuple[str, float, str, str]]:
    """Yield the time of an estimate from a spot and from an outline, and of one member."""
    terrain = demo_terrain()
    for name, speed in WINDS.items():
        inputs = SpreadInputs(
            wind_from_deg=225, wind_ms=speed, temperature_c=24, humidity_pct=18, fuel="grass_scrub"
        )
        for what, start in (("spot", Start([SMOKE])), ("outline", Start(OUTLINE, closed=True))):
            took: list[float] = []
            cell_m = 0.0
            for seed in range(TRIES):
                began_s = time.perf_counter()
                made = spread(start, inputs, terrain, seed)
                took.append(time.perf_counter() - began_s)
                cell_m = made.cell_m
            said = f"30 members of a {what}, {name}, cells of {cell_m:.0f} m"
            yield said, max(took), "s", "5"
    ground = np.zeros((CELLS, CELLS))
    grid = SpreadGrid.over(ground, ground > 0, 10.0)
    sources = np.zeros(ground.shape, dtype=np.bool_)
    sources[CELLS // 2, CELLS // 2] = True
    began_s = time.perf_counter()
    arrival_minutes(grid, sources, 5 * wind_factor(3, 45, BEARINGS_DEG), 1e9)
    yield (
        f"one member until all of {CELLS} x {CELLS} cells burn",
        time.perf_counter() - began_s,
        "s",
        "0.3",
    )
