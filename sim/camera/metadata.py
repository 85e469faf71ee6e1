"""Writes MISB ST 0601 UAS metadata: the pose that a real camera sends beside its picture.

Items and mappings as in ST 0601; the set ends with the checksum of item 1.
"""

import math
import struct

import numpy as np

from sim.vehicle.pose import Pose

__all__ = ["encode_uas"]

UAS_LOCAL_SET = bytes.fromhex("060e2b34020b01010e01030101000000")
VERSION = 17


def _signed(value: float, span: float, size: int) -> bytes:
    top = 2 ** (8 * size - 1) - 1
    return round(max(-1.0, min(1.0, value / span)) * top).to_bytes(size, "big", signed=True)


def _unsigned(value: float, low: float, high: float, size: int) -> bytes:
    share = max(0.0, min(1.0, (value - low) / (high - low)))
    return round(share * (2 ** (8 * size) - 1)).to_bytes(size, "big")


def _turn(yaw_deg: float, pitch_deg: float, roll_deg: float) -> np.ndarray:
    """Return the rotation from forward-right-down of a body to north-east-down."""
    y, p, r = np.radians([yaw_deg, pitch_deg, roll_deg])
    about_z = np.array([[np.cos(y), -np.sin(y), 0], [np.sin(y), np.cos(y), 0], [0, 0, 1]])
    about_y = np.array([[np.cos(p), 0, np.sin(p)], [0, 1, 0], [-np.sin(p), 0, np.cos(p)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(r), -np.sin(r)], [0, np.sin(r), np.cos(r)]])
    return about_z @ about_y @ about_x


def encode_uas(pose: Pose, hfov_deg: float, vfov_deg: float, time_us: int) -> bytes:
    """Return one ST 0601 set for a camera on a gimbal that keeps its pitch to the horizon.

    Args:
        pose: of the vehicle and its gimbal.
        hfov_deg: horizontal field of view.
        vfov_deg: vertical field of view.
        time_us: capture time, microseconds since 1970 UTC.
    """
    platform = _turn(pose.yaw_deg, pose.pitch_deg, pose.roll_deg)
    camera = _turn(pose.yaw_deg + pose.gimbal_yaw_deg, pose.gimbal_pitch_deg, 0.0)
    relative = platform.T @ camera
    azimuth = math.degrees(math.atan2(relative[1, 0], relative[0, 0])) % 360
    elevation = math.degrees(math.asin(max(-1.0, min(1.0, -float(relative[2, 0])))))
    roll = math.degrees(math.atan2(relative[2, 1], relative[2, 2])) % 360
    items = (
        (2, struct.pack(">Q", time_us)),
        (5, _unsigned(pose.yaw_deg % 360, 0, 360, 2)),
        (13, _signed(pose.lat_deg, 90, 4)),
        (14, _signed(pose.lon_deg, 180, 4)),
        (15, _unsigned(pose.amsl_m, -900, 19000, 2)),
        (16, _unsigned(hfov_deg, 0, 180, 2)),
        (17, _unsigned(vfov_deg, 0, 180, 2)),
        (18, _unsigned(azimuth, 0, 360, 4)),
        (19, _signed(elevation, 180, 4)),
        (20, _unsigned(roll, 0, 360, 4)),
        (65, bytes([VERSION])),
        (90, _signed(pose.pitch_deg, 90, 4)),
        (91, _signed(pose.roll_deg, 90, 4)),
    )
    body = b"".join(bytes([tag, len(value)]) + value for tag, value in items)
    length = len(body) + 4
    head = bytes([length]) if length < 128 else bytes([0x81, length])
    summed = UAS_LOCAL_SET + head + body + b"\x01\x02"
    return summed + struct.pack(">H", _checksum(summed))


def _checksum(data: bytes) -> int:
    """Return ST 0601's running 16-bit sum."""
    even, odd = sum(data[0::2]), sum(data[1::2])
    return ((even << 8) + odd) & 0xFFFF
