"""Whether the device that speaks now is the aircraft that spoke before. Pure.

A system id is a number that anybody may use. An aircraft that fell silent may come back from
another port, by a restarted radio or after a restart of its autopilot; so may another aircraft with
the same number. What tells them apart is the hardware's uid, the clock since boot, the place and
whether the motors run. Where these leave a doubt, nothing is commanded.
"""

from collections import deque
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from fleet.mavlink import Message, dialect
from mission_plans.ground.geodesy import distance_m
from mission_plans.values.plan import GeoPoint

__all__ = ["ClockJumps", "Likeness", "Sighting", "after_restart", "alike", "goes_on", "sighted"]

BOOT_SLACK_MS = 3_000
PLACE_SLACK_M = 50.0
FASTEST_MS = 30.0
"""No aircraft of the fleet is faster; metres a second."""
RATE_S, CLEARLY_FAST, LONG_RATE_S = 1.0, 3.0, 20.0
"""How fast a clock runs is measured over so long where it is clear, over the longer time else."""
RATE_MOST = 200.0
MIXED_JUMPS, MIXED_S = 4, 10.0
"""So many jumps of the clock in so many seconds are two devices."""
TELLING = frozenset({"HEARTBEAT", "AUTOPILOT_VERSION"})
"""What tells something of an aircraft besides that which carries its clock."""
SAME_TIME_S = 0.2
"""A sighting is not made anew only because it was heard a moment later."""
PARKED_M = 30.0
"""An aircraft restarted on the ground is found this near to where it was."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """What a device has said of itself so far; None where it has not."""

    heard_s: float
    uid: str | None = None
    boot_ms: int | None = None
    boot_heard_s: float = 0.0
    """When `boot_ms` was heard."""
    place: GeoPoint | None = None
    place_heard_s: float = 0.0
    armed: bool | None = None
    rate: float = 1.0
    """How fast its clock runs: 1, but faster in a simulation faster than real time."""
    rate_from: tuple[float, int] | None = None
    """Since when that is measured."""

    def clock_ms(self, now_s: float) -> float | None:
        """Return what its clock since boot must show now."""
        if self.boot_ms is None:
            return None
        return self.boot_ms + (now_s - self.boot_heard_s) * 1000 * self.rate


class Likeness(Enum):
    """What two sightings say."""

    SAME = "same"
    OTHER = "other"
    DOUBT = "doubt"
    """Not enough is known yet."""


def sighted(before: Sighting, message: Message, now_s: float) -> Sighting:
    """Return the sighting with one message more."""
    # One copy in all: this is done for every message of every aircraft.
    news: dict[str, Any] = {"heard_s": now_s}
    kind = message.get_type()
    boot_ms = getattr(message, "time_boot_ms", None)
    if boot_ms is None and kind not in TELLING and now_s - before.heard_s < SAME_TIME_S:
        return before
    if boot_ms:
        news |= {"boot_ms": int(boot_ms), "boot_heard_s": now_s}
        news |= _rate(before, int(boot_ms), now_s)
    if kind == "HEARTBEAT":
        news["armed"] = bool(message.base_mode & dialect.MAV_MODE_FLAG_SAFETY_ARMED)
    elif kind == "AUTOPILOT_VERSION":
        uid2 = bytes(message.uid2)
        uid = uid2.hex() if any(uid2) else f"{message.uid:x}" if message.uid else None
        news["uid"] = uid or before.uid
    elif kind == "GLOBAL_POSITION_INT":
        lat_deg, lon_deg = message.lat / 1e7, message.lon / 1e7
        if (lat_deg or lon_deg) and abs(lat_deg) <= 90 and abs(lon_deg) <= 180:
            place = GeoPoint(lat_deg=lat_deg, lon_deg=lon_deg)
            news |= {"place": place, "place_heard_s": now_s}
    return replace(before, **news)


def alike(known: Sighting, new: Sighting) -> Likeness:
    """Return whether `new`, from elsewhere, is the aircraft known as `known`."""
    if known.uid and new.uid and known.uid != new.uid:
        return Likeness.OTHER
    on = _clock_goes_on(known, new)
    if on is None or new.armed is None:
        return Likeness.DOUBT
    near = _in_reach(known, new)
    if near is None:
        # Without a place only the hardware itself can vouch.
        vouched = on and known.uid and known.uid == new.uid
        return Likeness.SAME if vouched else Likeness.DOUBT
    if on:
        return Likeness.SAME if near else Likeness.OTHER
    # Its clock began anew: an autopilot that restarted. In the air none does and lives.
    if _restarted(known, new) and not known.armed and not new.armed and _parked(known, new):
        return Likeness.SAME
    return Likeness.OTHER


def goes_on(known: Sighting, new: Sighting) -> Likeness:
    """Return whether `new`, heard after a silence from where `known` was, is still the same.

    It is taken for the same unless something speaks against it: nobody else was there before.
    """
    if known.uid and new.uid and known.uid != new.uid:
        return Likeness.OTHER
    if known.boot_ms is None:
        return Likeness.SAME
    on = _clock_goes_on(known, new)
    if on is None or new.armed is None:
        return Likeness.DOUBT
    if on:
        return Likeness.OTHER if _in_reach(known, new) is False else Likeness.SAME
    if not _restarted(known, new) or known.armed or new.armed:
        return Likeness.OTHER
    if known.uid:
        # What told its hardware before tells it again. It may have been carried while it was off.
        return Likeness.SAME if new.uid else Likeness.DOUBT
    if known.place is not None and new.place is None:
        return Likeness.DOUBT
    return Likeness.SAME if known.place is None or _parked(known, new) else Likeness.OTHER


def after_restart(known: Sighting, new: Sighting, *, same_way: bool) -> Likeness:
    """Return whether `new`, the first heard after a restart of the node, is the one known before.

    Minutes may have passed in which it landed and was switched off: its hardware vouches for it.

    Args:
        known: what it said of itself before.
        new: what is heard now.
        same_way: whether it speaks from where `known` was.
    """
    if known.uid and new.uid:
        return Likeness.SAME if known.uid == new.uid else Likeness.OTHER
    found = goes_on(known, new) if same_way else alike(known, new)
    # Its hardware number is asked for and on its way.
    return Likeness.DOUBT if found is Likeness.OTHER and known.uid else found


def _clock_goes_on(known: Sighting, new: Sighting) -> bool | None:
    if new.boot_ms is None:
        return None
    return _fits(known, new.boot_ms, new.boot_heard_s)


def _fits(known: Sighting, boot_ms: int, heard_s: float) -> bool | None:
    expected_ms = known.clock_ms(heard_s)
    if expected_ms is None:
        return None
    return abs(expected_ms - boot_ms) <= BOOT_SLACK_MS * max(1.0, known.rate)


def _in_reach(known: Sighting, new: Sighting) -> bool | None:
    if known.place is None or new.place is None:
        return None
    passed_s = max(0.0, new.place_heard_s - known.place_heard_s) * max(1.0, known.rate)
    return distance_m(known.place, new.place) <= PLACE_SLACK_M + FASTEST_MS * passed_s


def _restarted(known: Sighting, new: Sighting) -> bool:
    assert new.boot_ms is not None
    passed_ms = (new.boot_heard_s - known.boot_heard_s) * 1000 * max(1.0, known.rate)
    return new.boot_ms <= passed_ms + BOOT_SLACK_MS


def _parked(known: Sighting, new: Sighting) -> bool:
    if known.place is None or new.place is None:
        return False
    return distance_m(known.place, new.place) <= PARKED_M


def _rate(before: Sighting, boot_ms: int, now_s: float) -> dict[str, Any]:
    """Measure how fast the clock runs; one that jumped begins anew."""
    start = before.rate_from
    if start is None or _fits(before, boot_ms, now_s) is False:
        return {"rate_from": (now_s, boot_ms)}
    passed_s = now_s - start[0]
    if passed_s < RATE_S:
        return {}
    rate = min(RATE_MOST, (boot_ms - start[1]) / 1000 / passed_s)
    # A real one is right to a millionth; one that seems otherwise was only heard late.
    if passed_s < LONG_RATE_S:
        return {"rate": rate} if rate >= CLEARLY_FAST else {}
    return {"rate": rate if rate > 1.2 else 1.0, "rate_from": (now_s, boot_ms)}


def _jumped(before: Sighting, after: Sighting) -> bool:
    """Whether the clock since boot did not go on as clocks do."""
    return _clock_goes_on(before, after) is False


class ClockJumps:
    """Two devices that speak as one: the clock jumps all the time, a restart's does so once."""

    def __init__(self) -> None:
        self._jumps: deque[float] = deque()

    def note(self, before: Sighting, after: Sighting, now_s: float) -> bool:
        """Take two sightings of one source, one after the other; return whether it jumped."""
        jumped = _jumped(before, after)
        if jumped:
            self._jumps.append(now_s)
        while self._jumps and now_s - self._jumps[0] > MIXED_S:
            self._jumps.popleft()
        return jumped

    @property
    def mixed(self) -> bool:
        """Whether two devices speak as one."""
        return len(self._jumps) >= MIXED_JUMPS
