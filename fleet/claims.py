"""Everybody who speaks with one aircraft's system id, and what must be cleared up first. Pure.

An aircraft may be heard over several ways; what is said on each is looked at by itself. A new way,
a new address and a device that speaks after a silence must be proved to be the aircraft
(`fleet/identity.py`); until then nothing is believed and nothing commanded there.
"""

from dataclasses import dataclass, replace
from enum import Enum

from fleet.identity import ClockJumps, Likeness, Sighting, after_restart, alike, goes_on, sighted
from fleet.last_known import Known
from fleet.mavlink import Message
from fleet.protocol.presence import LOST_S
from fleet.roster import Origin

__all__ = ["Claim", "Claims", "Doubt"]

CLAIMANTS_MOST = 8
FRESH_S = 5.0
"""What two ways say is compared while it is newer than this."""
PROOFS = 3
"""So many heartbeats in a row must fit before a second way is believed while the first is live."""
CONTRADICTIONS = 2
"""And so many must not before it counts as another device: at a restart or while arming the two
ways tell different things for a moment."""
TWIN_S = 10.0
"""A second device that was not heard for so long is no more."""


class Doubt(Enum):
    """Why it is not certain who the aircraft is."""

    CHECKING = "checking"
    """It speaks again after a silence and has not said enough yet."""
    CLAIMED = "claimed"
    """It is silent and another device speaks with its system id."""
    SWAPPED = "swapped"
    """Another device speaks from where it was."""
    TWIN = "twin"
    """Another device speaks with its system id over another of its links."""
    MIXED = "mixed"
    """Two devices speak as one over the same connection."""


class Claim(Enum):
    """What became of a message from where the aircraft is not known to be."""

    PROVED = "proved"
    """It is the aircraft: a way more, or a new address."""
    DUPLICATE = "duplicate"
    """Somebody else, while the aircraft itself is heard on that link."""
    OPEN = "open"


@dataclass(slots=True)
class _Claimant:
    seen: Sighting
    proofs: int = 0
    contradictions: int = 0


class _Source:
    """The aircraft over one way."""

    def __init__(self, seen: Sighting) -> None:
        self.seen = seen
        self.before: Sighting | None = None
        """What it was before a silence, until it is clear that it is still the same."""
        self.restart_way: bool | None = None
        """Whether it speaks from the same place as `before`, where that is of before a restart."""
        self.jumps = ClockJumps()
        self.contradictions = 0
        self.swapped = False


