"""Another sortie for an aircraft that flies: held first, checked like an upload, read back, begun.

Until mission and fence are on board as ordered the old sortie stays the aircraft's, held. Whatever
fails, it hovers and says so; from the first item written on it has no confirmed mission, so that
nobody can go on with half of one. Losing the node meanwhile brings it home.
"""

from field_api.contract.messages import RetaskSortie, SortieState
from fleet.controls import Controls, GuardedError, require_nothing_found
from fleet.fence_on_board import put_fence
from fleet.fencing import FenceError, sortie_fence
from fleet.guards import Finding, blocking_checks
from fleet.guided_checks import Stop, guided_findings, not_ours
from fleet.return_layer import Layer, on_layer
from fleet.sortie import Sortie
from fleet.vehicle import RefusedError
from mission_plans.allocation.return_layers import return_altitude_m
from mission_plans.formats.mission_items import Command, MissionItem, mission_items
from mission_plans.ground.terrain import NoTerrainError
from mission_plans.values.plan import GeoPoint, WaypointKind

__all__ = ["retask"]

FIRST_AFTER_TAKEOFF = 2
"""Item 0 is home, item 1 the take-off."""


async def retask(controls: Controls, body: RetaskSortie, author: str) -> str:
    """Give a flying aircraft another sortie and let it fly that; return what was confirmed.

    Raises:
        RefusedError: a guard or the aircraft refused; unless nothing was sent, it hovers.
    """
    vehicle, book = controls.vehicle, controls.book
    _refuse_what_is_not_ours(controls, body)
    await vehicle.set_mode("BRAKE")
    book.step(SortieState.PAUSED, author, "改派:先悬停 / another sortie: it holds first")
    fresh, layer = _checked(controls, body, author)
    items = mission_items(body.sortie)
    old = book.sortie
    if old is None or fresh.fence is None:
        raise RefusedError("no_sortie", "没有在飞的架次 / it flies no sortie")
    book.change(old.without_mission())
    try:
        # While both are half on board it comes home at the higher of the two.
        highest_m = max(layer.altitude_m, old.return_m or 0.0)
        for name, value in vehicle.autopilot.failsafe_parameters(highest_m).items():
            await vehicle.set_parameter(name, value)
        await vehicle.upload_mission(items)
        await put_fence(vehicle, fresh.fence)
        for name, value in vehicle.autopilot.failsafe_parameters(layer.altitude_m).items():
            await vehicle.set_parameter(name, value)
        book.replace(fresh)
        await vehicle.choose_item(FIRST_AFTER_TAKEOFF, _first_waypoint(items))
        await vehicle.set_mode("AUTO")
        await vehicle.wait_for(
            lambda t: t.mission_seq is not None and t.mission_seq >= FIRST_AFTER_TAKEOFF,
            5.0,
            "new mission",
        )
    except RefusedError as error:
        zh = f"改派未完成,飞机悬停:{error.text}"
        en = f"the new sortie was not begun, the aircraft hovers: {error.text}"
        controls.tell("warning", "retask_failed", zh, en, "O8")
        raise
    book.step(SortieState.FLYING, author)
    return (
        f"{len(items)} 项与围栏回读一致,返航高 {layer.altitude_m:.0f} 米(起飞点以上){layer.zh} / "
        f"{len(items)} items and the fence read back, return altitude {layer.altitude_m:.0f} m "
        f"above launch{layer.en}"
    )


def _refuse_what_is_not_ours(controls: Controls, body: RetaskSortie) -> None:
    """Refuse before it is held.

    Raises:
        GuardedError: it does not fly for us, or the plan may not be flown.
    """
    state = controls.state()
    found = not_ours(state, controls.book.sortie) + blocking_checks(body.checks)
    if body.sortie.vehicle_id != state.vehicle_id:
        zh = f"架次属于 {body.sortie.vehicle_id}"
        en = f"the sortie is for {body.sortie.vehicle_id}"
        found.append(Finding("wrong_vehicle", zh, en, "O7"))
    require_nothing_found(found)


def _checked(controls: Controls, body: RetaskSortie, author: str) -> tuple[Sortie, Layer]:
    """Return the new sortie with its fence, from where the aircraft is now.

    Raises:
        GuardedError: it can't fly that from here, and the old mission may be gone on with.
    """
    state, plan = controls.state(), body.sortie
    try:
        least_m = return_altitude_m(plan, controls.terrain)
        layer = on_layer(body, least_m)
        fence = sortie_fence(body, controls.terrain, layer.altitude_m, state)
        controls.vehicle.autopilot.failsafe_parameters(layer.altitude_m)
    except (NoTerrainError, ValueError) as error:
        code = "fence" if isinstance(error, FenceError) else "return_altitude"
        raise GuardedError([Finding(code, str(error), str(error), "O9")]) from error
    fresh = Sortie(
        plan,
        author,
        SortieState.PAUSED,
        len(mission_items(plan)),
        controls.book.stopped_ms,
        fence,
        layer.altitude_m,
    )
    stops = [
        Stop(GeoPoint(lat_deg=w.lat_deg, lon_deg=w.lon_deg), w.altitude_amsl_m)
        for w in plan.waypoints
        if w.kind not in (WaypointKind.TAKEOFF, WaypointKind.RETURN)
    ]
    require_nothing_found(guided_findings(state, fresh, controls.terrain, stops))
    return fresh, layer


def _first_waypoint(items: list[MissionItem]) -> int:
    return next(
        item.seq
        for item in items
        if item.seq >= FIRST_AFTER_TAKEOFF and item.command == Command.NAV_WAYPOINT
    )
