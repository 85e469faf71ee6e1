"""What must hold before an aircraft is armed or given a mission: pure rules over snapshots.

Every rule has an id, a text in two languages and the requirement it comes from. A rule that fails
stops the flight; there is no override here: whoever may override a plan's check does so at the
command post, before the order is sent.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from field_api.contract.messages import FlightPhase, LinkState, RemoteIdState, VehicleState
from mission_plans.ground.geodesy import distance_m
from mission_plans.values.plan import Check, GeoPoint, Severity, SortiePlan

__all__ = [
    "MAX_HDOP",
    "Finding",
    "battery_needed",
    "before_start",
    "before_upload",
    "blocking_checks",
]

MIN_BATTERY = 0.40
LANDING_RESERVE = 0.20
"""What must be left at landing, as a share of the battery."""
MAX_HDOP = 2.5
LAUNCH_RADIUS_M = 150.0
"""How far from the planned launch point an aircraft may stand."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that does not hold."""

    id: str
    text_zh: str
    text_en: str
    source: str


def before_upload(
    state: VehicleState, sortie: SortiePlan, checks: Sequence[Check]
) -> list[Finding]:
    """Return why this sortie must not be uploaded to this vehicle; empty when it may."""
    found = blocking_checks(checks)
    if sortie.vehicle_id != state.vehicle_id:
        found.append(
            Finding(
                "wrong_vehicle",
                f"架次属于 {sortie.vehicle_id},不是 {state.vehicle_id}",
                f"the sortie is for {sortie.vehicle_id}, not for {state.vehicle_id}",
                "O7",
            )
        )
    if state.link is not LinkState.LIVE:
        found.append(Finding("link", "没有遥测", "no live telemetry", "O8"))
    if state.armed:
        found.append(
            Finding("armed", "已解锁,不能更换任务", "armed: the mission can't be replaced", "O6")
        )
    return found


def blocking_checks(checks: Sequence[Check]) -> list[Finding]:
    """Return the checks of a plan that forbid to fly it."""
    return [
        Finding(f"plan_{check.id}", check.text_zh, check.text_en, check.source)
        for check in checks
        if check.severity is Severity.BLOCK and not check.passed
    ]


def before_start(state: VehicleState, sortie: SortiePlan, item_count: int) -> list[Finding]:
    """Return why this vehicle must not take off for this sortie; empty when it may."""
    found: list[Finding] = []

    def require(holds: bool, rule: str, zh: str, en: str, source: str) -> None:
        if not holds:
            found.append(Finding(rule, zh, en, source))

    battery = state.battery.remaining_fraction
    require(state.link is LinkState.LIVE, "link", "没有遥测", "no live telemetry", "O8")
    require(not state.armed, "armed", "已经解锁", "already armed", "O6")
    require(
        state.phase in (FlightPhase.GROUND, FlightPhase.UNKNOWN),
        "airborne",
        "不在地面",
        "not on the ground",
        "O6",
    )
    require(
        state.gps.fix_type >= 3,
        "gps_fix",
        "卫星定位未达三维",
        f"GPS fix type {state.gps.fix_type}, needs 3-D",
        "O6",
    )
    hdop = state.gps.hdop
    require(
        hdop is None or hdop <= MAX_HDOP,
        "gps_hdop",
        f"水平精度因子过大(上限 {MAX_HDOP})",
        f"HDOP above {MAX_HDOP}",
        "O6",
    )
    require(state.position_ok, "position", "位置估计未就绪", "position estimate not ready", "O6")
    require(state.failsafe is None, "failsafe", "失效保护生效中", "a failsafe is active", "O8")
    remote_id = state.remote_id
    require(
        remote_id is None or not remote_id.required or remote_id.state == "broadcasting",
        "remote_id",
        f"远程识别未就绪:{_wanting(remote_id, 0)}",
        f"Remote ID is not ready: {_wanting(remote_id, -1)}",
        "O13",
    )
    need = battery_needed(sortie)
    require(
        battery is None or battery >= need,
        "battery",
        f"电量 {battery or 0:.0%},本架次需 {need:.0%}(航程 {sortie.energy_fraction:.0%}"
        f" + 落地余量 {LANDING_RESERVE:.0%},至少 {MIN_BATTERY:.0%})",
        f"battery at {battery or 0:.0%}, this sortie needs {need:.0%} "
        f"({sortie.energy_fraction:.0%} to fly, {LANDING_RESERVE:.0%} left at landing, "
        f"at least {MIN_BATTERY:.0%})",
        "O3",
    )
    require(
        state.mission_count == item_count,
        "mission",
        "机上任务未经回读确认",
        "the mission on board was not confirmed by read-back",
        "O7",
    )
    if state.lat_deg is None or state.lon_deg is None:
        found.append(Finding("no_position", "没有位置", "no position", "O6"))
    else:
        away = distance_m(GeoPoint(lat_deg=state.lat_deg, lon_deg=state.lon_deg), sortie.launch)
        require(
            away <= LAUNCH_RADIUS_M,
            "launch_point",
            f"距计划起飞点 {away:.0f} 米(上限 {LAUNCH_RADIUS_M:.0f} 米)",
            f"{away:.0f} m from the planned launch point (limit {LAUNCH_RADIUS_M:.0f} m)",
            "O2",
        )
    return found


def _wanting(remote_id: RemoteIdState | None, part: int) -> str:
    return remote_id.text.split(" / ")[part] if remote_id else ""


def battery_needed(sortie: SortiePlan) -> float:
    """Return the share of a full battery that a sortie must begin with."""
    return min(1.0, max(MIN_BATTERY, sortie.energy_fraction + LANDING_RESERVE))
