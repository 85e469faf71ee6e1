"""What a parameter may be set to, and what stands on some of them.

ArduPilot takes any number for any name it knows and says nothing: what does not fit its type is cut
off. So everything is checked here, before anything is sent.
"""

from collections.abc import Mapping

from field_api.contract.messages import ParameterMark, ParameterWish
from fleet.mavlink import dialect
from fleet.protocol.parameter_value import ParameterValue
from mission_plans.parameter_file import as_float32

__all__ = ["MARKS", "faults", "marked"]

RANGES = {
    dialect.MAV_PARAM_TYPE_UINT8: (0, 2**8 - 1),
    dialect.MAV_PARAM_TYPE_INT8: (-(2**7), 2**7 - 1),
    dialect.MAV_PARAM_TYPE_UINT16: (0, 2**16 - 1),
    dialect.MAV_PARAM_TYPE_INT16: (-(2**15), 2**15 - 1),
    dialect.MAV_PARAM_TYPE_UINT32: (0, 2**32 - 1),
    dialect.MAV_PARAM_TYPE_INT32: (-(2**31), 2**31 - 1),
}

_LOST_ZH = "失联保护:节点在每次飞行前设置并核对;改动后飞机失联时可能不返航"
_LOST_EN = (
    "the return on a lost link: the node sets and confirms it before every flight; changed, an "
    "aircraft that hears nobody may not come home"
)
_FENCE_ZH = "电子围栏:改动后机上围栏不再是已核对的那一个,上传下一架次前不算有围栏"
_FENCE_EN = (
    "the fence: after a change it is no longer the one that was confirmed, and counts as none "
    "until the next sortie is uploaded"
)

MARKS = (
    ParameterMark(begins="SYSID_MYGCS", text_zh=_LOST_ZH, text_en=_LOST_EN),
    ParameterMark(begins="FS_GCS_", text_zh=_LOST_ZH, text_en=_LOST_EN),
    ParameterMark(begins="FS_OPTIONS", text_zh=_LOST_ZH, text_en=_LOST_EN),
    ParameterMark(
        begins="RTL_ALT",
        text_zh="返航高度:按航线地形计算并在每次飞行前设置;改低后返航可能撞地",
        text_en="the return altitude: reckoned from the ground under the sortie and set before "
        "every flight; lower, the way home may lead into the ground",
    ),
    ParameterMark(begins="FENCE_", text_zh=_FENCE_ZH, text_en=_FENCE_EN),
    ParameterMark(
        begins="SYSID_THISMAV",
        text_zh="系统号:飞机重启后节点不再认得它",
        text_en="its system id: after it restarts the node no longer knows it",
    ),
    ParameterMark(
        begins="ARMING_CHECK",
        text_zh="解锁前自检:关闭的项目不再阻止起飞",
        text_en="the checks before arming: what is switched off no longer prevents a take-off",
    ),
)
"""What this program relies on, ArduCopter's names."""


def marked(name: str, marks: tuple[ParameterMark, ...] = MARKS) -> ParameterMark | None:
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
