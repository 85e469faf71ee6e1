"""Messages about where the vehicle is, how it moves and where it is going."""

import math

from pymavlink.dialects.v20 import ardupilotmega as mavlink

from sim.vehicle.autopilot import Autopilot
from sim.vehicle.telemetry_numbers import boot_ms, clamp, int16

Message = mavlink.MAVLink_message
_NAN = math.nan


def _estimated_degrees(pilot: Autopilot) -> tuple[float, float]:
    if pilot.estimator.gps_fix == 0 and pilot.origin is None:
        return 0.0, 0.0
    north, east, _ = pilot.position
    return pilot.frame.to_degrees(north, east)


def gps_raw_int(pilot: Autopilot) -> Message:
    estimator = pilot.estimator
    if estimator.gps_fix == 0:
        return mavlink.MAVLink_gps_raw_int_message(0, 0, 0, 0, 0, 65535, 65535, 0, 0, 0)
    p, body = pilot.params, pilot.airframe
    lat, lon = pilot.frame.to_degrees(body.north_m, body.east_m)
    lat, lon = lat + p["SIM_GPS_GLITCH_X"], lon + p["SIM_GPS_GLITCH_Y"]
    speed = math.hypot(body.north_ms, body.east_ms)
    course = math.degrees(math.atan2(body.east_ms, body.north_ms)) % 360.0 if speed > 0.2 else 0.0
    return mavlink.MAVLink_gps_raw_int_message(
        round(pilot.uptime_s * 1e6),
        estimator.gps_fix,
        clamp(lat * 1e7, -900_000_000, 900_000_000),
        clamp(lon * 1e7, -1_800_000_000, 1_800_000_000),
        round((body.amsl_m + p["SIM_GPS_ALT_OFS"]) * 1000),
        121,
        200,
        clamp(speed * 100, 0, 65535),
        clamp(course * 100, 0, 35999),
        estimator.satellites,
        round(body.amsl_m * 1000),
        300,
        300,
        200,
        0,
        0,
    )


def global_position_int(pilot: Autopilot) -> Message:
    lat, lon = _estimated_degrees(pilot)
    body = pilot.airframe
    amsl_m = body.amsl_m if pilot.estimator.gps_fix or pilot.origin else pilot.relative_m
    return mavlink.MAVLink_global_position_int_message(
        boot_ms(pilot),
        round(lat * 1e7),
        round(lon * 1e7),
        round(amsl_m * 1000),
        round(pilot.relative_m * 1000),
        int16(body.north_ms * 100),
        int16(body.east_ms * 100),
        int16(-body.up_ms * 100),
        _heading_cdeg(pilot),
    )


def _heading_cdeg(pilot: Autopilot) -> int:
    return round(math.degrees(pilot.airframe.yaw_rad) * 100) % 36000


def attitude(pilot: Autopilot) -> Message:
    body = pilot.airframe
    yaw = (body.yaw_rad + math.pi) % math.tau - math.pi
    return mavlink.MAVLink_attitude_message(
        boot_ms(pilot),
        body.roll_rad,
        body.pitch_rad,
        yaw,
        body.roll_rate_rads,
        body.pitch_rate_rads,
        body.yaw_rate_rads,
    )


def vfr_hud(pilot: Autopilot) -> Message:
    body = pilot.airframe
    wind_n, wind_e = pilot.wind_ms
    throttle = body.throttle * 12.6 / max(3.0, pilot.battery.voltage_v)
    amsl_m = body.amsl_m if pilot.estimator.gps_fix or pilot.origin else pilot.relative_m
    return mavlink.MAVLink_vfr_hud_message(
        math.hypot(body.north_ms - wind_n, body.east_ms - wind_e),
        math.hypot(body.north_ms, body.east_ms),
        _heading_cdeg(pilot) // 100,
        clamp(throttle * 100, 0, 100),
        amsl_m,
        body.up_ms,
    )


def nav_controller_output(pilot: Autopilot) -> Message:
    follow, body = pilot.controller.follower, pilot.airframe
    bearing, distance, height_error, cross = 0.0, 0.0, 0.0, 0.0
    if follow is not None:
        bearing = math.degrees(follow.bearing_rad or 0.0)
        distance = max(0.0, follow.distance_m)
        height_error, cross = follow.height_error_m, follow.cross_track_m
    return mavlink.MAVLink_nav_controller_output_message(
        math.degrees(body.roll_rad),
        math.degrees(body.pitch_rad),
        int16((bearing + 180) % 360 - 180),
        int16((bearing + 180) % 360 - 180),
        clamp(distance, 0, 65535),
        height_error,
        0.0,
        cross,
    )


def position_target_global_int(pilot: Autopilot) -> Message | None:
    follow = pilot.controller.follower
    if follow is None:
        return None
    end = follow.leg.end
    lat, lon = pilot.frame.to_degrees(end.north_m, end.east_m)
    height = end.height_m + (pilot.ground_amsl_m if end.above_terrain else 0.0)
    return mavlink.MAVLink_position_target_global_int_message(
        boot_ms(pilot),
        mavlink.MAV_FRAME_GLOBAL,
        0x0DF8,
        round(lat * 1e7),
        round(lon * 1e7),
        height,
        *(0.0,) * 8,
    )


def local_position_ned(pilot: Autopilot) -> Message | None:
    if pilot.origin is None:
        return None
    body = pilot.airframe
    north, east, amsl = pilot.position
    return mavlink.MAVLink_local_position_ned_message(
        boot_ms(pilot),
        north,
        east,
        pilot.origin[2] - amsl,
        body.north_ms,
        body.east_ms,
        -body.up_ms,
    )


def home_position(pilot: Autopilot) -> Message | None:
    if pilot.home is None:
        return None
    home = pilot.home
    lat, lon = pilot.frame.to_degrees(home.north_m, home.east_m)
    origin_m = pilot.origin[2] if pilot.origin else home.amsl_m
    return mavlink.MAVLink_home_position_message(
        round(lat * 1e7),
        round(lon * 1e7),
        round(home.amsl_m * 1000),
        home.north_m,
        home.east_m,
        origin_m - home.amsl_m,
        [_NAN] * 4,
        0.0,
        0.0,
        0.0,
        round(pilot.uptime_s * 1e6),
    )


def gps_global_origin(pilot: Autopilot) -> Message | None:
    if pilot.origin is None:
        return None
    lat, lon, amsl = pilot.origin
    return mavlink.MAVLink_gps_global_origin_message(
        round(lat * 1e7), round(lon * 1e7), round(amsl * 1000), round(pilot.uptime_s * 1e6)
    )


def terrain_report(pilot: Autopilot) -> Message | None:
    if pilot.origin is None:
        return None
    lat, lon = _estimated_degrees(pilot)
    return mavlink.MAVLink_terrain_report_message(
        round(lat * 1e7),
        round(lon * 1e7),
        int(pilot.params["TERRAIN_SPACING"]),
        pilot.ground_amsl_m,
        pilot.airframe.amsl_m - pilot.ground_amsl_m,
        0,
        1,
    )


def wind(pilot: Autopilot) -> Message:
    north, east = pilot.wind_ms
    direction = math.degrees(math.atan2(-east, -north)) % 360.0
    return mavlink.MAVLink_wind_message(direction, math.hypot(north, east), 0.0)
