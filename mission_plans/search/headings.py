"""Which way to lay the lanes: by flying time in this wind, or by rule."""

import itertools
import math

import numpy as np
from numpy.typing import NDArray
from shapely import affinity

from mission_plans.allocation.situation import Situation
from mission_plans.coverage.cells import creeping_heading_deg, lane_extents

__all__ = ["ranked_headings_deg"]

Pieces = NDArray[np.float64]
"""Left and right end of a row's pieces; one a line."""

HEADING_STEP_DEG = 10
SUN_GUARD_DEG = 30.0
"""Lanes closer to the sun's azimuth than this look into its glare on one of two ways."""


def ranked_headings_deg(situation: Situation) -> list[float]:
    """Return lane headings (0..180), the one with the least flying time first.

    The time counts lanes, turns, and head and tail wind; ground too steep for full speed costs
    little once lanes may float (measured on the demo area: under 1 %).
    `crosswind` leaves only the heading across the wind, `off_sun` none towards the sun.
    """
    request = situation.request
    assert situation.area is not None
    across = creeping_heading_deg(situation.area)
    # A narrow area is searched in one lane only exactly along itself.
    headings = [float(h) for h in range(0, 180, HEADING_STEP_DEG)]
    headings += [across, (across + 90) % 180]
    if request.heading_rule == "crosswind" and request.wind is not None:
        return [(request.wind.from_deg + 90) % 180]
    if request.heading_rule == "off_sun" and request.sun_azimuth_deg is not None:
        sun_deg = request.sun_azimuth_deg
        headings = [h for h in headings if abs((h - sun_deg + 90) % 180 - 90) >= SUN_GUARD_DEG]
    # Rounding keeps headings that are equal but for the last bits in order.
    return sorted(headings, key=lambda h: (round(_seconds(situation, h), 1), h))


def _seconds(situation: Situation, heading_deg: float) -> float:
    area, spacing_m = situation.area, situation.spacing_m
    assert area is not None
    turned = affinity.rotate(area, heading_deg - 90, origin=(0, 0))
    rows = [np.array(row) for row in lane_extents(turned, spacing_m) if row]
    length_m = sum(float((row[:, 1] - row[:, 0]).sum()) for row in rows)
    turns = sum(len(row) for row in rows)
    hops_m = sum(_hop_m(a, b, spacing_m) for a, b in itertools.pairwise(rows))
    sin, cos = math.sin(math.radians(heading_deg)), math.cos(math.radians(heading_deg))
    total = 0.0
    for model in situation.models:
        there = model.level(sin, cos, model.cruise_ms).seconds
        back = model.level(-sin, -cos, model.cruise_ms).seconds
        total += length_m * (there + back) / 2
        total += turns * model.turn.seconds + hops_m / model.cruise_ms
    return total


def _hop_m(row: Pieces, following: Pieces, spacing_m: float) -> float:
    """Return the way between the ends of two rows' pieces: slanted edges make it longer."""
    total = 0.0
    for left, right in following.tolist():
        touching = row[(row[:, 0] < right) & (left < row[:, 1])]
        if len(touching):
            west = math.hypot(spacing_m, left - touching[0, 0])
            east = math.hypot(spacing_m, right - touching[-1, 1])
            total += (west + east) / 2
        else:
            apart = np.minimum(np.abs(row - left), np.abs(row - right)).min()
            total += math.hypot(spacing_m, float(apart))
    return total
