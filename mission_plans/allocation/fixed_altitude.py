"""Flights at one height above home, as other ground stations plan them, held against the ground."""

from collections.abc import Sequence

from mission_plans.allocation.vertical import clearance_along
from mission_plans.ground.local_frame import LocalFrame
from mission_plans.ground.terrain import Terrain
from mission_plans.values.plan import Check, GeoPoint, Severity, Waypoint, WaypointKind

__all__ = ["check_fixed_altitude"]


def check_fixed_altitude(
    track: Sequence[GeoPoint], above_home_m: float, terrain: Terrain, min_clearance_m: float = 50.0
) -> Check:
    """Return whether a track at a fixed height above its first point clears the ground (O2).

    Legs are counted from 1. Checked every 25 m or closer.

    Raises:
        ValueError: fewer than two points.
        NoTerrainError: the track crosses ground without data.
    """
    if len(track) < 2:
        raise ValueError("a track needs two points or more")
    home = track[0]
    amsl_m = float(terrain.elevation_m(home.lat_deg, home.lon_deg)) + above_home_m
    waypoints = [
        Waypoint(
            lat_deg=p.lat_deg, lon_deg=p.lon_deg, altitude_amsl_m=amsl_m, kind=WaypointKind.TRANSIT
        )
        for p in track
    ]
    found = clearance_along(waypoints, LocalFrame(home), terrain, min_clearance_m)
    zh = f"最小离地 {found.min_agl_m:.0f} 米(要求 ≥ {min_clearance_m:.0f} 米)"
    en = f"lowest height above ground {found.min_agl_m:.0f} m (at least {min_clearance_m:.0f} m)"
    at = found.min_at
    if found.first_low_leg is not None and found.first_low_at is not None:
        at = found.first_low_at
        zh += f",第 {found.first_low_leg + 1} 段首先违反"
        en += f", first violated on leg {found.first_low_leg + 1}"
    return Check(
        id="clearance",
        severity=Severity.BLOCK,
        passed=found.first_low_leg is None,
        text_zh=zh,
        text_en=en,
        source="O2",
        value=found.min_agl_m,
        limit=min_clearance_m,
        at=GeoPoint(lat_deg=at[0], lon_deg=at[1]),
    )
