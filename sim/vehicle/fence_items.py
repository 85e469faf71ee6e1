"""Whether the items of an uploaded fence make one, judged as AC_PolyFence_loader does."""

from collections.abc import Sequence

from pymavlink.dialects.v20 import ardupilotmega as mavlink

from sim.vehicle.mission import MissionItem

__all__ = ["CIRCLES", "INCLUSIONS", "fence_problem", "fence_total"]

CIRCLES = frozenset(
    {mavlink.MAV_CMD_NAV_FENCE_CIRCLE_INCLUSION, mavlink.MAV_CMD_NAV_FENCE_CIRCLE_EXCLUSION}
)
INCLUSIONS = frozenset(
    {
        mavlink.MAV_CMD_NAV_FENCE_CIRCLE_INCLUSION,
        mavlink.MAV_CMD_NAV_FENCE_POLYGON_VERTEX_INCLUSION,
    }
)
_STORED_AS = {
    mavlink.MAV_CMD_NAV_FENCE_POLYGON_VERTEX_INCLUSION: 98,
    mavlink.MAV_CMD_NAV_FENCE_POLYGON_VERTEX_EXCLUSION: 97,
    mavlink.MAV_CMD_NAV_FENCE_RETURN_POINT: 95,
    mavlink.MAV_CMD_NAV_FENCE_CIRCLE_EXCLUSION: 93,
    mavlink.MAV_CMD_NAV_FENCE_CIRCLE_INCLUSION: 92,
}
"""How ArduPilot names the types in its texts."""
_STORAGE_BYTES = 560
_WARNING, _INFO = 4, 6


def fence_problem(items: Sequence[MissionItem]) -> tuple[int, str] | None:
    """Why a fence is refused, as severity and text, or None where it is in order."""
    ring: MissionItem | None = None
    missing = 0
    returns = 0
    for item in items:
        problem = None
        if item.command in CIRCLES or item.command == mavlink.MAV_CMD_NAV_FENCE_RETURN_POINT:
            returns += item.command == mavlink.MAV_CMD_NAV_FENCE_RETURN_POINT
            if ring is not None and missing:
                problem = f"Received incorrect type ({_wanted(ring, item)})"
            elif item.command in CIRCLES and not item.param1 > 0:
                problem = "Non-positive circle radius"
            elif returns > 1:
                problem = "Multiple return points"
        else:
            count = int(item.param1)
            if count < 3:
                problem = f"Invalid vertex count ({count & 0xFF})"
            elif ring is None or not missing:
                ring, missing = item, count
            elif item.command != ring.command:
                problem = f"Received incorrect vertex type ({_wanted(ring, item)})"
            elif count != int(ring.param1):
                problem = f"Unexpected vertex count want={int(ring.param1)} got={count}"
            missing -= 1
        if problem is None and (abs(item.x) > 900_000_000 or abs(item.y) > 1_800_000_000):
            problem = "Bad lat or lon"
        if problem is not None:
            return _WARNING, problem
    if missing:
        return _INFO, "Incorrect item count"
    if _bytes(items) > _STORAGE_BYTES:
        return _WARNING, "Fence exceeds storage size"
    return None


def _wanted(ring: MissionItem, item: MissionItem) -> str:
    return f"want={_STORED_AS[ring.command]} got={_STORED_AS[item.command]}"


def _bytes(items: Sequence[MissionItem]) -> int:
    total = 4
    rings_of = 0
    for item in items:
        if item.command in CIRCLES:
            total += 13
        elif item.command == mavlink.MAV_CMD_NAV_FENCE_RETURN_POINT:
            total += 9
        else:
            if not rings_of:
                total, rings_of = total + 2, int(item.param1)
            total, rings_of = total + 8, rings_of - 1
    return total


def fence_total(items: Sequence[MissionItem]) -> int:
    """FENCE_TOTAL of a stored fence: vertices and circles, and two more, or 0 below three."""
    points = sum(item.command != mavlink.MAV_CMD_NAV_FENCE_RETURN_POINT for item in items)
    return points + 2 if points >= 3 else 0
