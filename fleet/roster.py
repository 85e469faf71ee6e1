"""Which aircraft is which: the binding of a roster id to links, a system and a component.

System and component are bound once, from configuration and the first autopilot heartbeat, and never
change. An aircraft may be heard over several links; on each it has one address. Everything sent to
an aircraft goes through its bindings, so no command can reach another one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from fleet.mavlink import Message, dialect

__all__ = ["Address", "Binding", "Heard", "Origin", "Roster"]

Address = tuple[str, int] | None
"""Peer of a link that listens, None where a link has one peer only."""

Origin = tuple[str, Address]
"""Where a message came from: link and peer."""


@dataclass(frozen=True, slots=True)
class Binding:
    """One way to an aircraft."""

    vehicle_id: str
    link: str
    system: int
    component: int
    address: Address

    @property
    def origin(self) -> Origin:
        """Where its messages come from."""
        return self.link, self.address


@dataclass(frozen=True, slots=True)
class Heard:
    """What the roster makes of a message.

    `bound`: an aircraft's first heartbeat. `known`: over one of its ways. `claims`: with its system
    id over one of its links, but not from where it is known to be: it is believed once proved.
    `stranger`: nobody of the roster; with `vehicle_id`, on a link which that aircraft does not use.
    """

    kind: Literal["bound", "known", "claims", "stranger"]
    vehicle_id: str | None = None


class Roster:
    """The aircraft this node may talk to."""

    def __init__(self, aircraft: Mapping[str, tuple[Sequence[str], int]]) -> None:
        """Take vehicle_id -> (links, the preferred one first; system id).

        Raises:
            ValueError: two aircraft have the same system id on a link.
        """
        self._expected: dict[tuple[str, int], str] = {}
        self._systems: dict[int, str] = {}
        for vehicle_id, (links, system) in aircraft.items():
            self._systems.setdefault(system, vehicle_id)
            for link in links:
                other = self._expected.setdefault((link, system), vehicle_id)
                if other != vehicle_id:
                    raise ValueError(
                        f"{vehicle_id} and {other} both have system id {system} on link {link}; "
                        "every aircraft of a link needs its own"
                    )
        self._bindings: dict[str, dict[str, Binding]] = {}

    def binding(self, vehicle_id: str, link: str) -> Binding | None:
        """Return an aircraft's way over a link, None where it was not heard there."""
        return self._bindings.get(vehicle_id, {}).get(link)

    def bindings(self, vehicle_id: str) -> Sequence[Binding]:
        """Return all ways to an aircraft, none until its autopilot was heard."""
        return tuple(self._bindings.get(vehicle_id, {}).values())

    def heard(self, link: str, address: Address, message: Message) -> Heard:
        """Judge a message by where it came from; bind an expected aircraft on its heartbeat."""
        system = message.get_srcSystem()
        vehicle_id = self._expected.get((link, system))
        if vehicle_id is None:
            return Heard("stranger", self._systems.get(system))
        ways = self._bindings.get(vehicle_id)
        if ways:
            binding = ways.get(link)
            known = binding is not None and binding.address == address
            return Heard("known" if known else "claims", vehicle_id)
        if (
            message.get_type() != "HEARTBEAT"
            or message.autopilot == dialect.MAV_AUTOPILOT_INVALID
            or message.get_srcComponent() != dialect.MAV_COMP_ID_AUTOPILOT1
        ):
            return Heard("stranger")
        self._bindings[vehicle_id] = {
            link: Binding(vehicle_id, link, system, message.get_srcComponent(), address)
        }
        return Heard("bound", vehicle_id)

    def proved(self, vehicle_id: str, origin: Origin) -> Binding:
        """Bind an aircraft to another way, or to a new address on one: it was proved to be there.

        Raises:
            KeyError: it has no way yet.
            ValueError: the link is none of its.
        """
        ways = self._bindings[vehicle_id]
        old = next(iter(ways.values()))
        link, address = origin
        if self._expected.get((link, old.system)) != vehicle_id:
            raise ValueError(f"{vehicle_id} has no link {link}")
        ways[link] = Binding(vehicle_id, link, old.system, old.component, address)
        return ways[link]

    def disproved(self, vehicle_id: str, link: str) -> None:
        """Give up a way: another device speaks there; the last way stays."""
        ways = self._bindings[vehicle_id]
        if len(ways) > 1:
            ways.pop(link, None)
