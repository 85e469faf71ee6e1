"""Time and battery of a flight: climb, descent, wind and the reserve.

Power follows the rotary-wing model of Zeng, Xu and Zhang, "Energy minimization for wireless
communication with rotary-wing UAV" (IEEE Trans. Wireless Commun. 18(4), 2019), reduced to what a
roster knows: near-constant induced power plus parasite power with the cube of the airspeed.
Climbing adds weight times climb rate over an overall efficiency of about 0.6, rounded up. Energy is
counted in seconds of level flight at search speed in calm air, which is what `endurance_s` states.
"""

import math
from dataclasses import dataclass, fields
from functools import cached_property

from mission_plans.values.plan import AircraftSpec, Wind

__all__ = ["CLIMB_FACTOR", "LANDING_S", "FlightModel", "Leg"]

CLIMB_FACTOR = 1.3
"""Power in a climb over that of level flight."""

LANDING_S = 20.0
"""Hovering over the pad and the slow last metres of a landing, besides the descent."""

PARASITE_SHARE = 0.6
"""Parasite power at the fastest airspeed, as a share of hovering power."""

CORNERING = 1.45
"""Corners are flown as if the aircraft could change its velocity by so many times its
acceleration: measured on the simulated vehicle (1.8) and on ArduCopter 4.0.7 (1.5) at 8 to 20 m/s,
`python -m tests.benchmarks flight_time`."""

SLOWEST_HEADWIND_MS = 1.0
"""Ground speed assumed where the wind would stop the aircraft: the plan turns out far too long."""


@dataclass(frozen=True, slots=True)
class Leg:
    """Cost of a piece of flight."""

    seconds: float
    energy_s: float
    """Seconds of level flight at search speed that use the same energy."""

    def __add__(self, other: "Leg") -> "Leg":
        return Leg(self.seconds + other.seconds, self.energy_s + other.energy_s)

    def times(self, part: float) -> "Leg":
        """Return the cost of a fraction of the piece."""
        return Leg(self.seconds * part, self.energy_s * part)


@dataclass(frozen=True)
class FlightModel:
    """What one aircraft needs for a leg in a steady wind. Equal models are equal aircraft."""

    cruise_ms: float
    transit_ms: float
    slowest_ms: float
    climb_ms: float
    descent_ms: float
    max_airspeed_ms: float
    acceleration_ms2: float = 2.5
    wind_east_ms: float = 0.0
    """Towards the east."""
    wind_north_ms: float = 0.0

    def __hash__(self) -> int:
        # Costs are looked up by the million.
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash(tuple(getattr(self, field.name) for field in fields(self)))

    @classmethod
    def of(cls, aircraft: AircraftSpec, wind: Wind | None) -> "FlightModel":
        """Return the model of an aircraft of the roster."""
        transit_ms = aircraft.transit_ms or aircraft.cruise_ms
        towards = math.radians(wind.from_deg + 180) if wind else 0.0
        speed_ms = wind.speed_ms if wind else 0.0
        return cls(
            cruise_ms=aircraft.cruise_ms,
            transit_ms=transit_ms,
            slowest_ms=min(aircraft.slowest_ms, aircraft.cruise_ms),
            climb_ms=aircraft.climb_ms,
            descent_ms=aircraft.descent_ms,
            max_airspeed_ms=aircraft.max_airspeed_ms or 1.5 * max(aircraft.cruise_ms, transit_ms),
            acceleration_ms2=aircraft.acceleration_ms2,
            wind_east_ms=speed_ms * math.sin(towards),
            wind_north_ms=speed_ms * math.cos(towards),
        )

    def corner_s(self, speed_ms: float, turn_deg: float) -> float:
        """Return the seconds that a change of course costs; 180 for a stop or a way back."""
        change_ms = speed_ms * (1 - math.cos(math.radians(turn_deg)))
        return change_ms / (CORNERING * self.acceleration_ms2)

    @cached_property
    def turn(self) -> "Leg":
        """Cost of turning from one lane into its neighbour: two corners."""
        return self.hold(2 * self.corner_s(self.cruise_ms, 90.0))

    @cached_property
    def windy(self) -> bool:
        """Whether direction matters."""
        return self.wind_east_ms != 0.0 or self.wind_north_ms != 0.0

    def _power(self, airspeed_ms: float) -> float:
        def drawn(speed_ms: float) -> float:
            return 1 + PARASITE_SHARE * (speed_ms / self.max_airspeed_ms) ** 3

        return max(1.0, drawn(airspeed_ms) / drawn(self.cruise_ms))

    def ground_speed_ms(self, dx: float, dy: float, wanted_ms: float) -> float:
        """Return the ground speed reached along a direction without exceeding the airspeed."""
        length = math.hypot(dx, dy)
        if not self.windy or length == 0:
            return min(wanted_ms, self.max_airspeed_ms)
        along = (self.wind_east_ms * dx + self.wind_north_ms * dy) / length
        across = (self.wind_east_ms * dy - self.wind_north_ms * dx) / length
        left = self.max_airspeed_ms**2 - across**2
        fastest = along + math.sqrt(left) if left > 0 else 0.0
        return max(SLOWEST_HEADWIND_MS, min(wanted_ms, fastest))

    def level(self, dx: float, dy: float, wanted_ms: float) -> Leg:
        """Return the cost of level flight over metres east and north."""
        length = math.hypot(dx, dy)
        if length == 0:
            return Leg(0.0, 0.0)
        speed_ms = self.ground_speed_ms(dx, dy, wanted_ms)
        seconds = length / speed_ms
        return Leg(seconds, seconds * self._air_power(dx / length, dy / length, speed_ms))

    def _air_power(self, east: float, north: float, speed_ms: float) -> float:
        return self._power(
            math.hypot(east * speed_ms - self.wind_east_ms, north * speed_ms - self.wind_north_ms)
        )

    def straight(self, dx: float, dy: float, dz: float, wanted_ms: float) -> Leg:
        """Return the cost of a straight leg that also climbs or descends `dz` metres.

        The slower of both motions sets the time, as autopilots fly it.
        """
        level = self.level(dx, dy, wanted_ms)
        if dz >= 0:
            climb_s = dz / self.climb_ms
            seconds = max(level.seconds, climb_s)
            extra_s = climb_s * (CLIMB_FACTOR - 1)
        else:
            seconds = max(level.seconds, -dz / self.descent_ms)
            extra_s = 0.0
        waiting_s = seconds - level.seconds
        return Leg(seconds, level.energy_s + waiting_s * self._hover_power() + extra_s)

    def _hover_power(self) -> float:
        return self._power(math.hypot(self.wind_east_ms, self.wind_north_ms))

    def hold(self, seconds: float) -> Leg:
        """Return the cost of staying over a place."""
        return Leg(seconds, seconds * self._hover_power())
