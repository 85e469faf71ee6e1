"""What a parameter may be set to, and what stands on some of them.

ArduPilot takes any number for any name it knows and says nothing: what does not fit its type is cut
off. So everything is checked here, before anything is sent.
"""

from collections.abc import Mapping, Sequence

from field_api.contract.messages import ParameterMark, ParameterWish
from fleet.mavlink import dialect
from fleet.protocol.parameter_value import ParameterValue
from mission_plans.formats.parameter_file import as_float32

__all__ = ["faults", "marked"]

RANGES = {
    dialect.MAV_PARAM_TYPE_UINT8: (0, 2**8 - 1),
    dialect.MAV_PARAM_TYPE_INT8: (-(2**7), 2**7 - 1),
    dialect.MAV_PARAM_TYPE_UINT16: (0, 2**16 - 1),
    dialect.MAV_PARAM_TYPE_INT16: (-(2**15), 2**15 - 1),
    dialect.MAV_PARAM_TYPE_UINT32: (0, 2**32 - 1),
    dialect.MAV_PARAM_TYPE_INT32: (-(2**31), 2**31 - 1),
}


def marked(name: str, marks: Sequence[ParameterMark]) -> ParameterMark | None:
    """Return what stands on a parameter, None for one on which nothing of ours does."""
    return next((mark for mark in marks if name.startswith(mark.begins)), None)


def faults(
    wishes: list[ParameterWish], held: Mapping[str, ParameterValue]
) -> list[tuple[str, str]]:
    """Return why some values can't be set, in Chinese and English; empty when all can be.

    Args:
        wishes: what shall be set.
        held: what the aircraft has now, by name; a name without one is unknown to it.
    """
    found: list[tuple[str, str]] = []
    names = [wish.name for wish in wishes]
    for name in sorted({name for name in names if names.count(name) > 1}):
        found.append((f"{name} 出现了两次", f"{name} stands there twice"))
    for wish in wishes:
        now = held.get(wish.name)
        if now is None:
            zh, en = "飞机没有这个参数(没有回复)", "the aircraft has none (no answer)"
            found.append((f"{wish.name}:{zh}", f"{wish.name}: {en}"))
            continue
        fault = _fault(wish, now)
        if fault is not None:
            found.append((f"{wish.name}:{fault[0]}", f"{wish.name}: {fault[1]}"))
    return found


def _fault(wish: ParameterWish, now: ParameterValue) -> tuple[str, str] | None:
    value = wish.value
    try:
        sent = as_float32(value)
        seen = None if wish.was is None else as_float32(wish.was)
    except ValueError:
        return f"{value:g} 不是可用的数值", f"{value:g} is no number it can hold"
    if seen is not None and seen != now.value:
        return (
            f"飞机现在的值是 {now.value:g},不是 {seen:g};请重新读取",
            f"the aircraft has {now.value:g} now, not {seen:g}: read it again",
        )
    limits = RANGES.get(now.kind)
    if limits is None:
        return None
    if value != int(value):
        return f"只能是整数,不能是 {value:g}", f"it is a whole number and can't be {value:g}"
    low, high = limits
    if not low <= value <= high:
        return f"允许 {low} 至 {high}", f"allowed are {low} to {high}"
    if sent != value:
        return (
            f"{int(value)} 无法准确传送,最接近的是 {sent:.0f}",
            f"{int(value)} can't be sent exactly; the nearest is {sent:.0f}",
        )
    return None
