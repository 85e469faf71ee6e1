"""All parameters of a vehicle: the list, then what got lost of it, by index.

https://mavlink.io/en/services/parameter.html#read-all-parameters. ArduPilot's indices shift when a
setting switches a feature on or off, so a changed count begins the fetch again and values are known
by name. PX4 tells a hash of all its values as `_HASH_CHECK`: where it is that of a set fetched
before, nothing is fetched. The list is asked for until its first value comes, more and more
patiently. Single ones are asked for ten at a time, each for itself: one that got lost keeps no
other waiting.
"""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from fleet.mavlink import Message, dialect
from fleet.protocol.parameter import BY_NAME, is_value_of
from fleet.protocol.parameter_value import ParameterValue, float_bits
from fleet.protocol.transfer import RoundTrip

__all__ = ["ParameterFetch", "Parameters"]

LIST_TIMEOUTS_S = (1.0, 1.0, 2.0, 2.0, 4.0, 4.0, 5.0, 5.0, 5.0, 5.0)
"""QGroundControl's four tries of 5 s leave one fetch of a hundred out where a third is lost."""
QUIET_S = 1.0
"""The list is over when nothing new came for this long; then the gaps are filled."""
AT_ONCE = 10
SINGLE_TRIES = 25
"""QGroundControl's 5 leave a dozen of 1,365 out where a third is lost both ways."""
HASH_TRIES = 2
MOST_RESTARTS = 3
MOST_PARAMETERS = 10_000
SILENCE_S = 20.0
"""A vehicle that tells nothing new for longer, although asked, is not there any more."""
LONGEST_S = 300.0
NO_INDEX = 65_535
"""`param_index` of a value that was told outside the list, e.g. after it was set."""
HASH_NAME = "_HASH_CHECK"


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a fetch brought."""

    values: Mapping[str, ParameterValue]
    missing: int = 0
    """How many the vehicle has but did not tell; 0 in a whole set."""
    hash: int | None = None
    """PX4's hash over all of it, None from ArduPilot: a set with one can be kept for next time."""
    error: str | None = None
    """Why the fetch was given up, None when it went to its end."""

    @property
    def whole(self) -> bool:
        """Whether these are all."""
        return self.error is None and self.missing == 0


@dataclass(slots=True)
class _Listing:
    """What has come of one listing."""

    count: int | None = None
    values: dict[str, ParameterValue] = field(default_factory=dict[str, ParameterValue])
    indices: set[int] = field(default_factory=set[int])
    asked: Counter[int] = field(default_factory=Counter[int])

    def gaps(self) -> list[int]:
        return [i for i in range(self.count or 0) if i not in self.indices]


