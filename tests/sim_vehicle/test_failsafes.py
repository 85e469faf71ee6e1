"""Faults: the same texts, modes and times as recordings of the real ArduCopter."""

import json
from pathlib import Path

import pytest
from pymavlink.dialects.v20 import ardupilotmega as mavlink

from sim.vehicle import Mode
from tests.sim_vehicle.cockpit import HOME, Cockpit

RECORDINGS = Path(__file__).parent / "recordings"
MODES = {"RTL": Mode.RTL, "LAND": Mode.LAND, "AUTO": Mode.AUTO}
# Where the vehicle happens to be, and noise of the real estimator, differ from flight to flight.
PLACE_DEPENDENT = ("SIM Hit ground", "Disarming motors", "Reached command", "Mission: ")


def recorded(name: str) -> list[tuple[float, str, str]]:
    events = json.loads((RECORDINGS / f"{name}.json").read_text())
    return [(t, kind, text) for t, kind, text in events]


class Flight:
    """A vehicle in AUTO at 20 m, heading north at full speed, with what it says after a fault."""

    def __init__(self, **parameters: float) -> None:
        self.cockpit = Cockpit(parameters=parameters)
        self.cockpit.stream("SYS_STATUS", "EKF_STATUS_REPORT", "FENCE_STATUS", "GPS_RAW_INT")
        self.cockpit.fly_search(seconds=20.9)
        self.start_s = self.cockpit.clock.time_s
        self._mark = len(self.cockpit.log)

    def play(self, name: str, seconds: float) -> None:
        """Set the parameters of a recording at their times, and let time pass."""
        events = [
            (t, *text.split(" ")[0].split("="))
            for t, kind, text in recorded(name)
            if kind == "param"
        ]
        for at_s, parameter, value in events:
            wait_s = self.start_s + at_s - self.cockpit.clock.time_s
            if wait_s > 0:
                self.cockpit.run(wait_s)
            self.cockpit.set(parameter, float(value))
        left_s = self.start_s + seconds - self.cockpit.clock.time_s
        self.cockpit.run(left_s)

    def after(self, kind: str) -> list[tuple[float, object]]:
        return [
            (t - self.start_s, m) for t, m in self.cockpit.log[self._mark :] if m.get_type() == kind
        ]

    def texts(self) -> list[tuple[float, str]]:
        return [(t, f"{m.severity} {m.text}") for t, m in self.after("STATUSTEXT")]

    def mode_times(self) -> list[tuple[float, int, int]]:
        changes: list[tuple[float, int, int]] = []
        for t, m in self.after("HEARTBEAT"):
            if not changes or (m.custom_mode, m.system_status) != changes[-1][1:]:
                changes.append((t, m.custom_mode, m.system_status))
        return changes

    def unhealthy_at(self, at_s: float) -> int:
        status = next(m for t, m in self.after("SYS_STATUS") if t >= at_s)
        return status.onboard_control_sensors_enabled & ~status.onboard_control_sensors_health

    def flags_at(self, at_s: float) -> int:
        return next(m.flags for t, m in self.after("EKF_STATUS_REPORT") if t >= at_s)


def compare_texts(flight: Flight, name: str, *, ignore: tuple[str, ...] = ()) -> int:
    """Every text of a recording was said at its time; returns how many were compared."""
    said = flight.texts()
    compared = 0
    for at_s, kind, text in recorded(name):
        if kind != "text" or any(part in text for part in (*PLACE_DEPENDENT, *ignore)):
            continue
        times = [t for t, words in said if words == text or _same_reading(words, text)]
        assert times, f"{text!r} was not said; said: {said}"
        assert min(abs(t - at_s) for t in times) < 0.5, (text, at_s, times)
        compared += 1
    return compared


def _same_reading(words: str, text: str) -> bool:
    """Battery texts carry the charge used so far, which depends on the flight before."""
    return " used " in text and words.split(" used ")[0] == text.split(" used ")[0]


def compare_modes(flight: Flight, name: str) -> None:
    modes = flight.mode_times()
    for at_s, kind, text in recorded(name):
        if kind != "mode" or "disarmed" in text:
            continue
        label, _, state = text.split(" ")
        wanted = (MODES[label], int(state.removeprefix("state=")))
        times = [t for t, mode, status in modes if (mode, status) == wanted]
        assert times, f"{text} never happened: {modes}"
        # A change of state alone is seen with the next heartbeat, up to a second later.
        assert min(abs(t - at_s) for t in times) < 1.1, (text, at_s, times)


def test_gps_loss_ends_in_landing_and_refuses_to_return() -> None:
    flight = Flight()
    flight.play("gps_loss", 25.0)
    assert compare_texts(flight, "gps_loss") == 5
    compare_modes(flight, "gps_loss")
    fix = next(t for t, m in flight.after("GPS_RAW_INT") if m.fix_type == 1)
    assert fix == pytest.approx(0.42, abs=0.2)
    assert flight.flags_at(7.6) == 0x25
    assert flight.flags_at(15.5) == 0xA7
    cockpit = flight.cockpit
    refused = cockpit.command(mavlink.MAV_CMD_DO_SET_MODE, 1, Mode.RTL)
    assert refused == mavlink.MAV_RESULT_FAILED
    assert cockpit.texts()[-1] == "Mode change to RTL failed: requires position"
    assert cockpit.until(lambda: not cockpit.armed, 60)
    assert cockpit.mode == Mode.LAND


