"""What the vehicle believes about itself: boot stages, GPS, EKF status and position error."""

from dataclasses import dataclass

from sim.vehicle.config import BootTimes

__all__ = ["Estimator", "EstimatorEvent"]

_GPS_OK_FLAGS = 0x33F
_NO_POSITION_FLAGS = 0xA7
_UNINITIALISED_FLAGS = 0x400
_LOST_POSITION_FLAGS = 0x25
_GLITCH_FLAG = 0x8000
_NO_HEIGHT_MASK = ~0x20

# Simulated seconds after the GPS went away or jumped, as recorded from ArduCopter 4.5.7.
_GPS_FIX_LOST_S = 0.4
_POSITION_LOST_S = 7.4
_FAILSAFE_S = 8.1
_AIDING_STOPPED_S = 15.1
_LANE_SWITCH_S = 0.3
_GLITCH_DECLARED_S = 1.2
_GLITCH_ACCEPTED_S = 10.5
_GLITCH_CLEARED_S = 20.2
_BARO_LOST_S = 10.1
_GLITCH_DEG = 5e-5
"""A smaller jump (about 5 m) passes the filter's innovation gate."""


@dataclass(frozen=True, slots=True)
class EstimatorEvent:
    """Something the estimator announces."""

    severity: int
    text: str


