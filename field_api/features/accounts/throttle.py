"""How many passwords may be tried, decided before any is judged.

Two things went wrong with a lock that counted failures after the hash was computed: thirty tries at
once all passed the check before the first was counted, and five wrong passwords from anybody kept
the commander out. So here every try is counted when it begins, and is taken back only if it
succeeds; and there are two counts:

* per SOURCE: an attacker's own source is shut first, whatever accounts it tries;
* per ACCOUNT, of tries from sources that never signed in to it: guessing spread over many sources
  is slowed, while the owner's own source is still let in.

A source is whatever text the caller tells people apart by: `source_of_address`, or better a mark
that the server gave this browser when it last signed in, for behind one address there may be a
whole office. An owner at a new source while the account is under attack has to wait or be let in by
a person (`forgive`).

State is in memory: one `Throttle` per post, fed at start from the store by `remember`. Calls must
not run at the same time; none of them waits, so on one event loop they don't.
"""

import hashlib
import ipaddress
import unicodedata
from collections import OrderedDict, deque
from dataclasses import dataclass
from typing import Literal

__all__ = ["Admitted", "Refused", "Throttle", "ThrottleLimits", "source_of_address"]


@dataclass(frozen=True, slots=True)
class ThrottleLimits:
    """How many tries in how long; sliding windows."""

    source_tries: int = 10
    account_tries: int = 5
    window_ms: int = 5 * 60_000
    max_tracked: int = 20_000
    """Sources, and accounts, that are counted apart; beyond it the new ones share one count."""
    max_known: int = 10_000
    """Pairs of account and source that are remembered as good."""
    known_ms: int = 90 * 86_400_000
    """How long a source stays good for an account after its last sign-in."""

    def __post_init__(self) -> None:
        """Refuse limits that would let everybody in or nobody.

        Raises:
            ValueError: a limit is not positive.
        """
        for name in ("source_tries", "account_tries", "window_ms", "max_tracked", "max_known"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1")


@dataclass(frozen=True, slots=True)
class Admitted:
    """Leave to judge one password; give it back to `failed` or `succeeded`."""

    account: str
    source: str
    serial: int
    known: bool
    """Whether the source had signed in to the account before."""


@dataclass(frozen=True, slots=True)
class Refused:
    """No password may be judged now; nothing was counted."""

    retry_after_ms: int
    code: Literal["too_many_tries", "locked"]
    """`too_many_tries`: this source is shut. `locked`: the account is, for unknown sources."""


@dataclass(frozen=True, slots=True)
class _Try:
    at_ms: int
    serial: int
    key: str


class Throttle:
    """Admits or refuses sign-ins before their password is judged."""

    def __init__(self, limits: ThrottleLimits | None = None) -> None:
        self._limits = limits or ThrottleLimits()
        window_ms, most = self._limits.window_ms, self._limits.max_tracked
        self._sources = _Tally(self._limits.source_tries, window_ms, most)
        self._accounts = _Tally(self._limits.account_tries, window_ms, most)
        self._known: OrderedDict[tuple[str, str], int] = OrderedDict()
        """When each pair last signed in, the longest ago first."""
        self._known_sources: dict[str, int] = {}
        """In how many known pairs a source stands."""
        self._serial = 0
        self._now_ms = 0

    def begin(self, account: str, source: str, now_ms: int) -> Admitted | Refused:
        """Count one try, unless there were too many. Call it before the password is hashed."""
        now_ms = self._advance(now_ms)
        account, source = _key(account), _key(source)
        known = (account, source) in self._known
        wait_ms = self._sources.wait_ms(source, now_ms, apart=source in self._known_sources)
        if wait_ms:
            return Refused(wait_ms, "too_many_tries")
        if not known:
            wait_ms = self._accounts.wait_ms(account, now_ms, apart=False)
            if wait_ms:
                return Refused(wait_ms, "locked")
        self._serial += 1
        self._sources.add(_Try(now_ms, self._serial, source))
        if not known:
            self._accounts.add(_Try(now_ms, self._serial, account))
        return Admitted(account, source, self._serial, known)

    def failed(self, ticket: Admitted) -> None:
        """Say that the password was wrong: the try stays counted.

        A try that nobody ever settles, because its connection broke, stays counted too.
        """

    def withdrawn(self, ticket: Admitted) -> None:
        """Say that it was no guess: the password fits, and something else is still missing."""
        self._sources.take_back(ticket.source, ticket.serial)
        self._accounts.take_back(ticket.account, ticket.serial)

    def locked_for_ms(self, account: str, now_ms: int) -> int:
        """Return how long unknown sources may not try an account, 0 where they may."""
        return self._accounts.wait_ms(_key(account), self._advance(now_ms), apart=False)

    def succeeded(self, ticket: Admitted, now_ms: int) -> None:
        """Say that the sign-in was complete, second factor included: the try is taken back.

        Earlier failures stay counted, or an attacker could clear his source's count by signing in
        to an account of his own.
        """
        now_ms = self._advance(now_ms)
        self._sources.take_back(ticket.source, ticket.serial)
        self._accounts.take_back(ticket.account, ticket.serial)
        self._remember(ticket.account, ticket.source, now_ms)

    def remember(self, account: str, source: str, at_ms: int, now_ms: int) -> None:
        """Take over from the store that `source` signed in to `account` at `at_ms`.

        Call it for the oldest first.
        """
        self._advance(now_ms)
        self._remember(_key(account), _key(source), min(at_ms, self._now_ms))
        self._forget_old()

    def forgive(self, account: str) -> None:
        """Open an account for unknown sources again: break-glass, or a password set anew."""
        self._accounts.clear(_key(account))

    def forget_sources(self, account: str) -> None:
        """Make every source unknown to an account: its password was stolen, or a device lost."""
        account = _key(account)
        for pair in [pair for pair in self._known if pair[0] == account]:
            self._drop_known(pair)

    @property
    def tracked(self) -> int:
        """How many things are kept in memory; bounded whatever is sent."""
        return self._sources.size + self._accounts.size + len(self._known)

    def _advance(self, now_ms: int) -> int:
        """Return the time, which never goes back here even where a clock was set back."""
        self._now_ms = max(self._now_ms, now_ms)
        self._forget_old()
        return self._now_ms

    def _remember(self, account: str, source: str, at_ms: int) -> None:
        pair = (account, source)
        if pair not in self._known:
            self._known_sources[source] = self._known_sources.get(source, 0) + 1
        self._known[pair] = at_ms
        self._known.move_to_end(pair)

    def _forget_old(self) -> None:
        while self._known:
            pair, at_ms = next(iter(self._known.items()))
            full = len(self._known) > self._limits.max_known
            if not full and self._now_ms - at_ms < self._limits.known_ms:
                return
            self._drop_known(pair)

    def _drop_known(self, pair: tuple[str, str]) -> None:
        del self._known[pair]
        left = self._known_sources[pair[1]] - 1
        if left:
            self._known_sources[pair[1]] = left
        else:
            del self._known_sources[pair[1]]


class _Tally:
    """Tries of the last window by key, exact, in bounded memory.

    When as many keys as allowed are being counted, the tries of new keys share one count. A key
    stays there until that count is empty again: so no key ever gets more than the limit, and a
    flood of made-up keys shuts out new keys only, never those that are counted apart.
    """

    def __init__(self, limit: int, window_ms: int, capacity: int) -> None:
        self._limit = limit
        self._window_ms = window_ms
        self._capacity = capacity
        self._tries: OrderedDict[str, deque[_Try]] = OrderedDict()
        """By key, the key whose last try is the oldest first."""
        self._shared: deque[_Try] = deque()

    @property
    def size(self) -> int:
        """How many keys and shared tries are kept."""
        return len(self._tries) + len(self._shared)

    def wait_ms(self, key: str, now_ms: int, *, apart: bool) -> int:
        """Return how long until `key` may try again, 0 for at once.

        Args:
            key: Who tries.
            now_ms: The time, never less than before.
            apart: Count this key apart even when memory is full: it has shown who it is.
        """
        self._expire(now_ms)
        tries = self._tries.get(key)
        if tries is None and apart:
            tries = self._move_apart(key)
        while tries and tries[0].at_ms <= now_ms - self._window_ms:
            tries.popleft()
        if tries is None:
            crowded = bool(self._shared) or len(self._tries) >= self._capacity
            tries = self._shared if crowded else deque()
        if len(tries) < self._limit:
            return 0
        return max(1, tries[-self._limit].at_ms + self._window_ms - now_ms)

    def add(self, attempt: _Try) -> None:
        """Count a try that `wait_ms` let pass."""
        tries = self._tries.get(attempt.key)
        if tries is None:
            if self._shared or len(self._tries) >= self._capacity:
                self._shared.append(attempt)
                return
            tries = self._tries[attempt.key] = deque()
        tries.append(attempt)
        self._tries.move_to_end(attempt.key)

    def take_back(self, key: str, serial: int) -> None:
        """Uncount one try; no harm when it is not counted any more."""
        for tries in (self._tries.get(key), self._shared):
            for attempt in tries or ():
                if attempt.serial == serial and tries is not None:
                    tries.remove(attempt)
                    return

    def clear(self, key: str) -> None:
        """Forget all tries of a key."""
        self._tries.pop(key, None)
        self._shared = deque(attempt for attempt in self._shared if attempt.key != key)

    def _move_apart(self, key: str) -> deque[_Try]:
        own = deque(attempt for attempt in self._shared if attempt.key == key)
        self._shared = deque(attempt for attempt in self._shared if attempt.key != key)
        self._tries[key] = own
        return own

    def _expire(self, now_ms: int) -> None:
        old_ms = now_ms - self._window_ms
        while self._shared and self._shared[0].at_ms <= old_ms:
            self._shared.popleft()
        # Keys stand in the order of their last try, so the idle ones are found without looking at
        # the others; a key's own old tries go when it is asked about, at most `limit` of them.
        while self._tries:
            key, tries = next(iter(self._tries.items()))
            while tries and tries[0].at_ms <= old_ms:
                tries.popleft()
            if tries:
                return
            del self._tries[key]


def source_of_address(address: str) -> str:
    """Return the source of a network address: IPv6 by its /64, for a household has all of one.

    What is no address is one source altogether, so that nonsense can't multiply.
    """
    try:
        parsed = ipaddress.ip_address(address.strip().partition("%")[0])
    except ValueError:
        return "address:unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return f"address:{parsed.ipv4_mapped}"
        return f"address:{ipaddress.ip_network((parsed, 64), strict=False)}"
    return f"address:{parsed}"


def _key(text: str) -> str:
    """Return a name as it is counted: case and width make no second account, length no memory."""
    folded = unicodedata.normalize("NFKC", text[:1000]).casefold().strip()
    if len(folded) <= 64:
        return folded
    return hashlib.sha256(folded.encode("utf-8", "replace")).hexdigest()
