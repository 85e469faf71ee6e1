"""What comes in from links: who speaks, whether it is believed, and who is told of it."""

import time
from collections.abc import Callable, Mapping
from typing import Protocol

from fleet.aircraft import Aircraft
from fleet.asking import IDENTITY, PLACE
from fleet.claims import Claim
from fleet.links import Link
from fleet.mavlink import Message
from fleet.protocol.statustext import StatusText
from fleet.protocol.timesync import timesync_answer
from fleet.roster import Address, Origin, Roster
from fleet.sending import Sending
from fleet.signing import Signatures
from fleet.strangers import Stranger, Strangers
from fleet.ways import Way

__all__ = ["Listener", "Receiving"]

SPARE_ASK_S = 3.0
"""How often a way that is held ready is asked for place and clock: it must still be the same."""


class Listener(Protocol):
    """What becomes of what was heard; the node is one."""

    def meet(self, vehicle_id: str, origin: Origin) -> Aircraft:
        """Make the aircraft that is heard for the first time."""
        ...

    def news(self, vehicle_id: str, aircraft: Aircraft, message: Message) -> None:
        """Take a message that is believed."""
        ...

    def texts(self, vehicle_id: str, aircraft: Aircraft, texts: list[StatusText]) -> None:
        """Take what the aircraft says."""
        ...

    def duplicate(self, vehicle_id: str, origin: Origin) -> None:
        """Somebody else speaks with an aircraft's system id and is ignored."""
        ...

    def unsigned(self, vehicle_id: str, origin: Origin) -> None:
        """Somebody speaks as a vehicle that signs, without its signature."""
        ...

    def stranger(self, stranger: Stranger) -> None:
        """Somebody is heard who is not of the roster."""
        ...

    def way_added(self, vehicle_id: str, way: Way) -> None:
        """The aircraft is heard over one way more."""
        ...


class Receiving:
    """Messages from links on their way to aircraft."""

    def __init__(
        self,
        links: Mapping[str, Link],
        roster: Roster,
        aircraft: dict[str, Aircraft],
        sending: Sending,
        signatures: Signatures,
        listener: Listener,
        now_ms: Callable[[], int],
    ) -> None:
        self.strangers = Strangers()
        self._links = links
        self._roster = roster
        self._aircraft = aircraft
        self._sending = sending
        self._signatures = signatures
        self._listener = listener
        self._now_ms = now_ms

    def receive(self, link: str, address: Address, message: Message) -> None:
        """Take a whole frame from a link."""
        origin, now_s = (link, address), time.monotonic()
        if not self._signatures.right(link, message):
            size = len(message.get_msgbuf())
            self._links[link].statistics.garbage_met(1, size, now_s)
            self._listener.unsigned(self._signatures.vehicle(link, message), origin)
            return
        heard = self._roster.heard(link, address, message)
        vehicle_id = heard.vehicle_id
        if heard.kind == "stranger" or vehicle_id is None:
            new = self.strangers.heard(origin, message, vehicle_id, self._now_ms())
            if new is not None:
                self._listener.stranger(new)
            return
        if heard.kind == "bound":
            self._aircraft[vehicle_id] = self._listener.meet(vehicle_id, origin)
        aircraft = self._aircraft[vehicle_id]
        own = message.get_srcComponent() == aircraft.vehicle.component
        if heard.kind == "claims":
            if not own or not self._proved(vehicle_id, aircraft, origin, message, now_s):
                return
        elif own and aircraft.claims.heard(origin, message, now_s):
            self._sending.ask(vehicle_id, origin, IDENTITY)
        active = aircraft.ways.active.link == link
        if not aircraft.claims.trusted(origin):
            if active and own and message.get_type() == "HEARTBEAT":
                # It is there, and its streams are asked for; nothing it says is believed yet.
                aircraft.vehicle.presence.heartbeat(now_s)
                aircraft.ways.heard(link, message, now_s, autopilot=True)
            return
        way = aircraft.ways.heard(link, message, now_s, autopilot=own)
        if aircraft.several and self._said_before(
            vehicle_id, aircraft, way, origin, message, now_s
        ):
            return
        self._take(vehicle_id, aircraft, origin, message, now_s)

    def _proved(
        self, vehicle_id: str, aircraft: Aircraft, origin: Origin, message: Message, now_s: float
    ) -> bool:
        """Judge who speaks with an aircraft's system id from elsewhere; whether it is it."""
        link = origin[0]
        binding = self._roster.binding(vehicle_id, link)
        way_lost = binding is None or aircraft.ways.silent(link, now_s)
        claim, ask = aircraft.claims.claimed(origin, message, now_s, way_lost=way_lost)
        if ask:
            self._sending.ask(vehicle_id, origin, IDENTITY)
        if claim is Claim.DUPLICATE:
            self._listener.duplicate(vehicle_id, origin)
        if claim is not Claim.PROVED:
            return False
        self._roster.proved(vehicle_id, origin)
        if binding is None:
            self._listener.way_added(vehicle_id, aircraft.ways.of(link))
        return True

    def _said_before(
        self,
        vehicle_id: str,
        aircraft: Aircraft,
        way: Way,
        origin: Origin,
        message: Message,
        now_s: float,
    ) -> bool:
        """Whether a message is one that came over another way, or is older than what is known."""
        own = message.get_srcComponent() == aircraft.vehicle.component
        active = way is aircraft.ways.active
        if own and not active:
            if getattr(message, "time_boot_ms", 0) and aircraft.claims.contradicts(origin, now_s):
                self._roster.disproved(vehicle_id, way.link)
                aircraft.ways.drop(way.link)
                return True
            if now_s - way.asked_s >= SPARE_ASK_S:
                way.asked_s = now_s
                self._sending.ask(vehicle_id, origin, PLACE)
        if aircraft.duplicates.frame_again(bytes(message.get_msgbuf()), now_s):
            return True
        if not own:
            return not active
        return aircraft.duplicates.old(way.link, message, now_s, active=active)

    def _take(
        self, vehicle_id: str, aircraft: Aircraft, origin: Origin, message: Message, now_s: float
    ) -> None:
        frame = bytes(message.get_msgbuf())
        aircraft.recorder.write(frame, message.get_msgId(), time.time_ns() // 1000)
        for router in aircraft.routers:
            router.from_vehicle(frame, message)
        answer = timesync_answer(message, time.time_ns())
        if answer is not None:
            self._sending.answer(vehicle_id, origin, answer)
        texts = aircraft.vehicle.receive(message, now_s, self._now_ms())
        self._listener.texts(vehicle_id, aircraft, texts)
        self._listener.news(vehicle_id, aircraft, message)