def test_gps_glitch_moves_the_estimate_and_the_mission_goes_on() -> None:
    flight = Flight()
    flight.play("gps_glitch", 22.0)
    assert compare_texts(flight, "gps_glitch") == 4
    assert flight.flags_at(1.5) == 0x833F
    assert flight.flags_at(21.0) == 0x33F
    vehicle = flight.cockpit.vehicle
    assert vehicle.estimate.lat_deg - vehicle.state.lat_deg == pytest.approx(0.001, abs=1e-6)
    assert flight.cockpit.mode == Mode.AUTO


def test_low_battery_returns_and_critical_battery_lands() -> None:
    flight = Flight(BATT_LOW_VOLT=11, BATT_CRT_VOLT=10.5, BATT_FS_LOW_ACT=2, BATT_FS_CRT_ACT=1)
    flight.play("batt_low", 36.0)
    assert compare_texts(flight, "batt_low") == 4
    compare_modes(flight, "batt_low")
    assert flight.unhealthy_at(10.5) == 0x2000000


def test_radio_loss_returns_and_stays_returning() -> None:
    flight = Flight()
    flight.play("rc_loss", 22.0)
    assert compare_texts(flight, "rc_loss") == 2
    compare_modes(flight, "rc_loss")
    assert flight.unhealthy_at(1.2) == 0x10000
    assert flight.unhealthy_at(20.3) == 0


def test_silent_ground_station_returns_and_stays_returning() -> None:
    flight = Flight(FS_GCS_ENABLE=1)
    flight.cockpit.heartbeats = False
    flight.cockpit.run(15.0)
    flight.cockpit.heartbeats = True
    flight.cockpit.run(2.0)
    assert compare_texts(flight, "gcs_loss", ignore=("Cleared",)) == 1
    assert flight.cockpit.when("GCS Failsafe Cleared") is not None
    compare_modes(flight, "gcs_loss")
    assert flight.cockpit.mode == Mode.RTL


def test_ground_station_failsafe_is_off_by_default() -> None:
    flight = Flight()
    flight.cockpit.heartbeats = False
    flight.cockpit.run(12.0)
    assert flight.cockpit.mode == Mode.AUTO


def test_circle_fence_turns_back_and_clears() -> None:
    flight = Flight(FENCE_ENABLE=1, FENCE_RADIUS=120, FENCE_TYPE=2)
    flight.cockpit.run(30.0)
    breach = next(t for t, m in flight.after("FENCE_STATUS") if m.breach_status)
    cleared = next(t for t, m in flight.after("FENCE_STATUS") if t > breach and not m.breach_status)
    assert breach == pytest.approx(9.52, abs=1.5)
    assert cleared - breach == pytest.approx(10.1, abs=0.3)
    status = next(m for _, m in flight.after("FENCE_STATUS") if m.breach_status)
    assert (status.breach_type, status.breach_count) == (3, 1)
    assert "5 Fence Breached" in [words for _, words in flight.texts()]
    assert flight.cockpit.mode == Mode.RTL
    assert flight.unhealthy_at(breach + 0.1) == 0x100000


def test_exclusion_polygon_stops_a_flight_into_it() -> None:
    cockpit = Cockpit(parameters={"FENCE_ENABLE": 1, "FENCE_TYPE": 4})
    lat, lon = HOME
    corners = [(0.0008, -0.001), (0.0008, 0.001), (0.003, 0.001), (0.003, -0.001)]
    exclusion = mavlink.MAV_CMD_NAV_FENCE_POLYGON_VERTEX_EXCLUSION
    items = [
        cockpit.item(n, exclusion, lat + a, lon + b, params=(4, 0, 0, 0), mission_type=1)
        for n, (a, b) in enumerate(corners)
    ]
    assert cockpit.upload(items, mission_type=1) == 0
    cockpit.fly_search(seconds=0.1)
    farthest = 0.0

    def watch() -> bool:
        nonlocal farthest
        farthest = max(farthest, cockpit.metres()[0])
        return not cockpit.armed

    assert cockpit.until(watch, 200)
    edge_m = cockpit.vehicle.pilot.frame.to_metres(lat + 0.0008, lon)[0]
    assert cockpit.when("Fence Breached") is not None
    assert edge_m < farthest < edge_m + 35.0


def test_failed_motor_falls_like_the_recording() -> None:
    flight = Flight()
    flight.play("motor_fail", 6.0)
    assert compare_texts(flight, "motor_fail") == 1
    hit_s, words = next((t, words) for t, words in flight.texts() if "Hit ground" in words)
    assert hit_s == pytest.approx(2.6, abs=0.3)
    assert float(words.split()[-2]) == pytest.approx(12.9, abs=1.0)
    assert flight.unhealthy_at(5.0) == 0x40000000


def test_termination_disarms_in_the_air() -> None:
    flight = Flight()
    assert flight.cockpit.command(mavlink.MAV_CMD_DO_FLIGHTTERMINATION, 1) == 0
    assert not flight.cockpit.armed
    flight.cockpit.run(5.0)
    assert flight.cockpit.vehicle.state.on_ground


@pytest.mark.parametrize(("name", "bits"), [("compass_fail", 0x4), ("baro_fail", 0x8)])
def test_sensor_faults_are_reported_and_the_mission_goes_on(name: str, bits: int) -> None:
    flight = Flight()
    flight.play(name, 14.0)
    assert flight.unhealthy_at(1.0) == bits
    assert flight.flags_at(11.0) == (0x31F if name == "baro_fail" else 0x33F)
    assert flight.cockpit.mode == Mode.AUTO


def test_strong_wind_slows_the_flight_but_keeps_it_on_its_track() -> None:
    flight = Flight()
    flight.play("wind", 26.0)
    reached = next(t for t, words in flight.texts() if words == "6 Reached command #2")
    assert reached == pytest.approx(20.4, abs=3.0)
    assert flight.cockpit.mode == Mode.AUTO
