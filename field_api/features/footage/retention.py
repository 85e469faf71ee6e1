"""What may stay, and what goes: pure rules. The oldest goes first, what is protected never does."""

from collections.abc import Iterable
from dataclasses import dataclass

from field_api.features.footage.tables import GapCause

__all__ = ["DAY_MS", "Candidate", "Limits", "Room", "room_of", "to_delete"]

DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Candidate:
    """A whole file, and whether it must stay."""

    id: str
    began_ms: int
    size_bytes: int
    protected: bool
    """Its incident is open, or a person had it kept."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the settings allow."""

    days: float
    share: float
    """Of what footage takes and what is free."""


@dataclass(frozen=True, slots=True)
class Room:
    """How much footage there may be."""

    used_bytes: int
    limit_bytes: int

    @property
    def over_bytes(self) -> int:
        """What must go."""
        return max(0, self.used_bytes - self.limit_bytes)


def room_of(used_bytes: int, free_bytes: int, reserve_bytes: int, limits: Limits) -> Room:
    """Return how much there may be.

    Args:
        used_bytes: taken by footage.
        free_bytes: on the disk.
        reserve_bytes: below which the whole post counts as low on disk; footage never takes it.
        limits: of the settings.
    """
    share = int((used_bytes + free_bytes) * limits.share)
    return Room(used_bytes, min(share, max(0, used_bytes + free_bytes - reserve_bytes)))


def to_delete(
    oldest_first: Iterable[Candidate], now_ms: int, room: Room, limits: Limits
) -> list[tuple[Candidate, GapCause]]:
    """Return which files go, and why."""
    gone: list[tuple[Candidate, GapCause]] = []
    over_bytes = room.over_bytes
    for file in oldest_first:
        aged = now_ms - file.began_ms > limits.days * DAY_MS
        if not aged and over_bytes <= 0:
            break
        if file.protected:
            continue
        gone.append((file, GapCause.AGED if aged else GapCause.ROOM))
        over_bytes -= file.size_bytes
    return gone
