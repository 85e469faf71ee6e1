"""The only way out: to an aircraft's bindings and to nobody else."""

import time
from collections.abc import Mapping, Sequence

import structlog

from fleet.aircraft import Aircraft
from fleet.asking import asks_only, requests
from fleet.links import Link
from fleet.mavlink import Message
from fleet.roster import Binding, Origin, Roster
from fleet.signing import Signatures

__all__ = ["Sending"]

log = structlog.get_logger(__name__)


class Sending:
    """What goes to aircraft."""

    def __init__(
        self,
        links: Mapping[str, Link],
        roster: Roster,
        aircraft: Mapping[str, Aircraft],
        signatures: Signatures,
    ) -> None:
        self._signatures = signatures
        self._links = links
        self._roster = roster
        self._aircraft = aircraft

    def send(self, vehicle_id: str, message: Message) -> None:
        """Send over the way of orders; while the aircraft is in doubt only what asks."""
        aircraft = self._aircraft.get(vehicle_id)
        if aircraft is None:
            return
        if not asks_only(message) and aircraft.claims.doubt(time.monotonic()) is not None:
            return
        binding = self._roster.binding(vehicle_id, aircraft.ways.active.link)
        if binding is not None:
            self._out(binding, message)

    def forward(self, vehicle_id: str, message: Message) -> None:
        """Pass a frame of another program on over the way of orders, unchanged."""
        aircraft = self._aircraft.get(vehicle_id)
        if aircraft is None or aircraft.claims.doubt(time.monotonic()) is not None:
            return
        binding = self._roster.binding(vehicle_id, aircraft.ways.active.link)
        if binding is None:
            return
        frame = bytes(message.get_msgbuf())
        self._links[binding.link].send_frame(frame, binding.address)
        self._log(vehicle_id, frame, message.get_msgId())

    def beat(self, message: Message) -> None:
        """Send our heartbeat on every way: one that lives keeps the aircraft from coming home."""
        for vehicle_id in self._aircraft:
            for binding in self._roster.bindings(vehicle_id):
                self._out(binding, message)
        for link in self._links.values():
            if link.greets:
                link.send(message, None)

    def answer(self, vehicle_id: str, origin: Origin, message: Message) -> None:
        """Answer a question the way it came."""
        binding = self._roster.binding(vehicle_id, origin[0])
        if binding is not None and binding.origin == origin:
            self._out(binding, message)

    def ask(self, vehicle_id: str, origin: Origin, wanted: Sequence[int]) -> None:
        """Ask a device, which may or may not be the aircraft, for messages: it moves nothing."""
        some = next(iter(self._roster.bindings(vehicle_id)), None)
        if some is None:
            return
        link, address = origin
        binding = Binding(vehicle_id, link, some.system, some.component, address)
        for message in requests(binding, wanted):
            self._out(binding, message)

    def give_up(self, vehicle_id: str, link: str) -> None:
        """Drop what is on its way over a link that fell silent, unless others live on it."""
        binding = self._roster.binding(vehicle_id, link)
        now_s = time.monotonic()
        others = (a for name, a in self._aircraft.items() if name != vehicle_id)
        if binding is not None and all(a.ways.silent(link, now_s) for a in others):
            self._links[link].give_up(binding.address)

    def _out(self, binding: Binding, message: Message) -> None:
        link = self._links[binding.link]
        if self._signatures.signs(binding.vehicle_id):
            frame = self._signatures.pack(binding.vehicle_id, binding.link, message)
            link.send_frame(frame, binding.address)
        else:
            frame = link.send(message, binding.address)
        if link.sends:
            self._log(binding.vehicle_id, frame, message.get_msgId())

    def _log(self, vehicle_id: str, frame: bytes, message_id: int) -> None:
        aircraft = self._aircraft.get(vehicle_id)
        if aircraft is not None:
            aircraft.recorder.write(frame, message_id, time.time_ns() // 1000)
