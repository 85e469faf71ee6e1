"""Patterns round a datum, the best known position: expanding square and sector search.

IAMSAR manual, volume II, sections 5.5.11 to 5.5.13.
"""

import math

from mission_plans.coverage.lanes import Lane

__all__ = ["expanding_square", "sector"]

Point = tuple[float, float]


def _ahead(from_: Point, heading_deg: float, length_m: float) -> Point:
    heading = math.radians(heading_deg)
    return from_[0] + length_m * math.sin(heading), from_[1] + length_m * math.cos(heading)


def expanding_square(
    datum: Point, reach_m: float, heading_deg: float, spacing_m: float
) -> list[Lane]:
    """Return legs of 1, 1, 2, 2, 3, 3... spacings, turning right, until the square is covered.

    Everything within `reach_m` to the sides of the datum lies within half a spacing of a leg.
    """
    lanes: list[Lane] = []
    here = datum
    heading = heading_deg
    # Leg 2n ends n spacings beside the datum, so its swath reaches half a spacing farther.
    rings = max(1, math.ceil((reach_m - spacing_m / 2) / spacing_m - 1e-9))
    for leg in range(4 * rings + 1):
        length_m = min(leg // 2 + 1, 2 * rings) * spacing_m
        there = _ahead(here, heading, length_m)
        lanes.append(Lane(*here, *there))
        here, heading = there, heading + 90
    return lanes


def sector(datum: Point, radius_m: float, heading_deg: float, *, second_pass: bool) -> list[Lane]:
    """Return three equilateral triangles through the datum, and three more turned by 30 degrees."""
    lanes: list[Lane] = []
    for turn_deg in (0.0, 30.0) if second_pass else (0.0,):
        heading = heading_deg + turn_deg
        here = datum
        for _ in range(3):
            out = _ahead(here, heading, radius_m)
            across = _ahead(out, heading + 120, radius_m)
            lanes += [Lane(*here, *out), Lane(*out, *across), Lane(*across, *datum)]
            # The leg home points 240 degrees on; carrying straight over the datum begins the next.
            here, heading = datum, heading + 240
    return lanes
