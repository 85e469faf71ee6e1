"""When the next aircraft is sent to a watched place, and when the one on it goes home. Pure.

The next one is sent early enough to arrive before the first must turn home, and the first leaves
once the next one is seen there: between the two nobody is away from the place (story O11).
"""

from dataclasses import dataclass
from enum import StrEnum

from mission_plans.values.plan import AircraftSpec

__all__ = [
    "GO_HOME_S",
    "LAYER_M",
    "First",
    "Relief",
    "Step",
    "lead_s",
    "next_step",
    "other_height_m",
]

LAYER_M = 25.0
"""Of height between who is on it and who comes: 20 m (O12), and what barometers differ."""
LOWEST_M = 20.0
PREPARE_S = 60.0
"""Upload, read-back, checks, arming and take-off."""
MARGIN_S = 45.0
UPWIND = 0.7
"""Share of its speed that is counted on: the wind may stand against it."""
GO_HOME_S = 15.0
"""Who has less than this until it must turn home is ordered home, relieved or not."""
TRIES = 8
"""How often it is sent to the place before it is given up: it may still be climbing."""


class Step(StrEnum):
    """What is to be done now."""

    WAIT = "wait"
    SEND = "send"
    """Order the next one's upload and take-off."""
    LEAD_ON = "lead_on"
    """Send the next one, in the air by now, to the place."""
    RELIEVE = "relieve"
    """The next one is there: the first goes home."""
    RELIEF_FAILED = "relief_failed"
    GO_HOME = "go_home"
    """It must go home, though nobody has come."""
    LEFT = "left"
    """It has left by itself, and the next one is still on its way."""
    OVER = "over"
    """Nobody is there, and nobody comes."""
    WARN = "warn"
    """Nobody is left to relieve the one on it."""


@dataclass(frozen=True, slots=True)
class First:
    """The aircraft on the place, as it is known."""

    known: bool
    """Its node tells of it now."""
    leaving: bool
    """It is on its way home, lands, or has fallen silent to its node."""
    spare_s: float | None
    """Until it must turn home; None where nobody knows."""
    there: bool = True
    """It hovers at the place. On its way there it counts as flying on away from home, and has more
    time once it has arrived."""


@dataclass(frozen=True, slots=True)
class Relief:
    """The aircraft on its way to relieve it."""

    failed: bool
    """Its upload, its take-off or its flight to the place was refused, or it comes home."""
    flying: bool
    """High enough to be sent to the place."""
    sent: bool
    """It was sent there, and that is not refused."""
    there: bool
    """It hovers at the place by that order."""


def lead_s(away_m: float, climb_m: float, spec: AircraftSpec) -> float:
    """Return how long before its time the next one is ordered to the place, in seconds.

    Args:
        away_m: from where it stands to the place.
        climb_m: how much higher it is to be there.
        spec: its speeds.
    """
    fly_s = away_m / ((spec.transit_ms or spec.cruise_ms) * UPWIND)
    return PREPARE_S + max(0.0, climb_m) / spec.climb_ms + fly_s + MARGIN_S


def other_height_m(height_agl_m: float, highest_agl_m: float) -> float | None:
    """Return the height of every second aircraft; None where there is no room for two.

    Args:
        height_agl_m: of the first above the ground.
        highest_agl_m: limit of the plans.
    """
    if height_agl_m > highest_agl_m:
        return None
    if height_agl_m + LAYER_M <= highest_agl_m:
        return height_agl_m + LAYER_M
    return height_agl_m - LAYER_M if height_agl_m - LAYER_M >= LOWEST_M else None


def next_step(
    first: First,
    relief: Relief | None,
    lead: float | None,
    *,
    unwatched: bool = False,
    tries: int = 0,
    warned: bool = False,
) -> Step:
    """Return what is to be done now for a watched place.

    Args:
        first: who is on it.
        relief: who is on its way; None while nobody is.
        lead: how long before its time the next one is sent, None where there is no next one.
        unwatched: the first has left already, and that was told.
        tries: how often the relief was sent to the place.
        warned: it was told that nobody is left.
    """
    if relief is not None and relief.there and not relief.failed:
        return Step.RELIEVE
    if relief is not None and (relief.failed or (tries >= TRIES and not relief.sent)):
        return Step.RELIEF_FAILED
    if relief is not None and relief.flying and not relief.sent:
        return Step.LEAD_ON
    if unwatched or (first.known and first.leaving):
        if relief is None:
            return Step.OVER
        return Step.WAIT if unwatched else Step.LEFT
    if not first.known or first.spare_s is None:
        return Step.WAIT
    if first.spare_s <= GO_HOME_S:
        return Step.GO_HOME
    if relief is None and lead is not None and first.spare_s <= (lead if first.there else lead / 2):
        return Step.SEND
    if relief is None and lead is None and not warned and first.spare_s <= PREPARE_S + MARGIN_S:
        return Step.WARN
    return Step.WAIT
