"""When a plan may be authorised, and whether it is night. Pure."""

from mission_plans.ground.sun import sun_elevation_deg
from mission_plans.values.plan import SearchPlan, Severity

__all__ = ["ITEMS", "asked_items", "contradicting", "is_night", "lights_reason", "missing_items"]

ITEMS: dict[str, tuple[str, ...]] = {
    "airframe": (),
    "battery": ("endurance",),
    "airspace": (
        "airspace_controlled",
        "fence_include",
        "fence_exclude",
        "law_19_zone",
        "law_19_height",
        "law_26_application",
        "law_31_own_ground",
        "law_30_report",
        "law_22_integrated",
    ),
    "weather": (),
    "crew": ("law_32_micro_sight",),
    "area_clear": (),
    "lights": (),
}
"""The mandatory pre-flight items (Art. 32), each with the checks that speak of the same."""

DUSK_DEG = -0.833
"""The sun's elevation at sunrise and sunset, refraction and its radius included."""


def contradicting(plan: SearchPlan, item: str) -> list[str]:
    """Return the failed checks that forbid to tick an item: nobody vouches for what is refused."""
    return [
        check.id
        for check in plan.checks
        if check.id in ITEMS[item] and not check.passed and check.severity is Severity.BLOCK
    ]


def asked_items(plan: SearchPlan, *, lights: bool) -> list[str]:
    """Return the items that a person ticks: not what a check refused, lights only where needed."""
    return [
        item for item in ITEMS if not contradicting(plan, item) and (lights or item != "lights")
    ]


def missing_items(ticked: dict[str, bool], asked: list[str]) -> list[str]:
    """Return the asked items that are not ticked."""
    return [item for item in asked if not ticked.get(item, False)]


def is_night(t_ms: int, lat_deg: float, lon_deg: float) -> bool:
    """Whether the sun is down."""
    return sun_elevation_deg(t_ms, lat_deg, lon_deg) < DUSK_DEG


def lights_reason(plan: SearchPlan, now_ms: int) -> str | None:
    """Return why lights must be on during a flight that begins now, None where they need not."""
    launch = plan.request.aircraft[0].launch
    lands_ms = now_ms + round(plan.metrics.finished_s * 1000)
    if any(is_night(t_ms, launch.lat_deg, launch.lon_deg) for t_ms in (now_ms, lands_ms)):
        return "night"
    said = plan.facts.low_visibility
    return "not_stated" if said is None else ("low_visibility" if said else None)
