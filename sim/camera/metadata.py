"""The pose that a real camera sends beside its picture, as MISB ST 0601."""

from field_api.contract.camera_angles import relative_angles
from field_api.contract.klv import UasMetadata, encode_uas
from sim.vehicle.pose import Pose

__all__ = ["encode_pose"]


def encode_pose(pose: Pose, hfov_deg: float, vfov_deg: float, time_us: int) -> bytes:
    """Return one ST 0601 set for a camera on a gimbal that keeps its pitch to the horizon.

    Args:
        pose: of the vehicle and its gimbal.
        hfov_deg: horizontal field of view.
        vfov_deg: vertical field of view.
        time_us: capture time, microseconds since 1970 UTC.
    """
    azimuth, elevation, roll = relative_angles(
        pose.pitch_deg, pose.roll_deg, pose.gimbal_pitch_deg, pose.gimbal_yaw_deg
    )
    return encode_uas(
        UasMetadata(
            time_us=time_us,
            platform_heading_deg=pose.yaw_deg % 360,
            platform_pitch_deg=pose.pitch_deg,
            platform_roll_deg=pose.roll_deg,
            sensor_lat_deg=pose.lat_deg,
            sensor_lon_deg=pose.lon_deg,
            sensor_altitude_amsl_m=pose.amsl_m,
            sensor_hfov_deg=hfov_deg,
            sensor_vfov_deg=vfov_deg,
            sensor_relative_azimuth_deg=azimuth,
            sensor_relative_elevation_deg=elevation,
            sensor_relative_roll_deg=roll,
        )
    )
