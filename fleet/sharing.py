"""A node's aircraft shared with other programs: one endpoint each, and endpoints of whole sites."""

import time
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from field_api.contract.messages import SortieState
from fleet.aircraft import Aircraft
from fleet.arbiter import Situation, Why
from fleet.config import FleetConfig, VehicleConfig
from fleet.mavlink import Message
from fleet.reports import Reports
from fleet.router import Host, Router
from fleet.sending import Sending

__all__ = ["Sharing"]

UNDER_WAY = frozenset(
    {
        SortieState.UPLOADING,
        SortieState.UPLOADED,
        SortieState.STARTING,
        SortieState.FLYING,
        SortieState.PAUSED,
        SortieState.RETURNING,
    }
)
WHY = {
    Why.READ_ONLY: ("该端口只读", "its endpoint is read-only"),
    Why.UNDER_WAY: (
        "架次执行中,仅由本节点指挥",
        "a sortie is under way and this node alone commands",
    ),
    Why.BUSY: ("正在与飞机传输数据", "this node is exchanging data with it"),
    Why.DOUBT: ("飞机身份存疑", "it is not certain which device it is"),
    Why.ALL: ("指令未指明飞机", "an order must name one aircraft"),
}


class _SharedAircraft:
    """One aircraft as routers see it."""

    def __init__(self, vehicle_id: str, aircraft: Aircraft, sending: Sending) -> None:
        self._vehicle_id = vehicle_id
        self._aircraft = aircraft
        self._sending = sending
        self.system = aircraft.vehicle.system
        self.component = aircraft.vehicle.component

    def situation(self) -> Situation:
        """What it is doing."""
        sortie = self._aircraft.pilot.sortie
        return Situation(
            under_way=sortie is not None and sortie.state in UNDER_WAY,
            busy=self._aircraft.vehicle.busy,
            doubt=self._aircraft.claims.doubt(time.monotonic()) is not None,
        )

    def forward(self, message: Message) -> None:
        """Pass a client's frame on."""
        self._sending.forward(self._vehicle_id, message)


class Sharing:
    """All endpoints of a node."""

    def __init__(
        self,
        config: FleetConfig,
        sending: Sending,
        reports: Reports,
        unusable: Callable[[str, str], None],
    ) -> None:
        self._config = config
        self._sending = sending
        self._reports = reports
        self._unusable = unusable
        self._start: Callable[[Coroutine[Any, Any, None]], object] | None = None
        self._names: dict[int, str] = {}
        self._sites: list[tuple[frozenset[str], dict[int, Host], Router]] = []
        for site in config.routers:
            hosts: dict[int, Host] = {}
            router = Router(
                site.id,
                site.url,
                hosts,
                self._refused_at(config.node_id, {}),
                lambda why: self._unusable(config.node_id, why),
                commanding=site.commanding,
                autopilot_only=site.autopilot_only,
            )
            self._sites.append((frozenset(config.shared_by(site)), hosts, router))

    def run(self, start: Callable[[Coroutine[Any, Any, None]], object]) -> None:
        """Open the endpoints; `start` runs each as a task."""
        self._start = start
        for _, _, router in self._sites:
            start(router.run())

    def add(self, settings: VehicleConfig, aircraft: Aircraft) -> None:
        """Share an aircraft that was met."""
        vehicle_id = settings.vehicle_id
        shared = _SharedAircraft(vehicle_id, aircraft, self._sending)
        self._names[shared.system] = vehicle_id
        for names, hosts, router in self._sites:
            if vehicle_id in names:
                hosts[shared.system] = shared
                aircraft.routers.append(router)
        if not self._config.endpoints:
            return
        port = self._config.endpoint_base_port + shared.system
        router = Router(
            vehicle_id,
            f"tcpin:{self._config.endpoint_host}:{port}",
            {shared.system: shared},
            self._refused_at(vehicle_id, {shared.system: vehicle_id}),
            lambda why: self._unusable(vehicle_id, why),
            commanding=not settings.read_only,
            autopilot_only=settings.autopilot_only,
        )
        aircraft.routers.append(router)
        if self._start is not None:
            self._start(router.run())

    def _refused_at(
        self, who: str, names: Mapping[int, str]
    ) -> Callable[[int, Message, Why], None]:
        def told(system: int, message: Message, why: Why) -> None:
            vehicle_id = names.get(system) or self._names.get(system, who)
            zh, en = WHY[why]
            kind = message.get_type()
            self._reports.event(
                *(vehicle_id, "caution", "client_refused"),
                *(f"外部程序的 {kind} 被拒绝:{zh}", f"another program's {kind} was refused: {en}"),
                "P1",
            )

        return told
