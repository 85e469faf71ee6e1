"""The chain of a recording: each piece names the one before it, so that none can be missing
unseen. Pure; handhelds make the same links (`tests/vectors/recordings/`)."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

__all__ = ["ChainState", "Link", "check", "link_of"]


class Link(Protocol):
    """What a piece says of itself and of the one before."""

    n: int
    sha256: str
    began_ms: int
    ended_ms: int
    previous: str
    link: str


@dataclass(frozen=True)
class ChainState:
    """What is wrong with a recording's pieces."""

    missing: list[int]
    """Numbers that must be there and are not."""
    broken: list[int]
    """Pieces whose link is not that of their content, or that do not follow the one before."""


def link_of(
    recording_id: str, n: int, sha256: str, began_ms: int, ended_ms: int, previous: str
) -> str:
    """Return a piece's link: the SHA-256 of its facts, one a line, in hexadecimal.

    Args:
        recording_id: of the whole.
        n: counts from 1.
        sha256: of the piece's bytes.
        began_ms: when it begins, by the handheld's clock.
        ended_ms: when it ends.
        previous: link of the piece before, empty for the first.
    """
    facts = (recording_id, n, sha256, began_ms, ended_ms, previous)
    return hashlib.sha256("\n".join(map(str, facts)).encode()).hexdigest()


def check(
    recording_id: str, pieces: Sequence[Link], declared: int | None, last_link: str
) -> ChainState:
    """Say what is wrong with the pieces that are here.

    Args:
        recording_id: of the whole.
        pieces: those that came, by number.
        declared: how many its maker says there are; None while it goes on.
        last_link: the last one's link, as its maker says.
    """
    here = {piece.n: piece for piece in pieces}
    last = max([declared or 0, *here])
    broken = [
        piece.n
        for piece in pieces
        if piece.link
        != link_of(
            recording_id,
            piece.n,
            piece.sha256,
            piece.began_ms,
            piece.ended_ms,
            piece.previous,
        )
        or (piece.n == 1 and piece.previous)
        or (piece.n - 1 in here and piece.previous != here[piece.n - 1].link)
        or (declared is not None and piece.n > declared)
        or (piece.n == declared and piece.link != last_link)
    ]
    return ChainState([n for n in range(1, last + 1) if n not in here], broken)