class Claims:
    """Who speaks for one aircraft."""

    def __init__(self, origin: Origin, now_s: float, known: Known | None = None) -> None:
        """Begin with where it was first heard, and who it was before this node restarted."""
        source = _Source(Sighting(now_s))
        if known is not None:
            source.seen = Sighting(now_s, rate=known.seen.rate)
            source.before, source.restart_way = known.seen, known.origin == origin
        self._sources = {origin: source}
        self._claimants: dict[Origin, _Claimant] = {}
        self._others: dict[Origin, float] = {}
        """Who else may be the aircraft, and when it was heard."""
        self._active = origin
        self._rate = source.seen.rate
        """How fast its clock runs, measured over the way of orders."""
        self._ignored: dict[Origin, float] = {}
        """A person said that they are not the aircraft; when they were last heard."""

    # --- what is in doubt -------------------------------------------------------------------

    def doubt(self, now_s: float) -> Doubt | None:
        """Return why nothing may be commanded, None where all is certain."""
        sources = self._sources.values()
        if any(source.jumps.mixed for source in sources):
            return Doubt.MIXED
        if any(source.swapped for source in sources):
            return Doubt.SWAPPED
        twins = [o for o, heard_s in self._others.items() if now_s - heard_s < TWIN_S]
        if self._silent(now_s):
            if self._others:
                return Doubt.CLAIMED
        elif twins:
            return Doubt.TWIN
        if self._sources[self._active].before is not None:
            return Doubt.CHECKING
        return None

    def trusted(self, origin: Origin) -> bool:
        """Whether what comes from there is certainly the aircraft's."""
        source = self._sources.get(origin)
        return source is not None and source.before is None

    def _silent(self, now_s: float) -> bool:
        return all(now_s - s.seen.heard_s >= LOST_S for s in self._sources.values())

    # --- what is heard ----------------------------------------------------------------------

    def heard(self, origin: Origin, message: Message, now_s: float) -> bool:
        """Take a message of the aircraft's autopilot over one of its ways.

        Returns:
            Whether it should be asked who it is.
        """
        if self._is_ignored(origin, now_s):
            return False
        source = self._sources.get(origin)
        if source is None:
            # A way that was ignored and is heard again: it must show that it is the aircraft.
            source = self._sources[origin] = _Source(Sighting(now_s))
            source.before = self._known()
        seen, ask = self._clocked(source.seen), False
        if now_s - seen.heard_s >= LOST_S and source.before is None:
            source.before, seen, ask = seen, self._clocked(Sighting(now_s)), True
        after = sighted(seen, message, now_s)
        if source.before is None and after.uid != seen.uid and seen.uid is not None:
            source.before, source.swapped = seen, True
        if source.jumps.note(seen, after, now_s):
            ask = True
        source.seen = after
        if origin == self._active:
            self._rate = after.rate
        if source.before is not None:
            self._check(source)
            ask = ask or message.get_type() == "HEARTBEAT"
        elif message.get_type() == "HEARTBEAT" and origin == self._active:
            self._drop_silent(now_s)
        return ask and not source.swapped

    def _check(self, source: _Source) -> None:
        assert source.before is not None
        before = self._clocked(source.before)
        if source.restart_way is None:
            likeness = goes_on(before, source.seen)
        else:
            likeness = after_restart(before, source.seen, same_way=source.restart_way)
        if likeness is Likeness.SAME:
            source.seen = replace(source.seen, uid=source.seen.uid or source.before.uid)
            source.before, source.restart_way, source.swapped = None, None, False
        elif likeness is Likeness.OTHER:
            source.swapped = True

    def _drop_silent(self, now_s: float) -> None:
        for origin, heard_s in list(self._others.items()):
            same_link = origin[0] == self._active[0]
            if same_link or now_s - heard_s >= TWIN_S:
                # On its own link it was just somebody else who spoke while it was silent.
                del self._others[origin]
                self._claimants.pop(origin, None)

    def contradicts(self, origin: Origin, now_s: float) -> bool:
        """Whether one of the ways tells of another aircraft than the one orders go over.

        To be called with every message of it that has a clock; that way is dropped then.
        """
        if origin == self._active or not self.trusted(origin):
            return False
        source, known = self._sources[origin], self._known()
        if now_s - known.boot_heard_s > FRESH_S:
            return False
        other = alike(known, source.seen) is Likeness.OTHER
        source.contradictions = source.contradictions + 1 if other else 0
        if source.contradictions <= CONTRADICTIONS:
            return False
        self.drop(origin)
        self._claimants[origin] = _Claimant(source.seen)
        self._others[origin] = now_s
        return True

    def claimed(
        self, origin: Origin, message: Message, now_s: float, *, way_lost: bool
    ) -> tuple[Claim, bool]:
        """Take a message from where the aircraft is not known to be.

        Args:
            origin: where that is.
            message: of an autopilot with its system id.
            now_s: when.
            way_lost: whether the aircraft itself is not heard on that link.

        Returns:
            What is to become of it, and whether it should be asked who it is.
        """
        if (not way_lost and not self._unsettled(origin[0])) or self._is_ignored(origin, now_s):
            return Claim.DUPLICATE, False
        claimant = self._claimants.get(origin)
        first = claimant is None
        if claimant is None:
            if len(self._claimants) >= CLAIMANTS_MOST:
                self._forget_one()
            claimant = self._claimants[origin] = _Claimant(Sighting(now_s))
        claimant.seen = sighted(claimant.seen, message, now_s)
        beat = message.get_type() == "HEARTBEAT"
        likeness = alike(self._known(), claimant.seen)
        silent = self._silent(now_s)
        if likeness is Likeness.SAME:
            claimant.contradictions = 0
            claimant.proofs += beat
            if silent or claimant.proofs >= PROOFS:
                self._prove(origin, claimant.seen)
                return Claim.PROVED, False
        elif likeness is Likeness.OTHER:
            claimant.proofs = 0
            claimant.contradictions += beat
            if silent or claimant.contradictions >= CONTRADICTIONS or origin in self._others:
                self._others[origin] = now_s
        # Its streams were not asked for: clock and place must be, again and again.
        return Claim.OPEN, (first or beat) and origin not in self._others

    def _unsettled(self, link: str) -> bool:
        """Whether the one heard on a link since the restart is not known to be the aircraft."""
        return any(o[0] == link and s.restart_way is not None for o, s in self._sources.items())

    def certain(self, now_s: float) -> Known | None:
        """Return who it is, to be known again after a restart; None while that is in doubt."""
        source = self._sources[self._active]
        if source.before is not None or source.seen.boot_ms is None or self.doubt(now_s):
            return None
        return Known(self._clocked(source.seen), self._active)

    def _is_ignored(self, origin: Origin, now_s: float) -> bool:
        """Whether a person said no to whoever speaks there, and it was not silent since."""
        heard_s = self._ignored.get(origin)
        if heard_s is None:
            return False
        if now_s - heard_s >= LOST_S:
            del self._ignored[origin]
            return False
        self._ignored[origin] = now_s
        return True

    def _forget_one(self) -> None:
        origin = min(self._claimants, key=lambda o: self._claimants[o].seen.heard_s)
        del self._claimants[origin]

    def _known(self) -> Sighting:
        """What the aircraft last said of itself; over the way of orders where it is certain."""
        source = self._sources[self._active]
        return self._clocked(source.before or source.seen)

    def _clocked(self, seen: Sighting) -> Sighting:
        # How fast its clock runs is known of the aircraft, not of the way.
        return seen if seen.rate == self._rate else replace(seen, rate=self._rate)

    def _prove(self, origin: Origin, seen: Sighting) -> None:
        del self._claimants[origin]
        self._others.clear()
        source = _Source(seen)
        for old in [o for o in self._sources if o[0] == origin[0]]:
            # One address a link.
            del self._sources[old]
            if old == self._active:
                self._active = origin
        self._sources[origin] = source

    # --- ways -------------------------------------------------------------------------------

    def activate(self, origin: Origin) -> None:
        """Orders go over this way from now on."""
        self._active = origin

    def drop(self, origin: Origin) -> None:
        """Forget a way that is not the one of orders."""
        if origin != self._active:
            self._sources.pop(origin, None)

    def confirm(self, now_s: float) -> Doubt | None:
        """A person has looked: what orders go to is the aircraft, the others are not.

        Returns:
            What the doubt was; one that remains can't be cleared up so.
        """
        doubt = self.doubt(now_s)
        if doubt in (Doubt.SWAPPED, Doubt.CHECKING):
            source = self._sources[self._active]
            source.before, source.restart_way, source.swapped = None, None, False
            for origin in [o for o, s in self._sources.items() if s.swapped]:
                self.drop(origin)
                self._ignored[origin] = now_s
        elif doubt is Doubt.TWIN:
            self._ignored |= dict.fromkeys(self._others, now_s)
            self._others.clear()
        return doubt
