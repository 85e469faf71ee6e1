"""How far lost people go: distances from the last known position as published quantiles."""

import json
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from mission_plans.values import Value

__all__ = ["QUANTILES", "Profile", "profiles", "ring_density"]

QUANTILES = (0.25, 0.50, 0.75, 0.95)
FARTHEST = 2.0
"""The last 5 % are taken to lie within this many times the 95 % distance."""


class Profile(Value):
    """A kind of lost person in a kind of country."""

    name_zh: str
    name_en: str
    distance_km: list[float] = Field(min_length=4, max_length=4)
    """Within which 25, 50, 75 and 95 % were found."""


@lru_cache(maxsize=1)
def profiles() -> dict[str, Profile]:
    """Return the known profiles by name."""
    file = Path(__file__).parents[1] / "data" / "lost_person.json"
    document = json.loads(file.read_text(encoding="utf-8"))
    return {name: Profile.model_validate(entry) for name, entry in document["profiles"].items()}


def ring_density(profile: Profile, distance_m: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return probability per square metre at distances from the last known position.

    Between two quantiles the probability is spread evenly over the ring, so that every ring holds
    exactly its share.
    """
    edges = np.array([0.0, *profile.distance_km, profile.distance_km[-1] * FARTHEST]) * 1000
    shares = np.diff([0.0, *QUANTILES, 1.0])
    density = shares / (np.pi * np.diff(edges**2))
    ring = np.searchsorted(edges, distance_m, side="right") - 1
    return np.where(ring < len(density), density[np.minimum(ring, len(density) - 1)], 0.0)
