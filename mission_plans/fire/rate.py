"""How fast a fire spreads in a direction: the formula of 王正非 as extended by 毛贤敏.

R = R0 x Ks x Kw x Kphi, in metres a minute:

- R0 = 0.03 T + 0.05 W + 0.01 (100 - h) - 0.3, the rate without wind on level ground, from the air's
  temperature T (degrees Celsius), wind W (Beaufort) and relative humidity h (%);
- Ks by the fuel. Published values disagree by a factor of four, so it is a table with a spread
  (`mission_plans/data/fuels.json`), never a constant;
- Kw = exp(0.1783 V cos a), wind V in m/s, a the angle between its direction and the spread;
- Kphi = exp(3.533 |tan s|^1.2) uphill, its reciprocal downhill, s the slope along the spread.

Sources: 王正非, 通用森林火险级系统, 自然灾害学报 1992; 毛贤敏, 风和地形对林火蔓延速度的作用,
应用气象学报 1993; the constants as they stand in nine public programs. The slope's effect is too
strong in it: between 25 and 35 degrees it grows 2.4-fold, where BehavePlus runs for six kinds of
forest in Kunming's Xishan gave 1.16 (王秋华 and others, 浙江林业科技 2013). It is therefore held
from the slope on beyond which only those 1.16 are left.
"""

import json
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mission_plans.values.base import Value

__all__ = [
    "STEEPEST_TAN",
    "Fuel",
    "beaufort",
    "fuels",
    "level_rate_m_min",
    "slope_factor",
    "wind_factor",
]

WIND_PER_MS = 0.1783
SLOPE_FACTOR = 3.533
SLOPE_POWER = 1.2

STEEPEST_TAN = 0.506
"""Steeper is counted as this (26.9 degrees): exp(3.533 (0.506^1.2 - tan(25)^1.2)) = 1.16."""

SLOWEST_M_MIN = 0.02
"""The formula goes below nothing in cold damp air."""

STRONGEST_WIND_MS = 20.0
"""Beyond this the exponential means nothing."""


class Fuel(Value):
    """A kind of fuel."""

    id: str
    name_zh: str
    name_en: str
    factor: float
    """Ks."""
    log_sd: float
    """Spread of what is published, as the standard deviation of its logarithm."""
    spots: bool
    """Whether burning cones and bark are known to be carried ahead of the front."""


@cache
def fuels() -> dict[str, Fuel]:
    """Return the fuels by their id."""
    text = (files("mission_plans") / "data" / "fuels.json").read_text("utf-8")
    return {row["id"]: Fuel.model_validate(row) for row in json.loads(text)["fuels"]}


def beaufort(speed_ms: float) -> float:
    """Return a wind on Beaufort's scale without its steps: v = 0.836 B^1.5."""
    return (speed_ms / 0.836) ** (2 / 3)


def level_rate_m_min(temperature_c: float, humidity_pct: float, wind_ms: float) -> float:
    """Return R0."""
    rate = 0.03 * temperature_c + 0.05 * beaufort(wind_ms) + 0.01 * (100 - humidity_pct) - 0.3
    return max(rate, SLOWEST_M_MIN)


def wind_factor(wind_ms: float, toward_deg: float, spread_deg: ArrayLike) -> NDArray[np.float64]:
    """Return Kw for spread in directions (degrees from north), elementwise.

    Args:
        wind_ms: speed of the wind.
        toward_deg: where it blows to.
        spread_deg: where the fire goes.
    """
    angle = np.radians(np.asarray(spread_deg, dtype=np.float64) - toward_deg)
    return np.exp(WIND_PER_MS * min(wind_ms, STRONGEST_WIND_MS) * np.cos(angle))


def slope_factor(tan_slope: ArrayLike) -> NDArray[np.float64]:
    """Return Kphi for slopes along the spread (rise over run; negative downhill), elementwise."""
    tan = np.asarray(tan_slope, dtype=np.float64)
    held = np.minimum(np.abs(tan), STEEPEST_TAN)
    return np.exp(np.sign(tan) * SLOPE_FACTOR * held**SLOPE_POWER)
