"""Start: one take-off in its window, of what was uploaded and nothing else."""

from field_api.contract.messages import SortieState, StartSortie
from fleet.controls import Controls, require_nothing_found
from fleet.departures import WindowError
from fleet.fence_on_board import confirm_fence
from fleet.fencing import standing_outside
from fleet.guards import before_start
from fleet.sortie import Sortie
from fleet.vehicle import RefusedError
from mission_plans.formats.mission_items import mission_items

__all__ = ["start"]

AIRBORNE_M = 1.5
TAKEOFF_S = 25.0


async def start(controls: Controls, body: StartSortie, author: str, expires_ms: int) -> str:
    """Wait for the window, look at everything once more, take off and see it climb.

    Returns:
        What is worth saying besides, empty for nothing.

    Raises:
        RefusedError: a guard or the aircraft refused, or the window has passed.
    """
    vehicle, book = controls.vehicle, controls.book
    sortie = _uploaded(book.sortie, body)
    not_after_ms = body.not_after_ms if body.not_after_ms is not None else expires_ms
    try:
        await controls.departures.take_turn(
            vehicle.vehicle_id, body.not_before_ms, not_after_ms, body.gap_s
        )
    except WindowError as error:
        raise RefusedError("too_late", f"起飞时限已过 / {error}") from error
    # Last of all that takes time: another program may have put its own mission on board.
    await vehicle.confirm_mission(mission_items(sortie.plan))
    await confirm_fence(vehicle, sortie.fence)
    findings = before_start(controls.state(), sortie.plan, sortie.item_count)
    require_nothing_found(findings + standing_outside(sortie.fence, controls.state()))
    if controls.departures.late_by_ms(not_after_ms):
        raise RefusedError("too_late", "起飞时限已过 / the take-off's window has passed")
    book.step(SortieState.STARTING, author)
    camera = await _point_camera(controls, sortie.plan.camera_pitch_deg)
    try:
        await vehicle.set_mode("GUIDED")
        await vehicle.arm()
        await vehicle.set_mode("AUTO")
        await vehicle.start_mission()
        await vehicle.wait_for(
            lambda t: (t.altitude_relative_m or 0.0) > AIRBORNE_M, TAKEOFF_S, "take-off"
        )
    except RefusedError as error:
        # Not armed: nothing happened and the pilot may try again. Armed: someone must look.
        kept = SortieState.FAILED if vehicle.telemetry.armed else SortieState.UPLOADED
        book.step(kept, author, error.text)
        raise
    book.step(SortieState.FLYING, author, camera)
    return camera


def _uploaded(sortie: Sortie | None, body: StartSortie) -> Sortie:
    if sortie is None or sortie.plan.id != body.sortie_id:
        held = sortie.plan.id if sortie else "none"
        raise RefusedError("unknown_sortie", f"{body.sortie_id} is not on board (held: {held})")
    if sortie.state is not SortieState.UPLOADED:
        raise RefusedError("not_uploaded", f"sortie is {sortie.state}; a start needs it uploaded")
    return sortie


async def _point_camera(controls: Controls, pitch_deg: float) -> str:
    # A camera that looks elsewhere spoils the search but not the flight: it is said, not fatal.
    try:
        await controls.camera.look(pitch_deg)
    except RefusedError as error:
        return f"相机未就位 / camera not pointed: {error.text}"
    return ""
