"""Pointing a gimbal: gimbal protocol v2 where there is a manager, the older mount commands else.

A wished direction is sent again until the gimbal's own attitude shows it, then left alone; a place
is given to the autopilot as its region of interest, which keeps it in the picture by itself. What
the aircraft does not confirm is not claimed: `place` is set by its answer, angles by its attitude.
https://mavlink.io/en/services/gimbal_v2.html
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from fleet.mavlink import GCS_COMPONENT, GCS_SYSTEM, Message, dialect
from mission_plans.values.plan import GeoPoint

__all__ = ["NOT_REACHED", "GimbalProtocol"]

ASK_S = 1.0
ASKS = 4
"""As many as MAVSDK asks; a manager that stays silent is none."""
STREAM_ASK_S = 5.0
AIM_EVERY_S = 0.5
AIM_TRIES = 12
BLIND_TRIES = 4
"""Where nothing says where it looks; a take-off waits for it."""
REACHED_DEG = 3.0
OLD_S = 3.0
"""An attitude older than this says no longer where it looks."""
ATTITUDE_US = 200_000
REGION = dialect.MAV_CMD_DO_SET_ROI
"""The older command: ArduCopter 4.0 knows it, and takes a place of zeros for none."""
STEADY = dialect.GIMBAL_MANAGER_FLAGS_ROLL_LOCK | dialect.GIMBAL_MANAGER_FLAGS_PITCH_LOCK
NOBODY = 0

NOT_REACHED = "云台未转到位 / the gimbal did not reach the direction"
NOT_KEPT = "飞机未接受跟踪该地点 / the aircraft did not take the place"
NO_ANSWER = "飞机未应答云台指令 / the aircraft does not answer orders to its gimbal"


@dataclass(slots=True)
class _Aim:
    pitch_deg: float
    yaw_deg: float
    due_s: float = -math.inf
    tries: int = 0


@dataclass(slots=True)
class _Place:
    place: GeoPoint | None
    """None ends the region of interest."""
    altitude_home_m: float
    due_s: float = -math.inf
    tries: int = 0


class GimbalProtocol:
    """The gimbal of one aircraft, behind its autopilot."""

    def __init__(self, system: int, component: int) -> None:
        self._system = system
        self._component = component
        self._asked = 0
        self._ask_s = -math.inf
        self._stream_s = -math.inf
        self._manager_device: int | None = None
        self._holder: tuple[int, int] | None = None
        self._attitude: tuple[float, float] | None = None
        self._attitude_s = -math.inf
        self._aim: _Aim | None = None
        self._region: _Place | None = None
        self._kept: GeoPoint | None = None
        self._mount_units = 1
        """Of a degree in DO_MOUNT_CONTROL: ArduCopter 4.0 takes hundredths, against the protocol,
        which shows by where its gimbal goes."""
        self.problem = ""
        """Why the last wish is not fulfilled, in both languages; empty while it is or may be."""

    # --- what is known ----------------------------------------------------------------------

    def present(self, now_s: float) -> bool:
        """Whether a gimbal has shown where it looks."""
        return self.attitude_deg(now_s) is not None

    def attitude_deg(self, now_s: float) -> tuple[float, float] | None:
        """Return pitch against the horizon and yaw against the nose, None where that is unknown."""
        return self._attitude if now_s - self._attitude_s <= OLD_S else None

    @property
    def pointing(self) -> bool:
        """Whether a wish is still being carried out."""
        return self._aim is not None or self._region is not None

    @property
    def place(self) -> GeoPoint | None:
        """The place that the aircraft said it keeps in the picture."""
        return self._kept

    @property
    def other_station(self) -> int | None:
        """The system that has taken primary control instead of us."""
        if self._holder is None or self._holder[0] in (NOBODY, GCS_SYSTEM):
            return None
        return self._holder[0]

    # --- wishes -----------------------------------------------------------------------------

    def point(self, pitch_deg: float, yaw_deg: float) -> None:
        """Look in a direction; a place kept so far is given up."""
        self.problem = ""
        if self._kept is not None or self._region is not None:
            self._region = _Place(None, 0.0)
        self._aim = _Aim(pitch_deg, yaw_deg)

    def keep(self, place: GeoPoint, altitude_home_m: float) -> None:
        """Keep a place on the ground in the picture.

        Args:
            place: where.
            altitude_home_m: of the ground there above the aircraft's home: ArduCopter 4.0 takes no
                other, whatever the frame says.
        """
        self.problem = ""
        self._aim = None
        self._region = _Place(place, altitude_home_m)

    # --- messages ---------------------------------------------------------------------------

    def receive(self, message: Message, now_s: float) -> None:
        """Take in a message of the aircraft's autopilot or gimbal."""
        match message.get_type():
            case "GIMBAL_MANAGER_INFORMATION":
                self._manager_device = int(message.gimbal_device_id)
            case "GIMBAL_MANAGER_STATUS":
                self._holder = (message.primary_control_sysid, message.primary_control_compid)
            case "GIMBAL_DEVICE_ATTITUDE_STATUS":
                self._heard(_angles_deg(message.q), now_s)
            case "MOUNT_STATUS":
                angles = message.pointing_a / 100, message.pointing_c / 100
                self._heard(angles if all(abs(a) <= 360 for a in angles) else None, now_s)
            case "COMMAND_ACK":
                self._answered(message)
            case _:
                pass

    def poll(self, now_s: float) -> list[Message]:
        """Return what is to be sent now."""
        out = self._questions(now_s)
        region = self._region
        if region is not None and now_s >= region.due_s:
            if region.tries >= AIM_TRIES:
                self._region = None
                self.problem = NO_ANSWER
            else:
                region.tries += 1
                region.due_s = now_s + AIM_EVERY_S * 2
                out.append(self._region_order(region))
        elif region is None and self._aim is not None:
            out += self._pointed(self._aim, now_s)
        return out

    # --- inside -----------------------------------------------------------------------------

    def _heard(self, angles: tuple[float, float] | None, now_s: float) -> None:
        if angles is None:
            return
        self._attitude, self._attitude_s = angles, now_s

    def _answered(self, message: Message) -> None:
        region = self._region
        if (
            region is None
            or not region.tries
            or message.get_srcComponent() != self._component
            or message.command != REGION
            or message.target_system not in (0, GCS_SYSTEM)
        ):
            return
        accepted = message.result == dialect.MAV_RESULT_ACCEPTED
        self._region = None
        if accepted or region.place is None:
            self._kept = region.place
        else:
            self.problem = NOT_KEPT

    def _pointed(self, aim: _Aim, now_s: float) -> list[Message]:
        if now_s < aim.due_s:
            return []
        attitude = self.attitude_deg(now_s)
        if aim.tries and attitude is not None and _apart_deg(attitude, aim) <= REACHED_DEG:
            self._aim = None
            self.problem = ""
            return []
        if aim.tries and attitude is not None and _hundredth(attitude, aim):
            self._mount_units = 100
        if aim.tries >= (BLIND_TRIES if attitude is None else AIM_TRIES):
            self._aim = None
            self.problem = NOT_REACHED if attitude is not None else NO_ANSWER
            return []
        aim.tries += 1
        aim.due_s = now_s + AIM_EVERY_S
        return self._direction(aim)

    def _direction(self, aim: _Aim) -> list[Message]:
        if self._manager_device is None:
            units = self._mount_units
            return [
                self._command(
                    dialect.MAV_CMD_DO_MOUNT_CONTROL,
                    (aim.pitch_deg * units, 0, aim.yaw_deg * units, 0, 0, 0),
                    dialect.MAV_MOUNT_MODE_MAVLINK_TARGETING,
                )
            ]
        out: list[Message] = []
        if self._holder != (GCS_SYSTEM, GCS_COMPONENT):
            # Whoever wishes here was let by people; another station is told by the manager.
            control = (GCS_SYSTEM, GCS_COMPONENT, -1, -1, 0, 0)
            out.append(
                self._command(
                    dialect.MAV_CMD_DO_GIMBAL_MANAGER_CONFIGURE, control, self._manager_device
                )
            )
        out.append(
            dialect.MAVLink_gimbal_manager_set_pitchyaw_message(
                self._system,
                self._component,
                STEADY,
                self._manager_device,
                math.radians(aim.pitch_deg),
                math.radians(aim.yaw_deg),
                math.nan,
                math.nan,
            )
        )
        return out

    def _region_order(self, region: _Place) -> Message:
        if region.place is None:
            return self._command(REGION, (0,) * 6, 0)
        return dialect.MAVLink_command_int_message(
            self._system,
            self._component,
            dialect.MAV_FRAME_GLOBAL_RELATIVE_ALT,
            REGION,
            *(0, 0, 0, 0, 0, 0),
            round(region.place.lat_deg * 1e7),
            round(region.place.lon_deg * 1e7),
            region.altitude_home_m,
        )

    def _questions(self, now_s: float) -> list[Message]:
        out: list[Message] = []
        if self._manager_device is None and self._asked < ASKS and now_s - self._ask_s >= ASK_S:
            self._asked += 1
            self._ask_s = now_s
            wanted = dialect.MAVLINK_MSG_ID_GIMBAL_MANAGER_INFORMATION
            out.append(self._command(dialect.MAV_CMD_REQUEST_MESSAGE, (wanted, 0, 0, 0, 0, 0), 0))
        silent = now_s - self._attitude_s > OLD_S
        patience_s = STREAM_ASK_S if self._attitude is not None or self._asked < ASKS else 30.0
        if silent and now_s - self._stream_s >= patience_s:
            self._stream_s = now_s
            out += self._streams()
        return out

    def _streams(self) -> list[Message]:
        if self._manager_device is not None:
            wanted = (
                dialect.MAVLINK_MSG_ID_GIMBAL_DEVICE_ATTITUDE_STATUS,
                dialect.MAVLINK_MSG_ID_GIMBAL_MANAGER_STATUS,
            )
        else:
            wanted = (dialect.MAVLINK_MSG_ID_MOUNT_STATUS,)
        return [
            self._command(
                dialect.MAV_CMD_SET_MESSAGE_INTERVAL, (message_id, ATTITUDE_US, 0, 0, 0, 0), 0
            )
            for message_id in wanted
        ]

    def _command(self, command: int, first_six: Sequence[float], last: float) -> Message:
        p1, p2, p3, p4, p5, p6 = first_six
        return dialect.MAVLink_command_long_message(
            self._system, self._component, command, 0, p1, p2, p3, p4, p5, p6, last
        )


def _apart_deg(attitude: tuple[float, float], aim: _Aim) -> float:
    pitch = abs(attitude[0] - aim.pitch_deg)
    yaw = abs((attitude[1] - aim.yaw_deg + 180) % 360 - 180)
    # Straight down, turning about the vertical does not change where it looks.
    return max(pitch, yaw * math.cos(math.radians(aim.pitch_deg)))


def _hundredth(attitude: tuple[float, float], aim: _Aim) -> bool:
    """Whether the gimbal went to a hundredth of where it was sent."""
    return abs(aim.pitch_deg) > REACHED_DEG and abs(attitude[0] * 100 - aim.pitch_deg) < REACHED_DEG


def _angles_deg(q: list[float]) -> tuple[float, float] | None:
    w, x, y, z = q
    size = math.sqrt(w * w + x * x + y * y + z * z)
    if not 0.5 < size < 2:  # NaN is not.
        return None
    w, x, y, z = w / size, x / size, y / size, z / size
    pitch_deg = math.degrees(math.asin(max(-1.0, min(1.0, 2 * (w * y - z * x)))))
    if abs(pitch_deg) > 89:
        return pitch_deg, 0.0
    yaw = math.atan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z))
    return pitch_deg, math.degrees(yaw)
