"""Where there is footage and where there is none, from what files and gaps say. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from field_api.features.footage.tables import GapCause

__all__ = ["Gap", "Known", "Span", "gaps_between", "spans_of"]

JOINED_MS = 1500
"""Files closer together than this follow each other: nobody sees a gap."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch with pictures."""

    began_ms: int
    ended_ms: int


@dataclass(frozen=True, slots=True)
class Known:
    """A stretch of which is known why it has no footage."""

    began_ms: int
    ended_ms: int
    cause: GapCause


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch without pictures between two with."""

    began_ms: int
    ended_ms: int
    cause: GapCause | None
    """None: no picture came."""


def spans_of(files: Iterable[tuple[int, int]]) -> list[Span]:
    """Join files, given as begin and end in the order of their begin, to stretches."""
    spans: list[Span] = []
    for began_ms, ended_ms in files:
        if spans and began_ms - spans[-1].ended_ms <= JOINED_MS:
            last = spans[-1]
            spans[-1] = Span(last.began_ms, max(last.ended_ms, ended_ms))
        else:
            spans.append(Span(began_ms, ended_ms))
    return spans


def gaps_between(
    spans: Sequence[Span], from_ms: int, to_ms: int, known: Sequence[Known]
) -> list[Gap]:
    """Return what is missing of a stretch of time.

    Args:
        spans: in order, apart.
        from_ms: of the stretch that is looked at.
        to_ms: its end.
        known: stretches whose cause is known; the one that covers most of a gap is its cause.
    """
    edges = [from_ms]
    for span in spans:
        edges += [span.began_ms, span.ended_ms]
    edges.append(to_ms)
    gaps: list[Gap] = []
    for began_ms, ended_ms in zip(edges[::2], edges[1::2], strict=True):
        began_ms, ended_ms = max(began_ms, from_ms), min(ended_ms, to_ms)
        if ended_ms - began_ms > JOINED_MS:
            gaps.append(Gap(began_ms, ended_ms, _cause(began_ms, ended_ms, known)))
    return gaps


def _cause(began_ms: int, ended_ms: int, known: Sequence[Known]) -> GapCause | None:
    best, cause = 0, None
    for one in known:
        covered = min(ended_ms, one.ended_ms) - max(began_ms, one.began_ms)
        if covered > best:
            best, cause = covered, one.cause
    return cause
