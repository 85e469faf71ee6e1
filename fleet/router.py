"""Other programs on an aircraft's or a site's endpoint: ground stations, scripts.

dronekit, MAVProxy, MAVSDK or QGroundControl connect and see the aircraft of that endpoint and each
other by the routing rules (`fleet/routing.py`); what they may ask and order says the arbiter
(`fleet/arbiter.py`). Frames are passed on as they are, never packed again.
"""

import time
from collections.abc import Callable, Mapping
from typing import Protocol

import structlog

from fleet.arbiter import Judgement, Situation, Why, judge, refusal
from fleet.links import Link, LinkWatch, open_link
from fleet.mavlink import SETUP_SIGNING, Codec, Message
from fleet.roster import Address
from fleet.routing import Routes, target_of

__all__ = ["Host", "Refused", "Router"]

log = structlog.get_logger(__name__)

CLIENTS_MOST = 8
SLOW_CLIENT_S = 10.0
"""One that takes nothing for so long is dropped."""
SILENT_PEER_S = 60.0
"""A datagram peer that says nothing for so long is gone."""


class Host(Protocol):
    """One aircraft as routers see it."""

    @property
    def system(self) -> int:
        """Its system id."""
        ...

    @property
    def component(self) -> int:
        """Its autopilot."""
        ...

    def situation(self) -> Situation:
        """What it is doing."""
        ...

    def forward(self, message: Message) -> None:
        """Pass a client's frame on to it."""
        ...


Refused = Callable[[int, Message, Why], None]
"""Told once a client what was refused: the aircraft's system id, the message and why."""


class Router:
    """One endpoint."""

    def __init__(
        self,
        name: str,
        url: str,
        hosts: Mapping[int, Host],
        refused: Refused,
        unusable: Callable[[str], None],
        *,
        commanding: bool = False,
        autopilot_only: bool = False,
    ) -> None:
        """Prepare an endpoint.

        Args:
            name: for the log.
            url: `tcpin`, `udpin` or `udpout`.
            hosts: its aircraft by system id; more may come.
            refused: told of what clients were not allowed, once each.
            unusable: told why it can't be opened, once until it can.
            commanding: clients may order.
            autopilot_only: clients hear nothing of an aircraft's other components.
        """
        self.name = name
        self._hosts = hosts
        self._refused = refused
        self._commanding = commanding
        self._autopilot_only = autopilot_only
        self._routes = Routes()
        self._told: set[tuple[Address, int, Why]] = set()
        self._heard: dict[Address, float] = {}
        self._codecs: dict[int, Codec] = {}
        """What an aircraft would say, for the refusals in its name."""
        watch = LinkWatch(lambda _name, why: unusable(why), self._joined, self._gone)
        self._link: Link = open_link(name, url, self._receive, watch)
        self._link.patience_s = SLOW_CLIENT_S

    async def run(self) -> None:
        """Serve until cancelled; a port that somebody else has is tried again and again.

        The aircraft fly without their endpoints, so a taken port ends nothing.
        """
        await self._link.run_for_ever()

    def from_vehicle(self, frame: bytes, message: Message) -> None:
        """Pass a frame of an aircraft to whom it is for."""
        if not self._routes.clients or message.get_msgId() == SETUP_SIGNING:
            return
        host = self._hosts.get(message.get_srcSystem())
        if self._autopilot_only and host and message.get_srcComponent() != host.component:
            return
        for client in self._routes.for_clients(message):
            self._link.send_frame(frame, client)

    # --- clients ----------------------------------------------------------------------------

    def _joined(self, _name: str, client: Address) -> None:
        if len(self._routes.clients) >= CLIENTS_MOST:
            log.warning("one client too many", router=self.name)
            self._link.give_up(client)
            return
        self._routes.join(client)

    def _gone(self, _name: str, client: Address) -> None:
        self._routes.leave(client)
        self._heard.pop(client, None)
        self._told = {told for told in self._told if told[0] != client}

    def _is_client(self, client: Address, now_s: float) -> bool:
        if client not in self._routes.clients:
            for other, heard_s in list(self._heard.items()):
                if now_s - heard_s > SILENT_PEER_S:
                    self._gone(self.name, other)
            if len(self._routes.clients) >= CLIENTS_MOST:
                return False
        self._heard[client] = now_s
        return True

    def _receive(self, _name: str, client: Address, message: Message) -> None:
        now_s = time.monotonic()
        if not self._is_client(client, now_s):
            return
        if message.get_srcSystem() in self._hosts:
            return  # Our aircraft's own words, come round in a loop, or somebody who plays it.
        if self._routes.looped(client, message, now_s):
            return
        self._routes.learn(client, message)
        system, _ = target_of(message)
        if system in self._hosts:
            self._to(self._hosts[system], client, message)
            return
        if message.get_msgId() == SETUP_SIGNING:
            return
        frame = bytes(message.get_msgbuf())
        for other in self._routes.for_clients(message, client):
            if other != client:
                self._link.send_frame(frame, other)
        if not system:
            for host in list(self._hosts.values()):
                self._to(host, client, message)

    def _to(self, host: Host, client: Address, message: Message) -> None:
        judgement = judge(message, host.situation(), commanding=self._commanding)
        if judgement.forward:
            host.forward(message)
            return
        if not target_of(message)[0] and not message.get_type().startswith("COMMAND_"):
            return  # Something for everybody, a clock say, that is not for aircraft.
        self._answer(host, client, message, judgement)
        why = judgement.why
        if why is None or why in (Why.NEVER, Why.STREAMS):
            return
        if (client, host.system, why) not in self._told:
            self._told.add((client, host.system, why))
            self._refused(host.system, message, why)

    def _answer(self, host: Host, client: Address, message: Message, judgement: Judgement) -> None:
        answer = refusal(message, judgement)
        if answer is not None:
            codec = self._codecs.setdefault(host.system, Codec(host.system, host.component))
            self._link.send_frame(codec.pack(answer), client)
