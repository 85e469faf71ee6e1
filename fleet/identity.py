"""Whether the device that speaks now is the aircraft that spoke before. Pure.

A system id is a number that anybody may use. An aircraft that fell silent may come back from
another port, by a restarted radio or after a restart of its autopilot; so may another aircraft with
the same number. What tells them apart is the hardware's uid, the clock since boot, the place and
whether the motors run. Where these leave a doubt, nothing is commanded.
"""

from collections import deque
from dataclasses import dataclass, replace
from enum import Enum

from fleet.mavlink import Message, dialect
from fleet.roster import Address
from mission_plans.geodesy import distance_m
from mission_plans.plan import GeoPoint

__all__ = ["Claims", "Likeness", "Sighting", "alike", "sighted"]

BOOT_SLACK_MS = 3_000
PLACE_SLACK_M = 50.0
FASTEST_MS = 30.0
"""No aircraft of the fleet is faster; metres a second."""
CLAIMANTS_MOST = 8
MIXED_JUMPS, MIXED_S = 4, 10.0
"""So many jumps of the clock in so many seconds are two devices."""
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


class Likeness(Enum):
    """What two sightings say."""

    SAME = "same"
    OTHER = "other"
    DOUBT = "doubt"
    """Not enough is known yet."""


def sighted(before: Sighting, message: Message, now_s: float) -> Sighting:
    """Return the sighting with one message more."""
    seen = replace(before, heard_s=now_s)
    kind = message.get_type()
    boot_ms = getattr(message, "time_boot_ms", None)
    if boot_ms:
        seen = replace(seen, boot_ms=int(boot_ms), boot_heard_s=now_s)
    if kind == "HEARTBEAT":
        armed = bool(message.base_mode & dialect.MAV_MODE_FLAG_SAFETY_ARMED)
        return replace(seen, armed=armed)
    if kind == "AUTOPILOT_VERSION":
        uid2 = bytes(message.uid2)
        uid = uid2.hex() if any(uid2) else f"{message.uid:x}" if message.uid else None
        return replace(seen, uid=uid)
    if kind == "GLOBAL_POSITION_INT":
        lat_deg, lon_deg = message.lat / 1e7, message.lon / 1e7
        if (lat_deg or lon_deg) and abs(lat_deg) <= 90 and abs(lon_deg) <= 180:
            place = GeoPoint(lat_deg=lat_deg, lon_deg=lon_deg)
            return replace(seen, place=place, place_heard_s=now_s)
    return seen


def alike(known: Sighting, new: Sighting) -> Likeness:
    """Return whether `new` is the aircraft last seen as `known`."""
    if known.uid and new.uid and known.uid != new.uid:
        return Likeness.OTHER
    if None in (known.boot_ms, new.boot_ms, known.place, new.place, new.armed):
        return Likeness.DOUBT
    assert known.boot_ms is not None
    assert new.boot_ms is not None
    assert known.place is not None
    assert new.place is not None
    passed_s = new.boot_heard_s - known.boot_heard_s
    on = abs(known.boot_ms + passed_s * 1000 - new.boot_ms) <= BOOT_SLACK_MS
    away_m = distance_m(known.place, new.place)
    if on:
        reach_m = PLACE_SLACK_M + FASTEST_MS * max(0.0, new.place_heard_s - known.place_heard_s)
        return Likeness.SAME if away_m <= reach_m else Likeness.OTHER
    # Its clock began anew: an autopilot that restarted. In the air none does and lives.
    restarted = new.boot_ms <= passed_s * 1000 + BOOT_SLACK_MS
    if restarted and not known.armed and not new.armed and away_m <= PARKED_M:
        return Likeness.SAME
    return Likeness.OTHER


class Claims:
    """Everybody who speaks with one aircraft's system id."""

    def __init__(self, now_s: float) -> None:
        self._known = Sighting(now_s)
        self._claimants: dict[Address, Sighting] = {}
        self._other: Address = None
        """Who else may be the aircraft."""
        self._jumps: deque[float] = deque()
        """When its clock since boot jumped: a restart does so once, two devices do all the time."""

    @property
    def mixed(self) -> bool:
        """Whether two devices speak as one over the same connection."""
        return len(self._jumps) >= MIXED_JUMPS

    @property
    def doubtful(self) -> bool:
        """Whether it is not certain who it is: nothing is commanded meanwhile."""
        return self._other is not None or self.mixed

    def heard(self, message: Message, now_s: float) -> bool:
        """Take a message of the aircraft itself; return whether a doubt is over with it."""
        before, self._known = self._known, sighted(self._known, message, now_s)
        was_mixed = self.mixed
        if _jumped(before, self._known):
            self._jumps.append(now_s)
        while self._jumps and now_s - self._jumps[0] > MIXED_S:
            self._jumps.popleft()
        if self.mixed:
            return False
        settled = message.get_type() == "HEARTBEAT" and self._settle()
        return settled or was_mixed

    def claimed(self, address: Address, message: Message, now_s: float) -> tuple[Likeness, bool]:
        """Take a message of another device while the aircraft is silent.

        Returns:
            Whether it is the aircraft, and whether it should be asked who it is.
        """
        known = self._claimants.get(address)
        if known is None and len(self._claimants) >= CLAIMANTS_MOST:
            return Likeness.DOUBT, False
        seen = sighted(known or Sighting(now_s), message, now_s)
        self._claimants[address] = seen
        likeness = alike(self._known, seen)
        if likeness is Likeness.SAME:
            self._known = seen
        elif likeness is Likeness.OTHER:
            self._other = address
        asked = known is None or message.get_type() == "HEARTBEAT"
        return likeness, likeness is Likeness.DOUBT and asked

    def moved(self) -> bool:
        """Forget the others: the aircraft is one of them; return whether a doubt is over."""
        return self._settle()

    def _settle(self) -> bool:
        doubted = self._other is not None
        self._other = None
        self._claimants.clear()
        return doubted


def _jumped(before: Sighting, after: Sighting) -> bool:
    """Whether the clock since boot did not go on as clocks do."""
    if before.boot_ms is None or after.boot_ms is None:
        return False
    passed_ms = (after.boot_heard_s - before.boot_heard_s) * 1000
    return abs(before.boot_ms + passed_ms - after.boot_ms) > BOOT_SLACK_MS
