"""Which aircraft is which: the binding of a roster id to a link, a system and a component.

The binding is made once, from configuration and the first autopilot heartbeat, and never changes.
Everything sent to an aircraft goes through its binding, so no command can reach another one.
"""

from dataclasses import dataclass
from typing import Literal

from fleet.mavlink import Message, dialect

__all__ = ["Address", "Binding", "Heard", "Roster"]

Address = tuple[str, int] | None
"""UDP peer, None on a TCP link, whose peer is fixed."""


@dataclass(frozen=True, slots=True)
class Binding:
    """Where an aircraft is."""

    vehicle_id: str
    link: str
    system: int
    component: int
    address: Address


@dataclass(frozen=True, slots=True)
class Heard:
    """What the roster makes of a message."""

    kind: Literal["bound", "known", "duplicate", "stranger"]
    vehicle_id: str | None = None


class Roster:
    """The aircraft this node may talk to."""

    def __init__(self, aircraft: dict[str, tuple[str, int]]) -> None:
        """Take vehicle_id -> (link, system id).

        Raises:
            ValueError: two aircraft have the same link and system id.
        """
        self._expected: dict[tuple[str, int], str] = {}
        for vehicle_id, place in aircraft.items():
            if place in self._expected:
                raise ValueError(
                    f"{vehicle_id} and {self._expected[place]} both have system id {place[1]} on "
                    f"link {place[0]}; every aircraft of a link needs its own"
                )
            self._expected[place] = vehicle_id
        self._bindings: dict[str, Binding] = {}

    def binding(self, vehicle_id: str) -> Binding | None:
        """Return an aircraft's binding, None until its autopilot was heard."""
        return self._bindings.get(vehicle_id)

    def heard(self, link: str, address: Address, message: Message) -> Heard:
        """Judge a message by where it came from; bind an expected aircraft on its heartbeat.

        A system id heard from a second address on the same link is a duplicate: its messages are
        not the aircraft's and must change nothing.
        """
        vehicle_id = self._expected.get((link, message.get_srcSystem()))
        if vehicle_id is None:
            return Heard("stranger")
        binding = self._bindings.get(vehicle_id)
        if binding is not None:
            if binding.address != address:
                return Heard("duplicate", vehicle_id)
            return Heard("known", vehicle_id)
        if (
            message.get_type() != "HEARTBEAT"
            or message.autopilot == dialect.MAV_AUTOPILOT_INVALID
            or message.get_srcComponent() != dialect.MAV_COMP_ID_AUTOPILOT1
        ):
            return Heard("stranger")
        self._bindings[vehicle_id] = Binding(
            vehicle_id, link, message.get_srcSystem(), message.get_srcComponent(), address
        )
        return Heard("bound", vehicle_id)

    def moved(self, vehicle_id: str, address: Address) -> None:
        """Let a lost aircraft come back from a new address of the same link.

        Only for an aircraft that has not been heard for long enough to count as lost: a restarted
        autopilot or radio gets a new UDP port.
        """
        old = self._bindings[vehicle_id]
        self._bindings[vehicle_id] = Binding(
            vehicle_id, old.link, old.system, old.component, address
        )
