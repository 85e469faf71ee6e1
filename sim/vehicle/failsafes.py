"""What the vehicle does by itself when something fails, with ArduCopter's texts and times."""

from sim.vehicle.modes import Mode
from sim.vehicle.pilot import Pilot

__all__ = ["Failsafes"]

_RADIO_LOST_S = 1.0
_FENCE_CHECK_S = 0.1
_THRUST_LOSS_S = 4.7
_FENCE_GIVE_UP_M = 100.0
"""Farther out than this it lands where it is."""


# Bits of FS_OPTIONS.
_RADIO_CONTINUE_IF_AUTO = 1
_GCS_CONTINUE_IF_AUTO = 2
_RADIO_CONTINUE_IF_GUIDED = 4
_CONTINUE_IF_LANDING = 8
_GCS_CONTINUE_IF_PILOT = 16


class Failsafes:
    """Watches battery, radio, ground station, position, fence and motors."""

    def __init__(self) -> None:
        self.radio = False
        self.gcs = False
        self.ekf = False
        self.battery_low = False
        self.battery_critical = False
        self.thrust_loss = False
        self.gcs_heard_s: float | None = None
        self._radio_lost_s: float | None = None
        self._low_since_s: float | None = None
        self._critical_since_s: float | None = None
        self._fence_checked_s = -1.0
        self._motor_failed_s: float | None = None

    @property
    def any_active(self) -> bool:
        """Whether HEARTBEAT reports CRITICAL."""
        return self.radio or self.gcs or self.ekf or self.battery_low

    def step(self, pilot: Pilot) -> None:
        """Look at everything once."""
        now_s = pilot.time_s
        self._watch_radio(pilot, now_s)
        self._watch_gcs(pilot, now_s)
        self._watch_battery(pilot, now_s)
        self._watch_position(pilot)
        self._watch_motor(pilot, now_s)
        if now_s - self._fence_checked_s >= _FENCE_CHECK_S:
            self._fence_checked_s = now_s
            self._watch_fence(pilot, now_s)

    # --- Radio -------------------------------------------------------------------------------

    def _watch_radio(self, pilot: Pilot, now_s: float) -> None:
        lost = pilot.rc_lost
        if not lost:
            self._radio_lost_s = None
            if self.radio:
                self.radio = False
                pilot.say(4, "Radio Failsafe Cleared")
            return
        if self._radio_lost_s is None:
            self._radio_lost_s = now_s
        action = int(pilot.params["FS_THR_ENABLE"])
        if self.radio or action == 0 or now_s - self._radio_lost_s < _RADIO_LOST_S:
            return
        self.radio = True
        if not pilot.armed:
            return
        going_on = None
        if pilot.land_complete:
            going_on = "Disarming"
        elif self._must_go_on_landing(pilot):
            going_on = "Continuing Landing"
        elif pilot.mode is Mode.AUTO and _option(pilot, _RADIO_CONTINUE_IF_AUTO):
            going_on = "Continuing Auto"
        elif pilot.mode is Mode.GUIDED and _option(pilot, _RADIO_CONTINUE_IF_GUIDED):
            going_on = "Continuing Guided Mode"
        # 1 RTL, 3 LAND, 4 SmartRTL or RTL, 5 SmartRTL or LAND; 2 (go on in AUTO) is gone in 4.x.
        names = {3: "land", 4: "smart_rtl", 5: "smart_land"}
        _announce(pilot, "Radio", going_on, names.get(action, "rtl"))

    # --- Ground station ----------------------------------------------------------------------

    def heard_gcs(self, now_s: float) -> None:
        """A heartbeat of the configured ground station arrived."""
        self.gcs_heard_s = now_s

    def _watch_gcs(self, pilot: Pilot, now_s: float) -> None:
        action = int(pilot.params["FS_GCS_ENABLE"])
        if action == 0 or self.gcs_heard_s is None:
            return
        silent = now_s - self.gcs_heard_s >= pilot.params["FS_GCS_TIMEOUT"]
        if not silent:
            if self.gcs:
                self.gcs = False
                pilot.say(4, "GCS Failsafe Cleared")
            return
        if self.gcs:
            return
        self.gcs = True
        going_on = None
        if not pilot.armed:
            pilot.say(4, "GCS Failsafe")
            return
        if pilot.land_complete:
            going_on = "Disarming"
        elif self._must_go_on_landing(pilot):
            going_on = "Continuing Landing"
        elif pilot.mode is Mode.AUTO and _option(pilot, _GCS_CONTINUE_IF_AUTO):
            going_on = "Continuing Auto Mode"
        elif pilot.mode.is_manual and _option(pilot, _GCS_CONTINUE_IF_PILOT):
            going_on = "Continuing Pilot Control"
        names = {3: "smart_rtl", 4: "smart_land", 5: "land", 7: "brake"}
        _announce(pilot, "GCS", going_on, names.get(action, "rtl"))

    def _must_go_on_landing(self, pilot: Pilot) -> bool:
        for_battery = pilot.mode is Mode.LAND and self.battery_low
        wanted = pilot.controller.is_landing and _option(pilot, _CONTINUE_IF_LANDING)
        return for_battery or wanted

    # --- Battery -----------------------------------------------------------------------------

    def _watch_battery(self, pilot: Pilot, now_s: float) -> None:
        p = pilot.params
        voltage, used = pilot.battery.voltage_v, pilot.battery.used_mah
        timer_s = p["BATT_LOW_TIMER"]
        left_mah = p["BATT_CAPACITY"] - used

        low = 0 < voltage < p["BATT_LOW_VOLT"]
        self._low_since_s = (self._low_since_s or now_s) if low else None
        low_now = self._low_since_s is not None and now_s - self._low_since_s >= timer_s
        low_now = low_now or (p["BATT_LOW_MAH"] > 0 and left_mah < p["BATT_LOW_MAH"])
        critical = 0 < voltage < p["BATT_CRT_VOLT"]
        self._critical_since_s = (self._critical_since_s or now_s) if critical else None
        critical_now = (
            self._critical_since_s is not None and now_s - self._critical_since_s >= timer_s
        )
        critical_now = critical_now or (p["BATT_CRT_MAH"] > 0 and left_mah < p["BATT_CRT_MAH"])

        if critical_now and not self.battery_critical:
            self.battery_critical = self.battery_low = True
            pilot.say(4, f"Battery 1 is critical {voltage:.2f}V used {used:.0f} mAh")
            self._battery_action(pilot, int(p["BATT_FS_CRT_ACT"]))
        elif low_now and not self.battery_low:
            self.battery_low = True
            pilot.say(4, f"Battery 1 is low {voltage:.2f}V used {used:.0f} mAh")
            self._battery_action(pilot, int(p["BATT_FS_LOW_ACT"]))

    @staticmethod
    def _battery_action(pilot: Pilot, action: int) -> None:
        pilot.say(4, "Battery Failsafe")
        name = {1: "land", 2: "rtl", 3: "smart_rtl", 4: "smart_land", 5: "terminate"}.get(action)
        if name is not None and pilot.armed:
            _act(pilot, name)

    # --- Position, motors, fence -------------------------------------------------------------

    def _watch_position(self, pilot: Pilot) -> None:
        lost = pilot.estimator.position_failsafe
        if lost and not self.ekf:
            self.ekf = True
            action = int(pilot.params["FS_EKF_ACTION"])
            if pilot.armed and action > 0 and pilot.mode.requires_position:
                pilot.say(2, "EKF Failsafe: changed to LAND Mode")
                pilot.set_mode(Mode.LAND, paused=True)
        elif not lost and self.ekf:
            self.ekf = False
            pilot.say(2, "EKF Failsafe Cleared")

    def _watch_motor(self, pilot: Pilot, now_s: float) -> None:
        failed = pilot.params["SIM_ENGINE_MUL"] < 0.5
        if not (failed and pilot.armed and not pilot.land_complete):
            if not failed:
                self._motor_failed_s = None
                self.thrust_loss = False
            return
        if self._motor_failed_s is None:
            self._motor_failed_s = now_s
        elif now_s - self._motor_failed_s >= _THRUST_LOSS_S and not self.thrust_loss:
            self.thrust_loss = True
            motor = int(pilot.params["SIM_ENGINE_FAIL"]) + 1
            pilot.say(0, f"Potential Thrust Loss ({motor})")

    def _watch_fence(self, pilot: Pilot, now_s: float) -> None:
        fence = pilot.fence
        if not fence.enabled or pilot.home is None or not pilot.estimator.position_ok:
            fence.forget()
            return
        beyond = pilot.beyond_fence()
        new = fence.check(beyond, now_s)
        if not new or not pilot.armed:
            return
        if not pilot.land_complete:
            pilot.say(5, "Fence Breached")
        action = int(pilot.params["FENCE_ACTION"])
        if action == 0:
            return
        if max(metres for bit, metres in beyond.items() if bit & new) > _FENCE_GIVE_UP_M:
            action = 2
        names = {2: "land", 3: "smart_rtl", 4: "brake", 5: "smart_land"}
        _act(pilot, names.get(action, "rtl"))


def _option(pilot: Pilot, bit: int) -> bool:
    return bool(int(pilot.params["FS_OPTIONS"]) & bit)


def _announce(pilot: Pilot, name: str, going_on: str | None, action: str) -> None:
    """Say which failsafe it is, and act unless something keeps it from that."""
    pilot.say(4, f"{name} Failsafe" if going_on is None else f"{name} Failsafe - {going_on}")
    if going_on is None:
        _act(pilot, action)
    elif going_on == "Disarming":
        pilot.disarm(force=True)


def _act(pilot: Pilot, action: str) -> None:
    """Carry out a failsafe action, falling back to landing where it is refused."""
    if action == "terminate":
        pilot.disarm(force=True)
        return
    if pilot.land_complete:
        pilot.disarm(force=True)
        return
    if pilot.mode is Mode.LAND and action != "terminate":
        return
    wanted: list[Mode] = []
    if action in ("smart_rtl", "smart_land"):
        wanted.append(Mode.SMART_RTL)
    if action in ("rtl", "smart_rtl"):
        wanted.append(Mode.RTL)
    if action == "brake":
        wanted.append(Mode.BRAKE)
    for mode in wanted:
        if pilot.set_mode(mode):
            return
    pilot.set_mode(Mode.LAND, paused=True)