class Estimator:
    """EKF and GPS as ArduCopter reports them; `step` is fed the fault parameters."""

    def __init__(self, boot: BootTimes) -> None:
        self.boot = boot
        self.gps_fix = 0
        self.satellites = 0
        self.origin_set = False
        self.using_gps = False
        self.position_failsafe = False
        """Position lost for long enough that the EKF failsafe acts."""
        self.position_variance = 0.004
        self.offset_deg = (0.0, 0.0)
        """Error of the position estimate after a GPS glitch was accepted, degrees."""
        self.events: list[EstimatorEvent] = []
        self._done: set[str] = set()
        self._gps_lost_s: float | None = None
        self._glitch_s: float | None = None
        self._glitch_deg = (0.0, 0.0)
        self._baro_lost_s: float | None = None
        self._time_s = 0.0

    @property
    def position_ok(self) -> bool:
        """Whether modes that need a position may be flown."""
        return self.using_gps and not self.lost_for(_POSITION_LOST_S)

    @property
    def prearm_ok(self) -> bool:
        """Whether sensors are settled enough to arm without a position."""
        return self._time_s >= self.boot.prearm_ok_s

    @property
    def flags(self) -> int:
        """EKF_STATUS_REPORT.flags."""
        if self._time_s < self.boot.tilt_aligned_s:
            return _UNINITIALISED_FLAGS
        if not self.using_gps or self.lost_for(_AIDING_STOPPED_S):
            flags = _NO_POSITION_FLAGS
        elif self.lost_for(_POSITION_LOST_S):
            flags = _LOST_POSITION_FLAGS
        else:
            flags = _GPS_OK_FLAGS
        if self._glitch_s is not None and self._time_s - self._glitch_s >= _GLITCH_DECLARED_S:
            flags |= _GLITCH_FLAG
        if self._baro_lost_s is not None and self._time_s - self._baro_lost_s >= _BARO_LOST_S:
            flags &= _NO_HEIGHT_MASK
        return flags

    def lost_for(self, seconds: float) -> bool:
        """Whether there has been no GPS for at least so long."""
        return self._gps_lost_s is not None and self._time_s - self._gps_lost_s >= seconds

    def _once(self, key: str, *texts: tuple[int, str]) -> bool:
        if key in self._done:
            return False
        self._done.add(key)
        self.events.extend(EstimatorEvent(severity, text) for severity, text in texts)
        return True

    def step(
        self,
        time_s: float,
        *,
        gps_disabled: bool,
        glitch_deg: tuple[float, float],
        baro_disabled: bool,
        satellites: int,
    ) -> None:
        """Move to `time_s` seconds after power-on under the given faults."""
        self._time_s = time_s
        self._boot_stages(time_s)
        self._watch_gps(time_s, gps_disabled, satellites)
        if self.using_gps and not gps_disabled:
            self._watch_glitch(time_s, glitch_deg)
        if not baro_disabled:
            self._baro_lost_s = None
        elif self._baro_lost_s is None:
            self._baro_lost_s = time_s

    def _boot_stages(self, time_s: float) -> None:
        if "using_gps" in self._done:
            return
        boot = self.boot
        if time_s >= boot.ekf_initialised_s:
            self._once(
                "ekf",
                (6, "EKF3 IMU0 initialised"),
                (6, "EKF3 IMU1 initialised"),
                (6, "AHRS: EKF3 active"),
            )
        if time_s >= boot.tilt_aligned_s:
            self._once(
                "tilt",
                (6, "EKF3 IMU0 tilt alignment complete"),
                (6, "EKF3 IMU1 tilt alignment complete"),
                (6, "EKF3 IMU0 MAG0 initial yaw alignment complete"),
                (6, "EKF3 IMU1 MAG0 initial yaw alignment complete"),
            )
        if time_s >= boot.gps_fix_s:
            self._once("gps", (6, "GPS 1: detected as u-blox at 230400 baud"))
        if time_s >= boot.origin_set_s and self.gps_fix >= 3:
            self._once("origin", (6, "EKF3 IMU0 origin set"))
            self.origin_set = True
        if time_s >= boot.using_gps_s and self.origin_set:
            self._once("using_gps", (6, "EKF3 IMU0 is using GPS"), (6, "EKF3 IMU1 is using GPS"))
            self.using_gps = True

    def _watch_gps(self, time_s: float, gps_disabled: bool, satellites: int) -> None:
        if not gps_disabled:
            if self._gps_lost_s is not None:
                self._gps_lost_s = None
                self.position_failsafe = False
                self._done -= {"variance", "aiding"}
            if time_s >= self.boot.gps_fix_s:
                self.gps_fix, self.satellites = 6, satellites
            return
        if self._gps_lost_s is None:
            self._gps_lost_s = time_s
        if self.lost_for(_GPS_FIX_LOST_S):
            self.gps_fix, self.satellites = 1, 3
        if self.using_gps and self.lost_for(_FAILSAFE_S):
            self._once("variance", (2, "EKF variance"))
            self.position_failsafe = True
        if self.using_gps and self.lost_for(_AIDING_STOPPED_S):
            self._once("aiding", (4, "EKF3 IMU1 stopped aiding"), (4, "EKF3 IMU0 stopped aiding"))

    def _watch_glitch(self, time_s: float, glitch_deg: tuple[float, float]) -> None:
        jump = max(abs(glitch_deg[0] - self.offset_deg[0]), abs(glitch_deg[1] - self.offset_deg[1]))
        if self._glitch_s is None:
            if jump <= _GLITCH_DEG:
                self.offset_deg = glitch_deg
                return
            self._glitch_s, self._glitch_deg = time_s, glitch_deg
            self._done -= {"lane", "glitch", "accepted"}
        if glitch_deg != self._glitch_deg:  # jumped again, or came back: the filter starts over
            self._glitch_s, self._glitch_deg = time_s, glitch_deg
            if jump <= _GLITCH_DEG:
                self._glitch_s = None
                if "glitch" in self._done:
                    self.events.append(EstimatorEvent(2, "Glitch cleared"))
                return
        elapsed_s = time_s - self._glitch_s
        if elapsed_s >= _LANE_SWITCH_S:
            self._once("lane", (2, "EKF3 lane switch 1"), (4, "EKF primary changed:1"))
        if elapsed_s >= _GLITCH_DECLARED_S:
            self._once("glitch", (2, "GPS Glitch or Compass error"))
            self.position_variance = 0.004
            if elapsed_s < _GLITCH_ACCEPTED_S:
                self.position_variance = max(1.0, jump * 28_700.0 - 0.63 * elapsed_s)
        if elapsed_s >= _GLITCH_ACCEPTED_S:
            self.offset_deg = self._glitch_deg
        if elapsed_s >= _GLITCH_CLEARED_S:
            self.events.append(EstimatorEvent(2, "Glitch cleared"))
            self._glitch_s = None
