"""The world of a scenario at any moment, deterministic by seed."""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from mission_plans.ground.local_frame import LocalFrame
from mission_plans.ground.terrain import GridTerrain, Terrain
from mission_plans.values.plan import GeoPoint
from sim.world.fire import Fire, Puffs
from sim.world.people import Walker, Walking

__all__ = ["HeightField", "Moment", "World"]

FIELD_STEP_M = 20.0
FIELD_HALF_M = 6000.0


class HeightField:
    """Ground heights on a square metric grid round an origin, quick to sample."""

    def __init__(self, terrain: Terrain, frame: LocalFrame) -> None:
        """Sample the terrain; beyond its edge the nearest known row or column goes on."""
        steps = np.arange(-FIELD_HALF_M, FIELD_HALF_M + 1, FIELD_STEP_M)
        x, y = np.meshgrid(steps, steps)
        lat, lon = frame.to_degrees(x, y)
        if isinstance(terrain, GridTerrain):
            edge = terrain.step_deg * 1e-6
            lat = np.clip(lat, terrain.south_deg + edge, terrain.north_deg - edge)
            lon = np.clip(lon, terrain.west_deg + edge, terrain.east_deg - edge)
        self.z = terrain.elevation_m(lat, lon).astype(np.float32)

    def at(self, x: NDArray[np.float32], y: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return heights above mean sea level, bilinear, of 2-D arrays of positions in metres."""
        column = ((x + FIELD_HALF_M) / FIELD_STEP_M).astype(np.float32)
        row = ((y + FIELD_HALF_M) / FIELD_STEP_M).astype(np.float32)
        z = cv2.remap(self.z, column, row, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(z, np.float32)

    def one(self, x: float, y: float) -> float:
        """Return the height at one place."""
        return float(self.at(np.array([[x]], np.float32), np.array([[y]], np.float32))[0, 0])


@dataclass(frozen=True, slots=True)
class Moment:
    """The truth at one time."""

    t_s: float
    people: tuple[Walking, ...]
    puffs: Puffs
    fire_outline: tuple[tuple[float, float], ...]
    fire_area_m2: float


class World:
    """Everything there is around an origin; positions in metres east and north of it."""

    def __init__(
        self,
        origin: GeoPoint,
        terrain: Terrain,
        walkers: tuple[Walker, ...] = (),
        fire: Fire | None = None,
        seed: int = 0,
    ) -> None:
        self.frame = LocalFrame(origin)
        self.heights = HeightField(terrain, self.frame)
        self.walkers = walkers
        self.fire = fire
        self.seed = seed

    def at(self, t_s: float) -> Moment:
        """Return the truth at `t_s` seconds after the start."""
        if self.fire is None:
            none = np.zeros(0)
            puffs, outline, area = Puffs(none, none, none, none, none, none), (), 0.0
        else:
            puffs = self.fire.puffs(t_s)
            outline = tuple(self.fire.outline(t_s))
            area = math.pi * self.fire.size_m(t_s) ** 2
        return Moment(
            t_s=t_s,
            people=tuple(walker.at(t_s) for walker in self.walkers),
            puffs=puffs,
            fire_outline=outline,
            fire_area_m2=area,
        )

    def place(self, point: GeoPoint) -> tuple[float, float]:
        """Return a position in metres of the world's frame."""
        x, y = self.frame.to_metres(point.lat_deg, point.lon_deg)
        return float(x), float(y)
