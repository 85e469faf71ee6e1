"""How far lost people go: distances from the last known position as published quantiles."""

import json
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from mission_plans.values.base import Value

__all__ = ["QUANTILES", "Profile", "profiles", "ring_density"]

QUANTILES = (0.25, 0.50, 0.75, 0.95)
FARTHEST = 2.0
"""The rest is taken to lie within this many times the last published distance."""


class Profile(Value):
    """A kind of lost person in a kind of country."""

    name_zh: str
    name_en: str
    distance_km: list[float] = Field(min_length=4, max_length=4)
    """Within which the `shares` were found."""
    shares: list[float] = Field(default=list(QUANTILES), min_length=4, max_length=4)


@lru_cache(maxsize=1)
def profiles() -> dict[str, Profile]:
    """Return the known profiles by name."""
    file = Path(__file__).parents[1] / "data" / "lost_person.json"
    document = json.loads(file.read_text(encoding="utf-8"))
    return {name: Profile.model_validate(entry) for name, entry in document["profiles"].items()}


def ring_density(profile: Profile, distance_m: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return probability per square metre at distances from the last known position.

    Every ring between two published distances holds exactly its share; within and across rings the
    density is smooth (a monotone cubic through the shares over the area enclosed: Fritsch and
    Butland, "A method for constructing local monotone piecewise cubic interpolants", SIAM J. Sci.
    Stat. Comput. 5, 1984).
    """
    edges = np.array([0.0, *profile.distance_km, profile.distance_km[-1] * FARTHEST]) * 1000
    area, share = np.pi * edges**2, np.array([0.0, *profile.shares, 1.0])
    width, slope = np.diff(area), np.diff(share) / np.diff(area)
    before, after = width[:-1], width[1:]
    heavy, light = 2 * after + before, after + 2 * before
    middle = (heavy + light) / (heavy / slope[:-1] + light / slope[1:])
    # Three times the neighbouring slope is the steepest end that keeps the cubic monotone.
    ends = np.concatenate(
        [[min(max(2 * slope[0] - middle[0] / 2, slope[0]), 3 * slope[0])], middle, [0.0]]
    )
    enclosed = np.pi * distance_m**2
    ring = np.clip(np.searchsorted(area, enclosed, side="right") - 1, 0, len(width) - 1)
    part = (enclosed - area[ring]) / width[ring]
    density = (
        ends[ring] * (1 - part) * (1 - 3 * part)
        + ends[ring + 1] * part * (3 * part - 2)
        + slope[ring] * 6 * part * (1 - part)
    )
    return np.where(enclosed <= area[-1], np.maximum(density, 0.0), 0.0)
