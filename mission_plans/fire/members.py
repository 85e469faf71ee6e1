"""What is not known for certain, drawn thirty times: wind, dryness, fuel, and where the line is.

Each quantity is split into as many equally likely parts as there are members and taken once from
each part, in an order of its own (Latin hypercube): thirty members then cover what three hundred
free draws would. The same inputs and seed give the same members.
"""

from dataclasses import dataclass
from statistics import NormalDist
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from mission_plans.fire.arrival import BEARINGS_DEG
from mission_plans.fire.rate import fuels, level_rate_m_min, wind_factor
from mission_plans.values.base import Value

__all__ = ["MEMBERS", "Member", "SpreadInputs", "draw_members", "rates_of"]

MEMBERS = 30

DIRECTION_SD_DEG = 20.0
SPEED_SD_MS = 2.0
DRYNESS_LOG_SD = 0.3
"""Of R0, for the moisture that nobody measured at the front."""
OBSERVED_LOG_SD = 0.2
"""Of the whole rate, where it is scaled to how the front was seen to advance."""
FARTHEST_SD = 2.0
"""No member is farther out than this: none stands for a storm that nobody reported."""


class SpreadInputs(Value):
    """What an estimate is made from."""

    wind_from_deg: Annotated[float, Field(ge=0, lt=360)]
    wind_ms: Annotated[float, Field(ge=0, le=40)]
    gust_ms: Annotated[float, Field(ge=0, le=60)] | None = None
    temperature_c: Annotated[float, Field(ge=-20, le=45)] = 20.0
    humidity_pct: Annotated[float, Field(ge=1, le=100)] = 40.0
    fuel: str = "mixed"
    line_error_m: Annotated[float, Field(ge=0, le=500)] = 30.0
    observed_m_min: Annotated[float, Field(gt=0, le=200)] | None = None
    """How fast the front was seen to advance; it sets the magnitude, the model only the shape."""
    observed_toward_deg: Annotated[float, Field(ge=0, lt=360)] | None = None

    @model_validator(mode="after")
    def _fits(self) -> "SpreadInputs":
        if self.fuel not in fuels():
            raise ValueError(f"fuel must be one of {', '.join(fuels())}")
        if self.gust_ms is not None and self.gust_ms < self.wind_ms:
            raise ValueError("a gust is at least as strong as the wind")
        if (self.observed_m_min is None) != (self.observed_toward_deg is None):
            raise ValueError("an observed advance has a rate and a direction, or neither")
        return self


@dataclass(frozen=True, slots=True)
class Member:
    """One way it may be."""

    wind_toward_deg: float
    wind_ms: float
    level_m_min: float
    """R0 x Ks."""
    grown_m: float
    """By how much the line is farther out than drawn; negative farther in."""


def draw_members(inputs: SpreadInputs, seed: int, count: int = MEMBERS) -> list[Member]:
    """Return the members."""
    rng = np.random.default_rng(seed)
    direction, speed, dryness, fuel, line = (_spread(rng, count) for _ in range(5))
    mean_rate = level_rate_m_min(inputs.temperature_c, inputs.humidity_pct, inputs.wind_ms)
    kind = fuels()[inputs.fuel]
    gustiness = ((inputs.gust_ms or inputs.wind_ms) - inputs.wind_ms) / 2
    log_sd = kind.log_sd if inputs.observed_m_min is None else OBSERVED_LOG_SD
    # In a calm no direction is better known than another, and little wind is certain.
    speed_sd = min(max(SPEED_SD_MS, gustiness), max(inputs.wind_ms, 0.25))
    return [
        Member(
            wind_toward_deg=(inputs.wind_from_deg + 180 + DIRECTION_SD_DEG * d) % 360,
            wind_ms=max(inputs.wind_ms + speed_sd * s, 0.0),
            level_m_min=mean_rate * kind.factor * float(np.exp(DRYNESS_LOG_SD * r + log_sd * f)),
            grown_m=inputs.line_error_m * g,
        )
        for d, s, r, f, g in zip(direction, speed, dryness, fuel, line, strict=True)
    ]


def rates_of(member: Member, scale: float = 1.0) -> NDArray[np.float64]:
    """Return a member's rates on level ground, for each step of the solver."""
    wind = wind_factor(member.wind_ms, member.wind_toward_deg, BEARINGS_DEG)
    return member.level_m_min * scale * wind


def _spread(rng: np.random.Generator, count: int) -> list[float]:
    """Return one value of a standard normal from each of `count` equally likely parts, shuffled."""
    shares = (rng.permutation(count) + 0.5) / count
    normal = NormalDist()
    return [max(-FARTHEST_SD, min(FARTHEST_SD, normal.inv_cdf(float(s)))) for s in shares]
