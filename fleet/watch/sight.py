"""What the rules look at: one aircraft's snapshot, its sortie, and who else is in the air.

A snapshot is what an aircraft said, so nothing in it is trusted to be in range.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from field_api.contract.messages import FlightPhase, LinkState, SortieState, VehicleState
from fleet.sortie import Sortie
from fleet.traffic import Contact
from mission_plans.values.plan import GeoPoint

__all__ = ["Sight", "airborne", "amsl_m", "heard", "place", "velocity_ms"]

FLYING = (SortieState.FLYING, SortieState.PAUSED, SortieState.RETURNING)
AIR_M = 2.0
"""Above the launch point an armed aircraft whose phase is unknown counts as in the air."""
FASTEST_MS = 200.0
HIGHEST_M = 50_000.0


@dataclass(frozen=True, slots=True)
class Sight:
    """One look at one aircraft."""

    state: VehicleState
    sortie: Sortie | None
    now_s: float
    """Monotonic."""
    now_ms: int
    """UTC by the command post's clock, as in the snapshots."""
    others: Sequence[VehicleState] = ()
    """The node's other aircraft."""
    traffic: Sequence[Contact] = ()
    """Strangers heard by any of the node's aircraft."""

    @property
    def flying(self) -> Sortie | None:
        """The sortie while it is in the air, else None."""
        return self.sortie if self.sortie is not None and self.sortie.state in FLYING else None


def airborne(state: VehicleState) -> bool:
    """Whether an aircraft is in the air as far as one knows."""
    if not state.armed or state.phase is FlightPhase.GROUND:
        return False
    return state.phase is not FlightPhase.UNKNOWN or (state.altitude_relative_m or 0.0) > AIR_M


def heard(state: VehicleState) -> bool:
    """Whether its snapshot says how it is now."""
    return state.link is LinkState.LIVE


def place(state: VehicleState) -> GeoPoint | None:
    """Return where it is, None where that is unknown or nowhere on Earth."""
    lat, lon = state.lat_deg, state.lon_deg
    if lat is None or lon is None or not (abs(lat) <= 90 and abs(lon) <= 180):
        return None
    return GeoPoint(lat_deg=lat, lon_deg=lon)


def amsl_m(state: VehicleState) -> float | None:
    """Return its height above mean sea level, None where that is unknown or absurd."""
    height = state.altitude_amsl_m
    return height if height is not None and abs(height) <= HIGHEST_M else None


def velocity_ms(state: VehicleState) -> tuple[float, float, float] | None:
    """Return its velocity north, east and up, None where that is unknown or absurd."""
    north, east, down = state.velocity_north_ms, state.velocity_east_ms, state.velocity_down_ms
    if north is None or east is None or down is None:
        return None
    if not all(abs(part) <= FASTEST_MS for part in (north, east, down)):
        return None
    return north, east, -down
