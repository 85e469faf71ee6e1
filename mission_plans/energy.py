"""How much of the battery a flight uses.

Endurance is measured in level flight. Climbing costs more and descending a little less; the factors
are those of a multirotor near hover by momentum theory (climb power is hover power plus weight
times climb rate over an overall efficiency of about 0.6), rounded to the safe side.
"""

__all__ = ["CLIMB_FACTOR", "DESCENT_FACTOR", "energy_fraction"]

CLIMB_FACTOR = 1.3
DESCENT_FACTOR = 1.0


def energy_fraction(level_s: float, climb_s: float, descent_s: float, endurance_s: float) -> float:
    """Return the used share of the endurance; above 1 the flight can't be made."""
    return (level_s + CLIMB_FACTOR * climb_s + DESCENT_FACTOR * descent_s) / endurance_s