class ParameterFetch:
    """One fetch of everything."""

    def __init__(
        self,
        system: int,
        component: int,
        cached: Parameters | None = None,
        *,
        bytewise: bool = False,
    ) -> None:
        """Prepare a fetch.

        Args:
            system: of the vehicle.
            component: of its autopilot.
            cached: fetched before; used again when the vehicle's hash says that nothing changed.
            bytewise: as PX4 encodes numbers.
        """
        self._system = system
        self._component = component
        self._bytewise = bytewise
        self._cached = cached if cached is not None and cached.hash is not None else None
        self._hash: int | None = None
        self._hash_tries = 0 if self._cached is not None else HASH_TRIES
        self._listing = _Listing()
        self._list_tries = 0
        self._restarts = 0
        self._asked_s: dict[int, float] = {}
        """When what is waited for was asked for, by index."""
        self._round_trip = RoundTrip(QUIET_S / 2)
        self._due_s = -math.inf
        self._heard_s = -math.inf
        self._began_s: float | None = None
        self.finished = False

    @property
    def progress(self) -> tuple[int, int | None]:
        """How many came, of how many; None before the vehicle said."""
        return len(self._listing.indices), self._listing.count

    def receive(self, message: Message, now_s: float) -> list[Parameters]:
        """Take in a message; return everything when it is complete."""
        if self.finished or not is_value_of(message, self._system, self._component):
            return []
        value = ParameterValue.of(message, bytewise=self._bytewise)
        if value.name == HASH_NAME:
            return self._hashed(float_bits(message.param_value))
        if self._list_tries == 0:
            return []
        count, index = int(message.param_count), int(message.param_index)
        listing = self._listing
        if index == NO_INDEX:
            # Somebody set it: newer than what the list has, or will have.
            if value.name in listing.values:
                listing.values[value.name] = value
            return []
        if count > MOST_PARAMETERS:
            return self._end(f"the vehicle says that it has {count} parameters")
        if listing.count is not None and count != listing.count:
            return self._shifted(now_s)
        listing.count = count
        if index >= count or index in listing.indices:
            return []
        listing.indices.add(index)
        listing.values[value.name] = value
        if len(listing.indices) == count:
            return self._end()
        self._heard_s = now_s
        if not self._filling:
            self._due_s = now_s + QUIET_S
            return []
        asked_s = self._asked_s.pop(index, None)
        if asked_s is not None and listing.asked[index] == 1:
            self._round_trip.measured(now_s - asked_s)
        self._due_s = now_s
        return []

    def poll(self, now_s: float) -> tuple[list[Message], list[Parameters]]:
        """Return messages to send now, and what there is when no more will come."""
        if self._began_s is None:
            self._began_s = now_s
        if self.finished:
            return [], []
        if now_s - self._began_s >= LONGEST_S:
            return [], self._end("the fetch took too long")
        if now_s < self._due_s:
            return [], []
        if self._hash_tries < HASH_TRIES:
            self._hash_tries += 1
            self._due_s = now_s + QUIET_S
            return [self._read(HASH_NAME.encode(), BY_NAME)], []
        if self._listing.count is None:
            return self._list(now_s)
        return self._fill(now_s)

    @property
    def _filling(self) -> bool:
        return bool(self._listing.asked)

    def _list(self, now_s: float) -> tuple[list[Message], list[Parameters]]:
        if self._list_tries >= len(LIST_TIMEOUTS_S):
            return [], self._end("the vehicle did not tell its parameters")
        self._due_s = now_s + LIST_TIMEOUTS_S[self._list_tries]
        self._list_tries += 1
        return [dialect.MAVLink_param_request_list_message(self._system, self._component)], []

    def _fill(self, now_s: float) -> tuple[list[Message], list[Parameters]]:
        listing = self._listing
        if now_s - self._heard_s >= SILENCE_S:
            return [], self._end("the vehicle stopped telling its parameters")
        for index, asked_s in list(self._asked_s.items()):
            if now_s >= asked_s + self._patience_s(index):
                del self._asked_s[index]
        gaps = [
            i for i in listing.gaps() if i not in self._asked_s and listing.asked[i] < SINGLE_TRIES
        ]
        if not gaps and not self._asked_s:
            return [], self._end()
        gaps.sort(key=lambda i: listing.asked[i])
        wanted = gaps[: AT_ONCE - len(self._asked_s)]
        for index in wanted:
            listing.asked[index] += 1
            self._asked_s[index] = now_s
        self._due_s = min(at_s + self._patience_s(i) for i, at_s in self._asked_s.items())
        return [self._read(b"", index) for index in wanted], []

    def _patience_s(self, index: int) -> float:
        """How long an answer is waited for: twice as long each time, up to `QUIET_S`."""
        tries = self._listing.asked[index]
        return min(QUIET_S, self._round_trip.timeout_s * 2 ** (tries - 1))

    def _hashed(self, said: int) -> list[Parameters]:
        self._hash = said
        if self._cached is None or self._list_tries:
            return []
        if said == self._cached.hash:
            self.finished = True
            return [self._cached]
        self._hash_tries = HASH_TRIES
        self._due_s = -math.inf
        return []

    def _shifted(self, now_s: float) -> list[Parameters]:
        self._restarts += 1
        if self._restarts > MOST_RESTARTS:
            return self._end("the vehicle's parameters keep changing in number")
        self._listing = _Listing()
        self._asked_s.clear()
        self._list_tries = 0
        self._due_s = now_s
        return []

    def _end(self, error: str | None = None) -> list[Parameters]:
        self.finished = True
        listing = self._listing
        return [Parameters(dict(listing.values), len(listing.gaps()), self._hash, error)]

    def _read(self, name: bytes, index: int) -> Message:
        return dialect.MAVLink_param_request_read_message(
            self._system, self._component, name, index
        )
