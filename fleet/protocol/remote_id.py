"""Remote ID: what a module on board needs from us to broadcast, and whether it does.

https://mavlink.io/en/services/opendroneid.html. The module (or the autopilot for it) says once a
second in OPEN_DRONE_ID_ARM_STATUS whether it has all it needs. SYSTEM holds where the operator is
and grows old quickly, so it is sent once a second, the others every three. The aircraft's own place
is the autopilot's to send.
"""

import math
from dataclasses import dataclass

from fleet.mavlink import Message, dialect, raw_text
from mission_plans.values.plan import GeoPoint

__all__ = ["RemoteId", "RemoteIdentity"]

SYSTEM_S = 1.0
OTHERS_S = 3.0
FRESH_S = 5.0
"""A module that says nothing for longer is not counted on."""
EPOCH_S = 1_546_300_800
"""1 January 2019, UTC, from which Remote ID counts seconds."""
MODULES = range(dialect.MAV_COMP_ID_ODID_TXRX_1, dialect.MAV_COMP_ID_ODID_TXRX_3 + 1)
UNKNOWN_ALTITUDE_M = -1000.0
ID_BYTES, TEXT_BYTES = 20, 23
NO_MAC = [0] * 20


@dataclass(frozen=True, slots=True)
class RemoteIdentity:
    """What is broadcast of one aircraft."""

    operator_id: str
    """Of who flies it, as the authority gave it."""
    serial: str = ""
    """Of the aircraft (ANSI/CTA-2063-A); empty where the module has its own."""
    registration: str = ""
    """Mark of its registration, sent where there is no serial number."""
    description: str = ""


class RemoteId:
    """One aircraft's module."""

    def __init__(self, system: int, identity: RemoteIdentity, pace: float = 1.0) -> None:
        """Prepare the machine.

        Args:
            system: of the aircraft.
            identity: what is broadcast.
            pace: how much faster than real time it is sent, for simulations that run faster.
        """
        self._system = system
        self._identity = identity
        self._pace = pace
        self._component: int | None = None
        """The module's, once it was heard."""
        self._heard_s = -math.inf
        self._status: tuple[bool, str] | None = None
        """Whether it has all it needs, and what it lacks in its own words."""
        self._system_due_s = -math.inf
        self._others_due_s = -math.inf

    def receive(self, message: Message, now_s: float) -> None:
        """Take in a message of the aircraft's system."""
        if message.get_srcSystem() != self._system:
            return
        kind, component = message.get_type(), int(message.get_srcComponent())
        if kind == "OPEN_DRONE_ID_ARM_STATUS":
            said = raw_text(message, "error").decode("ascii", "replace")
            words = "".join(c for c in said if c.isprintable())
            self._status = int(message.status) == dialect.MAV_ODID_ARM_STATUS_GOOD_TO_ARM, words
            self._heard_s = now_s
            self._component = component
        elif kind == "HEARTBEAT" and (
            component in MODULES or int(message.type) == dialect.MAV_TYPE_ODID
        ):
            self._component = component

    def poll(self, now_s: float, utc_s: float, launch: GeoPoint | None) -> list[Message]:
        """Return what is to be sent now; nothing to aircraft without a module.

        Args:
            now_s: monotonic.
            utc_s: now, since 1970.
            launch: where the operator stands; SYSTEM waits for it.
        """
        if self._component is None:
            return []
        out: list[Message] = []
        if launch is not None and now_s >= self._system_due_s:
            self._system_due_s = now_s + SYSTEM_S / self._pace
            out.append(self._where(utc_s, launch))
        if now_s >= self._others_due_s:
            self._others_due_s = now_s + OTHERS_S / self._pace
            out += self._who()
        return out

    def readiness(self, now_s: float) -> tuple[bool, str] | None:
        """Return whether it broadcasts, and what is wanting; None where no module was heard."""
        if self._component is None:
            return None
        if self._status is None or now_s - self._heard_s > FRESH_S:
            return False, "模块没有状态 / the module is silent"
        ready, words = self._status
        return ready, "" if ready else (words or "模块未说明原因 / the module does not say why")

    def _where(self, utc_s: float, launch: GeoPoint) -> Message:
        return dialect.MAVLink_open_drone_id_system_message(
            *(self._system, self._component or 0, NO_MAC),
            dialect.MAV_ODID_OPERATOR_LOCATION_TYPE_TAKEOFF,
            dialect.MAV_ODID_CLASSIFICATION_TYPE_UNDECLARED,
            *(round(launch.lat_deg * 1e7), round(launch.lon_deg * 1e7)),
            *(1, 0, UNKNOWN_ALTITUDE_M, UNKNOWN_ALTITUDE_M),
            *(dialect.MAV_ODID_CATEGORY_EU_UNDECLARED, dialect.MAV_ODID_CLASS_EU_UNDECLARED),
            # Above the ellipsoid, which is not what our heights are above.
            UNKNOWN_ALTITUDE_M,
            max(0, int(utc_s) - EPOCH_S),
        )

    def _who(self) -> list[Message]:
        identity, place = self._identity, (self._system, self._component or 0, NO_MAC)
        operator = identity.operator_id.encode()[:ID_BYTES]
        out: list[Message] = [
            dialect.MAVLink_open_drone_id_operator_id_message(
                *place, dialect.MAV_ODID_OPERATOR_ID_TYPE_CAA, operator
            )
        ]
        if identity.description:
            text = identity.description.encode("ascii", "replace")[:TEXT_BYTES]
            out.append(
                dialect.MAVLink_open_drone_id_self_id_message(
                    *place, dialect.MAV_ODID_DESC_TYPE_TEXT, text
                )
            )
        mark = identity.serial or identity.registration
        if mark:
            kind = (
                dialect.MAV_ODID_ID_TYPE_SERIAL_NUMBER
                if identity.serial
                else dialect.MAV_ODID_ID_TYPE_CAA_REGISTRATION_ID
            )
            uas_id = list(mark.encode("ascii", "replace")[:ID_BYTES].ljust(ID_BYTES, b"\0"))
            out.append(
                dialect.MAVLink_open_drone_id_basic_id_message(
                    *place, kind, dialect.MAV_ODID_UA_TYPE_HELICOPTER_OR_MULTIROTOR, uas_id
                )
            )
        return out
