"""What a node tells of its links, of strangers and of who is who."""

import time
from collections.abc import Callable

from field_api.contract.messages import LinkState
from fleet.aircraft import Aircraft
from fleet.claims import Doubt
from fleet.links import Link
from fleet.reports import Reports
from fleet.roster import Origin
from fleet.strangers import Stranger
from fleet.ways import Switch, Way
from fleet.words import DOUBTS, LINK_EVENTS

__all__ = ["Alarms"]

AGAIN_S = 30.0
"""An alarm that goes on is told again after so long."""
FLOOD_AGAIN_S = 300.0
CLOCK_STEP_S = 5.0
"""A wall clock that is set by less troubles nobody."""


class Alarms:
    """Tells people, not too often."""

    def __init__(self, reports: Reports, node_id: str) -> None:
        self._reports = reports
        self._node_id = node_id[:40]
        self._told: dict[tuple[str, str], float] = {}
        self._wall_s = time.time() - time.monotonic()

    def link_changed(self, vehicle_id: str, state: LinkState) -> None:
        """The aircraft became live, stale or lost on all of its ways."""
        self._reports.event(vehicle_id, *LINK_EVENTS[state], "O8")

    def duplicate(self, vehicle_id: str, origin: Origin) -> None:
        """Somebody speaks with an aircraft's system id and is ignored."""
        zh = f"另一台设备使用了同一系统号({origin[1]}),已忽略"
        en = f"another device uses its system id ({origin[1]}) and is ignored"
        self._seldom(vehicle_id, "warning", "duplicate_system_id", zh, en, "O7", AGAIN_S)

    def doubt(self, vehicle_id: str, aircraft: Aircraft, doubt: Doubt | None) -> None:
        """Tell of a doubt about who is who, again while it lasts, and of its end."""
        if doubt is Doubt.CHECKING:
            return
        if doubt is not None:
            if doubt is not aircraft.doubt_told:
                self._told.pop((vehicle_id, "identity_in_doubt"), None)
            aircraft.doubt_told = doubt
            code, words = "identity_in_doubt", DOUBTS[doubt]
            self._seldom(vehicle_id, "warning", code, *words, "O7", AGAIN_S)
        elif aircraft.doubt_told is not None:
            aircraft.doubt_told = None
            self._told.pop((vehicle_id, "identity_in_doubt"), None)
            zh, en = "飞机身份已确认", "it is known again which device is this aircraft"
            self._reports.event(vehicle_id, "info", "identity_certain", zh, en, "O7")

    def unsigned(self, vehicle_id: str, origin: Origin) -> None:
        """Frames in a vehicle's name are not signed as they must be."""
        where = f"{origin[0]} {origin[1] or ''}".strip()
        zh = f"{where} 上有冒用其系统号、未正确签名的数据,已丢弃"
        en = f"frames with its system id and without its signature come over {where}: dropped"
        self._seldom(vehicle_id, "warning", "not_signed", zh, en, "O7", AGAIN_S)

    def way_added(self, vehicle_id: str, way: Way) -> None:
        """The aircraft is heard over a link more."""
        zh, en = f"已从链路 {way.link} 收到同一架飞机", f"it is heard over link {way.link} too"
        self._reports.event(vehicle_id, "info", "way_added", zh, en, "O8")

    def switched(self, vehicle_id: str, switch: Switch) -> None:
        """Orders go another way."""
        old, new = switch.old.link, switch.new.link
        if switch.fail_over:
            words = (
                f"链路 {old} 中断,改用 {new}",
                f"link {old} is silent: orders go over {new} now",
            )
        else:
            words = (f"链路恢复,改回 {new}", f"link {new} is back: orders go over it again")
        severity = "caution" if switch.fail_over else "info"
        self._reports.event(vehicle_id, severity, "way_changed", *words, "O8")

    def stranger(self, stranger: Stranger) -> None:
        """Somebody is heard who is not of the roster."""
        where = f"{stranger.origin[0]} {stranger.peer}".strip()
        if stranger.vehicle_id is None:
            zh = (
                f"链路 {where} 上有未登记的飞机(系统号 {stranger.system}),已隔离,不向其发送任何内容"
            )
            en = (
                f"an aircraft that is not of the roster (system id {stranger.system}) is heard on "
                f"{where}: in quarantine, nothing is sent to it"
            )
        else:
            zh = f"{stranger.vehicle_id} 的系统号出现在未登记的链路 {where} 上,已隔离"
            en = (
                f"the system id of {stranger.vehicle_id} is heard on {where}, which is none of its "
                "links: in quarantine, nothing is sent to it"
            )
        who = stranger.vehicle_id or self._node_id
        self._reports.event(who, "caution", "stranger", zh, en, "O7")

    def link_unusable(self, link: str, why: str) -> None:
        """A link can't be opened, or broke."""
        zh, en = (
            f"链路 {link} 不可用,持续重试:{why}",
            f"link {link} can't be used; tried again: {why}",
        )
        self._seldom(self._node_id, "caution", f"link_unusable {link}", zh, en, "O8", AGAIN_S)

    def endpoint_unusable(self, who: str, why: str) -> None:
        """Other programs can't reach an aircraft, or a site."""
        zh = f"MAVLink 转发端口不可用,持续重试:{why}"
        en = f"its MAVLink endpoint can't be opened and is tried again: {why}"
        self._reports.event(who[:40], "caution", "endpoint_unusable", zh, en, "P1")

    def look(self, links: dict[str, Link], now_s: float, wall_s: Callable[[], float]) -> None:
        """Tell of links flooded with garbage and of a wall clock that was set."""
        for name, link in links.items():
            if link.statistics.flooded(now_s):
                zh = f"链路 {name} 上收到大量无效数据;飞行不受影响,请检查接线、波特率或干扰"
                en = (
                    f"link {name} is flooded with bytes that are no MAVLink: nothing else is "
                    "affected; look at its cable, its speed, or who sends there"
                )
                code = f"garbage {name}"
                self._seldom(self._node_id, "warning", code, zh, en, "O8", FLOOD_AGAIN_S)
        wall_s_now = wall_s() - now_s
        step_s = wall_s_now - self._wall_s
        if abs(step_s) >= CLOCK_STEP_S:
            self._wall_s = wall_s_now
            zh = f"本机时钟被调整 {step_s:+.0f} 秒;本节点继续按原时间计时"
            en = f"this machine's clock was set by {step_s:+.0f} s: the node counts on as before"
            self._reports.event(self._node_id, "caution", "clock_set", zh, en, "O8")

    def _seldom(
        self, who: str, severity: str, code: str, zh: str, en: str, source: str, again_s: float
    ) -> None:
        now_s = time.monotonic()
        if now_s - self._told.get((who, code), -again_s) < again_s:
            return
        self._told[who, code] = now_s
        self._reports.event(who, severity, code.partition(" ")[0], zh, en, source)
