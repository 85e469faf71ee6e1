"""How many simulated vehicles one core carries, and how fast one of them can fly."""

import time
from collections.abc import Iterator

from pymavlink.dialects.v20 import ardupilotmega as mavlink

from sim.vehicle import STEP_S, SimClock, SimVehicle, VehicleConfig

_STREAMS_HZ = {
    mavlink.MAVLINK_MSG_ID_SYS_STATUS: 2,
    mavlink.MAVLINK_MSG_ID_GPS_RAW_INT: 2,
    mavlink.MAVLINK_MSG_ID_GLOBAL_POSITION_INT: 5,
    mavlink.MAVLINK_MSG_ID_ATTITUDE: 10,
    mavlink.MAVLINK_MSG_ID_VFR_HUD: 5,
    mavlink.MAVLINK_MSG_ID_BATTERY_STATUS: 1,
    mavlink.MAVLINK_MSG_ID_EKF_STATUS_REPORT: 1,
    mavlink.MAVLINK_MSG_ID_RC_CHANNELS: 1,
    mavlink.MAVLINK_MSG_ID_SERVO_OUTPUT_RAW: 1,
    mavlink.MAVLINK_MSG_ID_MISSION_CURRENT: 1,
    mavlink.MAVLINK_MSG_ID_NAV_CONTROLLER_OUTPUT: 2,
    mavlink.MAVLINK_MSG_ID_VIBRATION: 1,
    mavlink.MAVLINK_MSG_ID_SYSTEM_TIME: 1,
    mavlink.MAVLINK_MSG_ID_POWER_STATUS: 1,
    mavlink.MAVLINK_MSG_ID_LOCAL_POSITION_NED: 2,
    mavlink.MAVLINK_MSG_ID_EXTENDED_SYS_STATE: 1,
    mavlink.MAVLINK_MSG_ID_GIMBAL_DEVICE_ATTITUDE_STATUS: 2,
}
"""About 40 messages a second, as a fleet asks for them."""

_VEHICLES = 20
_SIMULATED_S = 20.0


def _ground(lat_deg: float, lon_deg: float) -> float:
    del lat_deg, lon_deg
    return 2200.0


def _fly(count: int, seconds: float) -> tuple[float, int]:
    """CPU seconds and messages for `count` vehicles flying so long in GUIDED."""
    clock = SimClock(0)
    sent = 0

    def count_frame(frame: bytes) -> None:
        nonlocal sent
        sent += 1

    vehicles = [
        SimVehicle(VehicleConfig(sysid, 24.95, 102.61 + sysid * 1e-4), clock, _ground)
        for sysid in range(1, count + 1)
    ]
    codec = mavlink.MAVLink(None, srcSystem=255, srcComponent=190)
    links = [vehicle.attach(count_frame) for vehicle in vehicles]

    def command(number: int, *params: float) -> None:
        padded = [*params, *[0.0] * (7 - len(params))]
        for vehicle, link in zip(vehicles, links, strict=True):
            message = mavlink.MAVLink_command_long_message(0, 1, number, 0, *padded)
            vehicle.receive(link, bytes(message.pack(codec)))

    def live(until_s: float) -> None:
        while clock.time_s < until_s:
            clock.advance(STEP_S)
            for vehicle in vehicles:
                vehicle.update()

    live(5.0)
    for message_id, hz in _STREAMS_HZ.items():
        command(mavlink.MAV_CMD_SET_MESSAGE_INTERVAL, message_id, 1e6 / hz)
    command(mavlink.MAV_CMD_DO_SET_MODE, 1, 4)
    command(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 1)
    command(mavlink.MAV_CMD_NAV_TAKEOFF, 0, 0, 0, 0, 0, 0, 60)
    live(12.0)
    if not all(vehicle.state.armed for vehicle in vehicles):
        raise RuntimeError("the vehicles did not take off")
    sent = 0
    start_s, begin = clock.time_s, time.process_time()
    live(start_s + seconds)
    return time.process_time() - begin, sent


def rows() -> Iterator[tuple[str, float, str, str]]:
    """Measured figures: name, value, unit, budget."""
    cpu_s, sent = _fly(_VEHICLES, _SIMULATED_S)
    share = cpu_s / _SIMULATED_S
    yield (f"{_VEHICLES} vehicles at 1x", 100.0 * share, "% of a core", "20")
    yield "vehicles per core at 1x", _VEHICLES / share, "vehicles", "-"
    yield "messages per vehicle", sent / _SIMULATED_S / _VEHICLES, "1/s", "40"
    cpu_s, _ = _fly(1, 100.0)
    yield "one vehicle, speed-up reachable", 100.0 / cpu_s, "x", "-"


if __name__ == "__main__":
    for name, value, unit, budget in rows():
        print(f"{name:40} {value:10.1f} {unit:12} budget {budget}")
