"""A growing ground fire and its smoke, as pure functions of time and seed.

The front is an ellipse that opens downwind (Anderson 1983: the length-to-breadth ratio grows with
the wind). Smoke is a stream of puffs; each is carried by the wind, lifted by its heat, spread by
turbulence, and fades. A puff's fate depends only on its number, the seed and its age, so any moment
can be drawn without playing the ones before.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Fire", "Puffs"]

PUFFS_PER_S = 4.0
PUFF_LIFE_S = 55.0


@dataclass(frozen=True, slots=True)
class Puffs:
    """Smoke at one moment: arrays of equal length, metres of the world's frame, z above sea."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    z: NDArray[np.float64]
    radius_m: NDArray[np.float64]
    opacity: NDArray[np.float64]
    lightness: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Fire:
    """One fire."""

    x: float
    y: float
    ground_amsl_m: float
    start_s: float
    radius_m: float
    growth_m_per_s: float
    max_radius_m: float
    wind_from_deg: float
    wind_ms: float
    seed: int = 0

    def size_m(self, t_s: float) -> float:
        """Return the front's radius as a circle of the same area; 0 before it starts."""
        if t_s < self.start_s:
            return 0.0
        grown = self.radius_m + self.growth_m_per_s * (t_s - self.start_s)
        return min(grown, self.max_radius_m)

    def axes_m(self, t_s: float) -> tuple[float, float]:
        """Return the half axes along and across the wind."""
        ratio = min(3.0, 1.0 + 0.12 * self.wind_ms)
        size = self.size_m(t_s)
        return size * math.sqrt(ratio), size / math.sqrt(ratio)

    def outline(self, t_s: float, points: int = 48) -> list[tuple[float, float]]:
        """Return the burnt area's edge; empty before the start."""
        along, across = self.axes_m(t_s)
        if along <= 0:
            return []
        down = math.radians(self.wind_from_deg + 180)
        # The origin stays near the windward end.
        cx = self.x + math.sin(down) * along * 0.6
        cy = self.y + math.cos(down) * along * 0.6
        outline: list[tuple[float, float]] = []
        for k in range(points):
            angle = 2 * math.pi * k / points
            wobble = 1 + 0.08 * math.sin(3 * angle + self.seed) + 0.05 * math.sin(7 * angle)
            u, v = along * math.cos(angle) * wobble, across * math.sin(angle) * wobble
            outline.append(
                (
                    cx + u * math.sin(down) + v * math.cos(down),
                    cy + u * math.cos(down) - v * math.sin(down),
                )
            )
        return outline

    def puffs(self, t_s: float) -> Puffs:
        """Return the smoke at `t_s`, oldest first."""
        if t_s <= self.start_s:
            none = np.zeros(0)
            return Puffs(none, none, none, none, none, none)
        first = max(0, math.ceil((t_s - self.start_s - PUFF_LIFE_S) * PUFFS_PER_S))
        last = math.floor((t_s - self.start_s) * PUFFS_PER_S)
        number = np.arange(first, last + 1)
        age = t_s - self.start_s - number / PUFFS_PER_S
        noise = _noise(number, self.seed)
        size = self.size_m(t_s)
        strength = min(1.0, 0.35 + size / 30)
        down = math.radians(self.wind_from_deg + 180)
        # Gusts: the wind at a puff's birth stays with it.
        gust = 1 + 0.25 * np.sin(number * 0.13 + self.seed) + 0.2 * (noise[0] - 0.5)
        drift = self.wind_ms * 0.75 * gust * age
        veer = (noise[1] - 0.5) * 0.5 + 0.15 * np.sin(number * 0.05)
        rise = (2.6 + 1.2 * noise[2]) * strength * np.minimum(age, 18 + 10 * noise[3])
        spread = (0.6 + 0.10 * age) * (2 * noise[4] - 1) * 3
        along, across = self.axes_m(t_s)
        birth_u = (2 * noise[5] - 1) * along * 0.7 + along * 0.6
        birth_v = (2 * noise[6] - 1) * across * 0.7
        u = birth_u + drift * np.cos(veer)
        v = birth_v + drift * np.sin(veer) + spread
        return Puffs(
            x=self.x + u * math.sin(down) + v * math.cos(down),
            y=self.y + u * math.cos(down) - v * math.sin(down),
            z=self.ground_amsl_m + 1.0 + rise,
            radius_m=(2.4 + 0.50 * age) * (0.7 + 0.6 * noise[7]) * (0.6 + 0.6 * strength),
            opacity=np.clip(0.85 * np.exp(-age / 24) * np.minimum(1, age / 0.6), 0, 1),
            lightness=0.62 + 0.25 * noise[8] - 0.1 * np.exp(-age / 4),
        )


def _noise(number: NDArray[np.int64], seed: int) -> NDArray[np.float64]:
    """Return nine random numbers in 0..1 for every puff, the same whenever it is asked for."""
    k = (number[None, :].astype(np.uint64) + np.uint64(seed % 65_521) * np.uint64(1_000_003)) * (
        np.uint64(9)
    ) + np.arange(9, dtype=np.uint64)[:, None]
    # The finaliser of SplitMix64 (Steele et al. 2014), a good integer hash.
    k = (k + np.uint64(0x9E3779B97F4A7C15)) & np.uint64(0xFFFFFFFFFFFFFFFF)
    k = (k ^ (k >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    k = (k ^ (k >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    k = k ^ (k >> np.uint64(31))
    return k.astype(np.float64) / 2**64
