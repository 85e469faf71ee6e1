"""A stabilised gimbal: pitch (and roll) against the horizon, yaw with the vehicle or an ROI."""

import math
from dataclasses import dataclass

__all__ = ["Gimbal"]

_SLEW_DEG_S = 60.0


@dataclass(slots=True)
class Gimbal:
    """Angles in degrees: pitch 0 is level and -90 straight down; yaw is against the nose."""

    pitch_deg: float = 0.0
    yaw_deg: float = 0.0
    target_pitch_deg: float = 0.0
    target_yaw_deg: float = 0.0
    held_by: tuple[int, int] = (0, 0)
    """System and component that have primary control; 0, 0 is nobody."""

    follows: bool = False
    """Whether it keeps the region of interest in the picture; pointing it ends that."""

    def point(self, pitch_deg: float, yaw_deg: float, limits_deg: tuple[float, float]) -> None:
        """Ask for angles and stay there."""
        self.follows = False
        self.aim(pitch_deg, yaw_deg, limits_deg)

    def aim(self, pitch_deg: float, yaw_deg: float, limits_deg: tuple[float, float]) -> None:
        """Ask for angles; pitch is kept within `limits_deg` (lowest, highest)."""
        if math.isfinite(pitch_deg):
            self.target_pitch_deg = min(limits_deg[1], max(limits_deg[0], pitch_deg))
        if math.isfinite(yaw_deg):
            self.target_yaw_deg = (yaw_deg + 180.0) % 360.0 - 180.0

    def step(self, dt: float) -> None:
        """Slew towards the target."""
        most = _SLEW_DEG_S * dt
        change = self.target_pitch_deg - self.pitch_deg
        self.pitch_deg += min(most, max(-most, change))
        change = (self.target_yaw_deg - self.yaw_deg + 180.0) % 360.0 - 180.0
        self.yaw_deg = (self.yaw_deg + min(most, max(-most, change)) + 180.0) % 360.0 - 180.0
