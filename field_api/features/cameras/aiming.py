"""From a point of the picture to the ground it shows. Pure."""

import math

from field_api.contract.messages import AimAngles, AimPlace, VehicleState
from mission_plans.ground.terrain import NoTerrainError, Terrain, intersect_ray

__all__ = ["LOWEST_ELEVATION_DEG", "aim_at_pixel", "sight_deg"]

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
    camera = state.camera
    if camera is None or camera.pitch_deg is None:
        return None
    turn_deg, elevation_deg = sight_deg(camera.pitch_deg, camera.hfov_deg or hfov_deg, aspect, x, y)
    yaw_deg = (camera.yaw_deg or 0.0) + turn_deg
    place = (state.lat_deg, state.lon_deg, state.altitude_amsl_m, state.heading_deg)
    if elevation_deg <= LOWEST_ELEVATION_DEG and None not in place:
        lat_deg, lon_deg, altitude_amsl_m, heading_deg = (float(part or 0.0) for part in place)
        azimuth_deg = (heading_deg + yaw_deg) % 360
        try:
            found = intersect_ray(
                terrain, lat_deg, lon_deg, altitude_amsl_m, azimuth_deg, elevation_deg, FARTHEST_M
            )
        except NoTerrainError:
            found = None
        if found is not None:
            return AimPlace(place=found[0], altitude_amsl_m=found[1])
    pitch_deg = min(PITCH_DEG[1], max(PITCH_DEG[0], elevation_deg))
    return AimAngles(pitch_deg=pitch_deg, yaw_deg=(yaw_deg + 180) % 360 - 180)
