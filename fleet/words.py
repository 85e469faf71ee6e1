"""What a node says of its links and of who is who, in both languages."""

from field_api.contract.messages import LinkState

__all__ = ["DOUBT_EN", "DOUBT_ZH", "LINK_EVENTS", "MIXED_EN", "MIXED_ZH"]

DOUBT_ZH = "失联后另一台设备以同一系统号出现;核实前不发送任何指令"
DOUBT_EN = (
    "it is silent and another device speaks with its system id: nothing is ordered until it is "
    "known which is which"
)
MIXED_ZH = "同一链路上有两台设备使用同一系统号;核实前不发送任何指令"
MIXED_EN = (
    "two devices speak with its system id over one link: nothing is ordered until one of them is "
    "silent"
)
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
