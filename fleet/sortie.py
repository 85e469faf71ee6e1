"""The life of a sortie as a table: what may follow what.

authorised -> uploading -> uploaded -> starting -> flying -> returning -> returned, with pauses, and
`failed` from wherever the flight never began or was lost.
"""

from dataclasses import dataclass, replace

from field_api.contract.messages import FlightPhase, LinkState, SortieState, VehicleState
from fleet.fencing import SortieFence
from mission_plans.values.plan import SortiePlan

__all__ = ["FOLLOWING", "NotAllowedError", "Sortie", "observe"]

FOLLOWING: dict[SortieState, frozenset[SortieState]] = {
    SortieState.AUTHORISED: frozenset({SortieState.UPLOADING, SortieState.FAILED}),
    SortieState.UPLOADING: frozenset({SortieState.UPLOADED, SortieState.FAILED}),
    SortieState.UPLOADED: frozenset(
        {SortieState.STARTING, SortieState.UPLOADING, SortieState.FAILED}
    ),
    # A start that was refused leaves the upload valid: the pilot may try again.
    # A stop during the start is obeyed at once, wherever the start had got to.
    SortieState.STARTING: frozenset(
        {
            SortieState.FLYING,
            SortieState.PAUSED,
            SortieState.RETURNING,
            SortieState.RETURNED,
            SortieState.UPLOADED,
            SortieState.FAILED,
        }
    ),
    SortieState.FLYING: frozenset(
        {
            SortieState.PAUSED,
            SortieState.RETURNING,
            SortieState.RETURNED,
            SortieState.FAILED,
            SortieState.REPLACED,
        }
    ),
    SortieState.PAUSED: frozenset(
        {
            SortieState.FLYING,
            SortieState.RETURNING,
            SortieState.RETURNED,
            SortieState.REPLACED,
            SortieState.FAILED,
        }
    ),
    SortieState.RETURNING: frozenset(
        {
            SortieState.FLYING,
            SortieState.PAUSED,
            SortieState.RETURNED,
            SortieState.FAILED,
            SortieState.REPLACED,
        }
    ),
    SortieState.RETURNED: frozenset(),
    SortieState.REPLACED: frozenset(),
    SortieState.FAILED: frozenset({SortieState.UPLOADING}),
}

RETURN_MODES = frozenset({"RTL", "SMART_RTL", "LAND"})
HOLD_MODES = frozenset({"BRAKE", "LOITER", "POSHOLD", "GUIDED"})


class NotAllowedError(ValueError):
    """A step that can't follow the present state."""


@dataclass(frozen=True, slots=True)
class Sortie:
    """One authorised flight of one vehicle, and where it stands."""

    plan: SortiePlan
    author: str
    state: SortieState = SortieState.AUTHORISED
    item_count: int = 0
    stopped_ms: int = 0
    """When its aircraft was last ordered to stop: what was ordered before is never begun after."""
    fence: SortieFence | None = None
    """What its aircraft was given; None before its upload."""
    return_m: float | None = None
    """Height above launch at which it comes home, confirmed on board; None before its upload."""
    waits_to_land: bool = False
    """This node holds it in the air until the aircraft before it has landed."""

    def stopped(self, issued_ms: int) -> "Sortie":
        """Return the sortie with a stop given at `issued_ms`."""
        return replace(self, stopped_ms=issued_ms)

    def fenced(self, fence: SortieFence, return_m: float) -> "Sortie":
        """Return the sortie with the fence that it is flown in and its height of return."""
        return replace(self, fence=fence, return_m=return_m)

    def without_mission(self) -> "Sortie":
        """Return the sortie as it is while another one replaces its mission and fence on board."""
        return replace(self, item_count=0, fence=None)

    def waiting_to_land(self, *, waits: bool) -> "Sortie":
        """Return the sortie held, or held no more, above where others land."""
        return replace(self, waits_to_land=waits)

    def to(self, state: SortieState) -> "Sortie":
        """Return the sortie one step further.

        Raises:
            NotAllowedError: the step does not follow from the present state.
        """
        if state not in FOLLOWING[self.state]:
            raise NotAllowedError(
                f"sortie {self.plan.id} is {self.state}; {state} can't follow, allowed: "
                f"{', '.join(sorted(FOLLOWING[self.state])) or 'nothing'}"
            )
        return replace(self, state=state)


def observe(sortie: Sortie, vehicle: VehicleState) -> SortieState | None:
    """Return the state that the vehicle itself has brought about, None when nothing changed.

    A sortie found `starting` belongs to a node that died meanwhile: in the air it goes on, on the
    ground with its motors off nothing of it is done any more.
    """
    if sortie.state is SortieState.STARTING:
        return _after_interrupted_start(vehicle)
    if sortie.state not in (SortieState.FLYING, SortieState.PAUSED, SortieState.RETURNING):
        return None
    grounded = vehicle.phase in (FlightPhase.GROUND, FlightPhase.UNKNOWN)
    if not vehicle.armed and vehicle.mode and grounded:
        return SortieState.RETURNED
    if vehicle.mode == "AUTO":
        # The last item of a mission is the return.
        last = vehicle.mission_count and vehicle.mission_seq == vehicle.mission_count - 1
        seen = SortieState.RETURNING if last else SortieState.FLYING
    elif vehicle.mode in RETURN_MODES:
        seen = SortieState.RETURNING
    elif vehicle.mode == "GUIDED" and sortie.waits_to_land:
        # Held by this node on its way home: nobody has paused it.
        seen = SortieState.RETURNING
    elif vehicle.mode in HOLD_MODES:
        seen = SortieState.PAUSED
    else:
        return None
    if sortie.state is SortieState.RETURNING and seen is SortieState.FLYING:
        # At touch-down ArduCopter sets its mission back to the start; only an order flies it again.
        return None
    return None if seen is sortie.state else seen


def _after_interrupted_start(vehicle: VehicleState) -> SortieState | None:
    if vehicle.link is not LinkState.LIVE or not vehicle.mode:
        return None
    if not vehicle.armed:
        return SortieState.FAILED
    if vehicle.phase not in (FlightPhase.AIR, FlightPhase.TAKEOFF):
        return None
    if vehicle.mode in RETURN_MODES:
        return SortieState.RETURNING
    return SortieState.FLYING if vehicle.mode == "AUTO" else SortieState.PAUSED
