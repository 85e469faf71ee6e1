"""Holding an aircraft on its way home until it is its turn to land, and letting it come down.

In GUIDED at its height of return: losing this node brings it home all the same, because then the
autopilot's own failsafe acts.
"""

from fleet.controls import Controls
from fleet.protocol.guided_target import GuidedTarget
from fleet.vehicle import RefusedError

__all__ = ["come_down", "wait_to_land"]

LOWEST_M = 15.0


async def wait_to_land(controls: Controls, for_id: str) -> None:
    """Stop it where it is, at its height of return.

    Raises:
        RefusedError: it did not stop and comes down; that has been told.
    """
    sortie, vehicle, book = controls.book.sortie, controls.vehicle, controls.book
    state = controls.state()
    if sortie is None or state.lat_deg is None or state.lon_deg is None:
        raise RefusedError("no_position", "位置未知 / its place is not known")
    book.change(sortie.waiting_to_land(waits=True))
    height_m = max(LOWEST_M, sortie.return_m or 0.0, state.altitude_relative_m or 0.0)
    try:
        await vehicle.set_mode("GUIDED")
        vehicle.guide(GuidedTarget(state.lat_deg, state.lon_deg, height_m))
    except RefusedError as error:
        book.waits_no_more()
        zh = f"未能等候降落,与 {for_id} 同时下降:{error.text}"
        en = f"it did not wait to land and comes down together with {for_id}: {error.text}"
        controls.tell("warning", "landing_together", zh, en, "O12")
        raise
    zh = f"等候降落:{for_id} 落地后再下降,现于起飞点以上 {height_m:.0f} 米悬停"
    en = f"it waits to land until {for_id} is down, {height_m:.0f} m above its launch point"
    controls.tell("info", "landing_waits", zh, en, "O12")


async def come_down(controls: Controls) -> None:
    """Let it go on home.

    Raises:
        RefusedError: it did not; it hovers still.
    """
    await controls.vehicle.set_mode("RTL")
    controls.book.waits_no_more()
    zh, en = "轮到其降落", "it is its turn to land"
    controls.tell("info", "landing_turn", zh, en, "O12")
