"""A fleet on a wire, in a process of its own: heartbeats and streams of many vehicles over UDP.

`python -m tests.benchmarks.fleet_load PORTS VEHICLES SECONDS SPEED BASE_NS`. Each vehicle sends
what an ArduPilot sends at the rates a node asks for, about 40 messages a second. The height above
home tells when a position was sent, in milliseconds since BASE_NS, so that whoever sees it in a
snapshot knows how long it took.
"""

import socket
import sys
import time

from fleet.mavlink import Codec, dialect

PER_PORT = 250
"""System ids of one link."""
PARTS = 10
"""A second is sent in ten parts, as streams come."""
HOME_1E7 = (249_478_000, 1_026_108_000)
APART_1E7 = 2_000
"""Twenty metres between neighbours."""
STICKS = (1500,) * 18
WRAP_MS = 10_000_000


class _Craft:
    def __init__(self, system: int, port: int, source: socket.socket) -> None:
        self.codec = Codec(system, 1)
        self.place = system
        self.address = ("127.0.0.1", port)
        self.source = source
        self.frames: list[bytes] | None = None
        """Where frames are kept instead of sent."""

    def send(self, *messages: object) -> None:
        for message in messages:
            frame = self.codec.pack(message)
            if self.frames is None:
                self.source.sendto(frame, self.address)
            else:
                self.frames.append(frame)


def frames_of(system: int, seconds: int) -> list[list[bytes]]:
    """Return what one vehicle sends, by tenths of a second."""
    with socket.socket() as unused:
        craft = _Craft(system, 0, unused)
    parts: list[list[bytes]] = []
    for turn in range(seconds * PARTS):
        craft.frames = []
        part_of(craft, (turn + system) % PARTS, 60_000 + turn * 100, turn * 100)
        parts.append(craft.frames)
    return parts


def part_of(craft: _Craft, part: int, boot_ms: int, sent_ms: int) -> int:
    """Send a tenth of a second's messages of one vehicle; return how many."""
    d = dialect
    lat, lon = HOME_1E7[0] + craft.place * APART_1E7, HOME_1E7[1]
    out: list[object] = [d.MAVLink_attitude_message(boot_ms, 0.1, 0.1, 1.0, 0, 0, 0)]
    if part % 2 == 0:
        out.append(
            d.MAVLink_global_position_int_message(
                boot_ms, lat + part, lon, 2_300_000, sent_ms % WRAP_MS, 800, 0, 0, 9_000
            )
        )
        out.append(d.MAVLink_vfr_hud_message(8.0, 8.0, 90, 40, 2_300.0, 0.0))
    if part % 5 == 1:
        out.append(d.MAVLink_sys_status_message(0, 0, 0, 0, 15_000, 900, 80, 0, 0, 0, 0, 0, 0))
        out.append(
            d.MAVLink_gps_raw_int_message(boot_ms * 1000, 3, lat, lon, 2_300_000, 90, 90, 0, 0, 14)
        )
        out.append(d.MAVLink_nav_controller_output_message(0, 0, 0, 0, 0, 0, 0, 0))
        out.append(d.MAVLink_local_position_ned_message(boot_ms, 0, 0, 0, 0, 0, 0))
    if part == 3:
        out += [
            d.MAVLink_heartbeat_message(2, 3, 1, 4, 3, 3),
            d.MAVLink_ekf_status_report_message(831, 0.1, 0.1, 0.1, 0.1, 0.1),
            d.MAVLink_extended_sys_state_message(0, 1),
            d.MAVLink_mission_current_message(3),
            d.MAVLink_battery_status_message(0, 0, 0, 0, [15_000] + [65_535] * 9, 900, 0, 0, 80),
            d.MAVLink_rc_channels_message(boot_ms, 8, *STICKS, 255),  # pyright: ignore
            d.MAVLink_servo_output_raw_message(boot_ms * 1000, 0, *(1500,) * 8),
            d.MAVLink_vibration_message(boot_ms * 1000, 0.1, 0.1, 0.1, 0, 0, 0),
            d.MAVLink_system_time_message(time.time_ns() // 1000, boot_ms),
            d.MAVLink_power_status_message(5000, 5000, 0),
        ]
    craft.send(*out)
    return len(out)


def main() -> None:
    """Send until the time is over; print messages sent and seconds taken."""
    ports = [int(port) for port in sys.argv[1].split(",")]
    vehicles, seconds, speed = int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4])
    base_ns = int(sys.argv[5])
    fleet: list[_Craft] = []
    for n in range(vehicles):
        source = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        source.bind(("127.0.0.1", 0))
        fleet.append(_Craft(n % PER_PORT + 1, ports[n // PER_PORT], source))
    began_s = time.monotonic()
    sent, tick = 0, 0
    while (passed_s := time.monotonic() - began_s) < seconds:
        due_tick = int(passed_s * speed * PARTS * vehicles)
        if tick >= due_tick:
            time.sleep(0.001)
            continue
        # One vehicle after the other: real ones do not send in step.
        while tick < due_tick:
            turn, n = divmod(tick, vehicles)
            sent_ms = (time.time_ns() - base_ns) // 1_000_000
            sent += part_of(fleet[n], (turn + n) % PARTS, 60_000 + turn * 100, sent_ms)
            tick += 1
    took_s = time.monotonic() - began_s
    print(sent, took_s, flush=True)


if __name__ == "__main__":
    main()
