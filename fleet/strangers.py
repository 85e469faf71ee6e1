"""Quarantine: devices that are heard and not of the roster. Nothing is ever sent to them. Pure."""

from collections import OrderedDict
from dataclasses import dataclass

from field_api.contract.messages import StrangerReport
from fleet.mavlink import GCS_SYSTEM, Message, dialect
from fleet.roster import Origin

__all__ = ["STRANGERS_MOST", "Stranger", "Strangers"]

STRANGERS_MOST = 64
FORGOTTEN_MS = 3_600_000
"""One not heard for so long is told anew when it comes back."""


@dataclass(slots=True)
class Stranger:
    """What a device says of itself; nobody asked it."""

    system: int
    origin: Origin
    vehicle_id: str | None
    autopilot: str
    type: str
    first_ms: int
    last_ms: int

    @property
    def peer(self) -> str:
        """Its address, empty on a link with one peer only."""
        return "" if self.origin[1] is None else f"{self.origin[1][0]}:{self.origin[1][1]}"


class Strangers:
    """The devices in quarantine, the one heard last at the end; the oldest make room."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[int, Origin], Stranger] = OrderedDict()

    def heard(
        self, origin: Origin, message: Message, vehicle_id: str | None, now_ms: int
    ) -> Stranger | None:
        """Note a message; return the stranger when it is news.

        Only a heartbeat makes a stranger: radios and ground stations speak too.
        """
        system = message.get_srcSystem()
        key = (system, origin)
        known = self._known.get(key)
        if known is not None:
            new = now_ms - known.last_ms > FORGOTTEN_MS
            known.last_ms = now_ms
            if new:
                known.first_ms = now_ms
            self._known.move_to_end(key)
            return known if new else None
        if message.get_type() != "HEARTBEAT" or system == GCS_SYSTEM:
            return None
        if message.type in (dialect.MAV_TYPE_GCS, dialect.MAV_TYPE_ANTENNA_TRACKER):
            return None
        stranger = Stranger(
            system,
            origin,
            vehicle_id,
            _name("MAV_AUTOPILOT", message.autopilot),
            _name("MAV_TYPE", message.type),
            now_ms,
            now_ms,
        )
        # The same device from another port, as after a restart of its program, is no news.
        told = any(s.system == system and s.origin[0] == origin[0] for s in self._known.values())
        self._known[key] = stranger
        if len(self._known) > STRANGERS_MOST:
            self._known.popitem(last=False)
        return None if told else stranger

    def reports(self, now_ms: int) -> list[StrangerReport]:
        """Return them for the node's state, the one heard last first."""
        return [
            StrangerReport(
                system=s.system,
                link=s.origin[0],
                peer=s.peer[:80],
                autopilot=s.autopilot,
                type=s.type,
                vehicle_id=s.vehicle_id,
                first_ms=s.first_ms,
                last_ms=s.last_ms,
            )
            for s in reversed(self._known.values())
            if now_ms - s.last_ms <= FORGOTTEN_MS
        ]


def _name(enum: str, value: int) -> str:
    entry = dialect.enums[enum].get(value)
    return entry.name.removeprefix(f"{enum}_")[:60] if entry else str(value)
