"""From a point of the picture to the ground it shows. Pure."""

import math
from dataclasses import dataclass
from typing import NamedTuple

from field_api.contract.messages import AimAngles, AimPlace, VehicleState
from mission_plans.ground.geodesy import bearing_deg, distance_m, offset_m
from mission_plans.ground.terrain import NoTerrainError, Terrain, intersect_ray
from mission_plans.values.plan import GeoPoint

__all__ = ["LOWEST_ELEVATION_DEG", "Sight", "aim_at_pixel", "ground_at_pixel", "sight_deg"]

LOWEST_ELEVATION_DEG = -3.0
"""A sight flatter than this hits the ground nobody knows where: the camera is turned instead."""
FARTHEST_M = 3000.0
PITCH_DEG = (-90.0, 45.0)


def sight_deg(
    pitch_deg: float, hfov_deg: float, aspect: float, x: float, y: float
) -> tuple[float, float]:
    """Return the direction that a point of the picture shows.

    Args:
        pitch_deg: of the optical axis against the horizon; the camera is level across.
        hfov_deg: horizontal field of view.
        aspect: width over height.
        x: from the left, 0 to 1.
        y: from the top, 0 to 1.

    Returns:
        Degrees clockwise from the optical axis' azimuth, and elevation above the horizon.
    """
    half = math.tan(math.radians(hfov_deg) / 2)
    right, down = (2 * x - 1) * half, (2 * y - 1) * half / aspect
    pitch = math.radians(pitch_deg)
    ahead = math.cos(pitch) + down * math.sin(pitch)
    up = math.sin(pitch) - down * math.cos(pitch)
    return (
        math.degrees(math.atan2(right, ahead)),
        math.degrees(math.atan2(up, math.hypot(right, ahead))),
    )


class _Ray(NamedTuple):
    """From the camera through a point of the picture."""

    eye: GeoPoint
    altitude_amsl_m: float
    azimuth_deg: float
    elevation_deg: float

    def meets(self, terrain: Terrain) -> tuple[GeoPoint, float] | None:
        """Return the ground it meets and that ground's height, None where it meets none."""
        try:
            return intersect_ray(
                terrain,
                self.eye.lat_deg,
                self.eye.lon_deg,
                self.altitude_amsl_m,
                self.azimuth_deg,
                self.elevation_deg,
                FARTHEST_M,
            )
        except NoTerrainError:
            return None


@dataclass(frozen=True, slots=True)
class Sight:
    """What a point of the picture shows, and how certain that is."""

    place: GeoPoint
    elevation_amsl_m: float
    error_m: float
    """Radius in which the place lies in 95 of 100 cases."""
    distance_m: float
    """From the aircraft, over ground."""
    bearing_deg: float
    """From the aircraft, clockwise from true north."""


AZIMUTH_SIGMA_DEG, ELEVATION_SIGMA_DEG = 1.5, 0.7
"""Compass and gimbal, one sigma, as the vision node reckons (docs/model_card.md)."""
HEIGHT_SIGMA_M = math.hypot(3.0, 5.0)
"""Of the aircraft and of the terrain model."""
POSITION_SIGMA_M = 1.5
WITHIN_95 = 1.96
"""Radius of 95 % over the root of both axes' variances: exact for an error along one line, 13 % too
large for a round one."""


def ground_at_pixel(
    state: VehicleState,
    terrain: Terrain,
    hfov_deg: float,
    aspect: float,
    x: float,
    y: float,
    age_ms: int,
) -> Sight | None:
    """Return the ground that a point of the picture shows, None where that isn't known.

    Args:
        state: of the aircraft, with its camera's direction.
        terrain: the ground.
        hfov_deg: horizontal field of view where the camera does not say its own.
        aspect: width over height of the picture.
        x: from the left, 0 to 1.
        y: from the top, 0 to 1.
        age_ms: between the picture and `state`; the aircraft has moved on meanwhile.
    """
    ray = _ray(state, hfov_deg, aspect, x, y)
    if ray is None or ray.elevation_deg > LOWEST_ELEVATION_DEG:
        return None
    found = ray.meets(terrain)
    if found is None:
        return None
    place, elevation_amsl_m = found
    speed_ms = math.hypot(state.velocity_north_ms or 0.0, state.velocity_east_ms or 0.0)
    variance_m2 = POSITION_SIGMA_M**2 + (speed_ms * abs(age_ms) / 1000) ** 2
    for moved in (
        ray._replace(azimuth_deg=ray.azimuth_deg + AZIMUTH_SIGMA_DEG),
        ray._replace(elevation_deg=ray.elevation_deg + ELEVATION_SIGMA_DEG),
        ray._replace(altitude_amsl_m=ray.altitude_amsl_m + HEIGHT_SIGMA_M),
    ):
        other = moved.meets(terrain)
        if other is None:
            return None  # A little higher it looks past the ground: there is no error to state.
        variance_m2 += distance_m(place, other[0]) ** 2
    return Sight(
        place,
        elevation_amsl_m,
        error_m=WITHIN_95 * math.sqrt(variance_m2),
        distance_m=math.hypot(*offset_m(ray.eye, place)),
        bearing_deg=bearing_deg(ray.eye, place),
    )


def aim_at_pixel(
    state: VehicleState,
    terrain: Terrain,
    hfov_deg: float,
    aspect: float,
    x: float,
    y: float,
) -> AimPlace | AimAngles | None:
    """Return what to look at so that a point of the picture comes into its middle.

    The ground there, where it is known; else its direction; None where the aircraft does not say
    where its camera looks. `hfov_deg` counts where it does not say how far that is zoomed.
    """
    ray = _ray(state, hfov_deg, aspect, x, y)
    if ray is not None and ray.elevation_deg <= LOWEST_ELEVATION_DEG:
        found = ray.meets(terrain)
        if found is not None:
            return AimPlace(place=found[0], altitude_amsl_m=found[1])
    angles = _angles(state, hfov_deg, aspect, x, y)
    if angles is None:
        return None
    yaw_deg, elevation_deg = angles
    pitch_deg = min(PITCH_DEG[1], max(PITCH_DEG[0], elevation_deg))
    return AimAngles(pitch_deg=pitch_deg, yaw_deg=(yaw_deg + 180) % 360 - 180)


def _angles(
    state: VehicleState, hfov_deg: float, aspect: float, x: float, y: float
) -> tuple[float, float] | None:
    """Return degrees clockwise from the nose, and above the horizon, of a point of the picture."""
    camera = state.camera
    if camera is None or camera.pitch_deg is None:
        return None
    turn_deg, elevation_deg = sight_deg(camera.pitch_deg, camera.hfov_deg or hfov_deg, aspect, x, y)
    return (camera.yaw_deg or 0.0) + turn_deg, elevation_deg


def _ray(state: VehicleState, hfov_deg: float, aspect: float, x: float, y: float) -> _Ray | None:
    angles = _angles(state, hfov_deg, aspect, x, y)
    if (
        angles is None
        or state.lat_deg is None
        or state.lon_deg is None
        or state.altitude_amsl_m is None
        or state.heading_deg is None
    ):
        return None
    eye = GeoPoint(lat_deg=state.lat_deg, lon_deg=state.lon_deg)
    azimuth_deg = (state.heading_deg + angles[0]) % 360
    return _Ray(eye, state.altitude_amsl_m, azimuth_deg, angles[1])
