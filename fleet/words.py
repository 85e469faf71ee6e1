"""What a node says of its links and of who is who, in both languages."""

from field_api.contract.messages import LinkState
from fleet.claims import Doubt

__all__ = ["CONFIRMED", "DOUBTS", "LINK_EVENTS", "doubt_text"]

DOUBTS = {
    Doubt.CHECKING: (
        "失联后刚恢复,正在核实是否为同一架飞机",
        "it has just come back after a silence and is being looked at: is it the same aircraft",
    ),
    Doubt.CLAIMED: (
        "失联后另一台设备以同一系统号出现;核实前不发送任何指令",
        "it is silent and another device speaks with its system id: nothing is ordered until it is "
        "known which is which",
    ),
    Doubt.SWAPPED: (
        "同一链路上换成了另一架飞机(硬件号、时钟或位置不连续);人工确认或原机恢复前不发送任何指令",
        "another aircraft speaks from where it was (hardware, clock or place do not go on): "
        "nothing is ordered until somebody confirms it or the first one is back",
    ),
    Doubt.TWIN: (
        "另一条链路上有另一台设备使用同一系统号;核实前两台都不发送指令",
        "another device speaks with its system id over another of its links: neither is ordered "
        "anything until that one is silent or somebody confirms which is which",
    ),
    Doubt.MIXED: (
        "同一链路上有两台设备使用同一系统号;核实前不发送任何指令",
        "two devices speak with its system id over one link: nothing is ordered until one of them "
        "is silent",
    ),
}
CONFIRMED = {
    Doubt.CHECKING: ("已确认为本机", "confirmed: it is this aircraft"),
    Doubt.SWAPPED: (
        "已确认:链路上现在的设备就是本机",
        "confirmed: the device that speaks there now is this aircraft",
    ),
    Doubt.TWIN: (
        "已确认:指令所用链路上的设备是本机,另一台不予理会",
        "confirmed: the device over the way of orders is this aircraft, the other one is ignored",
    ),
}
LINK_EVENTS = {
    LinkState.LIVE: ("info", "link_live", "遥测正常", "telemetry is back"),
    LinkState.STALE: ("caution", "link_stale", "遥测中断 3 秒", "no telemetry for 3 s"),
    LinkState.LOST: (
        "warning",
        "link_lost",
        "遥测丢失;飞机将按失联保护返航",
        "telemetry lost; the aircraft will return by its own failsafe",
    ),
}


def doubt_text(doubt: Doubt) -> str:
    """Return why nothing is ordered, in both languages."""
    return " / ".join(DOUBTS[doubt])
