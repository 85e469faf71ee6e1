"""Chance of finding somebody per minute of flight: likeliest places first beside plain lanes."""

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from mission_plans.ground.terrain_files import demo_terrain
from mission_plans.ground.terrain_patch import TerrainPatch
from mission_plans.probability.best_tours import Prizes, best_tours, prizes_of
from mission_plans.probability.lost_person import profiles
from mission_plans.probability.probability_map import Attraction, Clue, LastKnown, probability_map
from mission_plans.values.base import GeoPoint
from tests.mission_plans.areas import FRAME

MAPS = 15
AIRCRAFT = 3
SPEED_MS = 8.0
SWEEP_M = 60.0
FOUND = 0.6
"""Chance that one pass finds a person in the swath."""

MINUTES = (10, 20, 40)


def _map(seed: int) -> tuple[Prizes, tuple[float, float]]:
    """Return a seeded map over the demo terrain with a clue and a path, and a launch point."""
    rng = np.random.default_rng(seed)

    def near(reach_m: float) -> GeoPoint:
        return FRAME.point(*rng.uniform(-reach_m, reach_m, 2).tolist())

    asked = {
        "last_known": [LastKnown(at=near(400))],
        "profile": profiles()["hiker_mountain_temperate"],
        "radius_m": 2000.0,
    }
    blank = probability_map(**asked)  # type: ignore[arg-type]
    x, y = blank.middles()
    patch = TerrainPatch(demo_terrain(), blank.frame, (x.min(), y.min(), x.max(), y.max()))
    made = probability_map(
        **asked,  # type: ignore[arg-type]
        ground_m=patch.elevation_m(x, y),
        attractions=[Attraction(line=[near(1500), near(1500), near(1500)], factor=4)],
        clues=[Clue(at=near(1200), sigma_m=350, factor=6)],
    )
    launch = (float(rng.uniform(-1500, 1500)), -1700.0)
    return prizes_of(made.poa, made.west_m, made.south_m, made.cell_m, SWEEP_M), launch


def _tracks_found(tracks: tuple[NDArray[np.float64], ...], prizes: Prizes) -> float:
    visited: set[tuple[int, int]] = set()
    for track in tracks:
        for x, y in track:
            visited.add(
                (
                    int((y - prizes.south_m) // prizes.step_m),
                    int((x - prizes.west_m) // prizes.step_m),
                )
            )
    rows, columns = prizes.prize.shape
    return FOUND * sum(
        float(prizes.prize[r, c]) for r, c in visited if 0 <= r < rows and 0 <= c < columns
    )


def _lanes_found(prizes: Prizes, launch: tuple[float, float], budget_m: float) -> float:
    """Return what a zigzag over the densest 95 % of the map's rows finds in the same length."""
    weight = prizes.prize.sum(axis=1)
    middle = int(np.average(np.arange(len(weight)), weights=weight))
    found = 0.0
    for number in range(AIRCRAFT):
        step = 0
        row = middle + number - 1
        x = launch[0]
        y = prizes.south_m + (row + 0.5) * prizes.step_m
        left_m = budget_m - 2 * math.dist(launch, (x, y))
        order = np.arange(prizes.prize.shape[1])
        while left_m > 0 and 0 <= row < len(weight):
            line = order if step % 2 == 0 else order[::-1]
            count = min(len(line), int(left_m / prizes.step_m))
            found += FOUND * float(prizes.prize[row, line[:count]].sum())
            left_m -= (len(line) + AIRCRAFT) * prizes.step_m
            # Outwards from the likeliest row, alternately to both sides.
            step += 1
            row = middle + number - 1 + AIRCRAFT * ((step + 1) // 2) * (1 if step % 2 else -1)
    return found


def rows() -> Iterator[tuple[str, float, str, str]]:
    """Yield the chance of a find after some minutes, and its ratio to plain lanes."""
    drawn = [_map(seed) for seed in range(MAPS)]
    for minutes in MINUTES:
        budget_m = minutes * 60 * SPEED_MS
        ours: list[float] = []
        plain: list[float] = []
        for prizes, launch in drawn:
            last = None
            for tours in best_tours(prizes, launch, AIRCRAFT, budget_m):
                last = tours
            assert last is not None
            ours.append(_tracks_found(last.tracks, prizes))
            plain.append(_lanes_found(prizes, launch, budget_m))
        name = f"{AIRCRAFT} aircraft, {minutes} min, mean of {MAPS} maps"
        yield f"{name}: chance of a find", float(np.mean(ours)) * 100, "%", "-"
        yield f"{name}: per minute", float(np.mean(ours)) * 100 / minutes, "%/min", "-"
        ratio = float(np.mean(np.array(ours) / np.maximum(np.array(plain), 1e-9)))
        yield f"{name}: over lanes from the likeliest row", ratio, "x", "1.05"
