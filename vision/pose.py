"""Gives each video frame the camera pose of its own instant.

Metadata packets and frames share the stream's clock but not its instants: poses are kept in a short
ring by presentation time and interpolated between the two neighbours. Attitude that is 100 ms off
moves a far point by tens of metres, so a frame without a pose close in time gets none.
"""

from bisect import bisect_left, insort
from collections import deque
from typing import Literal

from field_api.contract.klv import UasMetadata
from field_api.contract.messages import CameraPose
from vision.camera import Attitude, compose_attitude

__all__ = ["PoseTrack", "pose_of"]

CAPACITY = 300
MAX_GAP_90K = 90_000
"""Two poses further apart than this (1 s) are not interpolated between."""
MAX_HOLD_90K = 18_000
"""A frame past the newest pose uses it for this long (200 ms)."""


def pose_of(metadata: UasMetadata) -> CameraPose | None:
    """The camera pose of a metadata set; None when an item it needs is missing or impossible."""
    m = metadata
    if (
        m.sensor_lat_deg is None
        or m.sensor_lon_deg is None
        or m.sensor_altitude_amsl_m is None
        or m.sensor_hfov_deg is None
        or m.platform_heading_deg is None
        or not 1 < m.sensor_hfov_deg < 170
    ):
        return None
    sensor_roll_deg = m.sensor_relative_roll_deg or 0.0
    attitude = compose_attitude(
        Attitude(
            m.platform_heading_deg,
            m.platform_pitch_deg or 0.0,
            m.platform_roll_deg or 0.0,
        ),
        Attitude(
            m.sensor_relative_azimuth_deg or 0.0,
            m.sensor_relative_elevation_deg or 0.0,
            sensor_roll_deg,
        ),
    )
    return CameraPose(
        lat_deg=m.sensor_lat_deg,
        lon_deg=m.sensor_lon_deg,
        altitude_amsl_m=m.sensor_altitude_amsl_m,
        yaw_deg=attitude.yaw_deg,
        pitch_deg=attitude.pitch_deg,
        roll_deg=attitude.roll_deg,
        hfov_deg=m.sensor_hfov_deg,
        source="klv",
    )


class PoseTrack:
    """Recent poses of one stream by presentation time."""

    def __init__(self) -> None:
        self._times: list[int] = []
        self._poses: dict[int, CameraPose] = {}
        self._arrivals: deque[int] = deque()

    def add(self, pts_90k: int, pose: CameraPose) -> None:
        """Keep a pose; the oldest is forgotten. A second pose at one instant replaces the first."""
        if pts_90k in self._poses:
            self._poses[pts_90k] = pose
            return
        insort(self._times, pts_90k)
        self._poses[pts_90k] = pose
        self._arrivals.append(pts_90k)
        if len(self._arrivals) > CAPACITY:
            oldest = self._arrivals.popleft()
            del self._times[bisect_left(self._times, oldest)]
            del self._poses[oldest]

    def clear(self) -> None:
        """Forget everything: the stream began anew."""
        self.__init__()

    def at(self, pts_90k: int) -> CameraPose | None:
        """The pose at an instant, or None when no pose is near enough."""
        i = bisect_left(self._times, pts_90k)
        if i < len(self._times) and self._times[i] == pts_90k:
            return self._poses[pts_90k]
        if i == 0:
            return None
        before = self._times[i - 1]
        if i == len(self._times):
            return self._poses[before] if pts_90k - before <= MAX_HOLD_90K else None
        after = self._times[i]
        if after - before > MAX_GAP_90K:
            return None
        return _between(
            self._poses[before], self._poses[after], (pts_90k - before) / (after - before)
        )


def _between(a: CameraPose, b: CameraPose, share: float) -> CameraPose:
    def linear(x: float, y: float) -> float:
        return x + (y - x) * share

    def turning(x: float, y: float) -> float:
        return x + ((y - x + 180) % 360 - 180) * share

    source: Literal["klv", "telemetry"] = a.source
    return CameraPose(
        lat_deg=linear(a.lat_deg, b.lat_deg),
        lon_deg=turning(a.lon_deg, b.lon_deg),
        altitude_amsl_m=linear(a.altitude_amsl_m, b.altitude_amsl_m),
        yaw_deg=turning(a.yaw_deg, b.yaw_deg) % 360,
        pitch_deg=linear(a.pitch_deg, b.pitch_deg),
        roll_deg=turning(a.roll_deg, b.roll_deg),
        hfov_deg=linear(a.hfov_deg, b.hfov_deg),
        source=source,
    )
