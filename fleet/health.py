"""A node's links and ways as the command post is told of them."""

import math
from collections.abc import Iterable, Mapping

from field_api.contract.messages import LinkReport, WayState
from fleet.links import Link
from fleet.ways import Ways

__all__ = ["link_reports", "way_states"]


def way_states(ways: Ways, links: Mapping[str, Link], now_s: float) -> list[WayState]:
    """Return the ways to an aircraft, the preferred one first."""
    found: list[WayState] = []
    for way in ways.all:
        age_s = way.presence.age_s(now_s)
        found.append(
            WayState(
                link=way.link,
                state=way.presence.state(now_s),
                age_ms=None if age_s is None else round(age_s * 1000),
                active=way is ways.active,
                lost_fraction=way.statistics.lost_fraction(now_s),
                bytes_per_s=round(way.statistics.bytes_per_s(now_s), 1),
                replay=not links[way.link].sends,
            )
        )
    return found


def link_reports(links: Iterable[Link], kinds: Mapping[str, str], now_s: float) -> list[LinkReport]:
    """Return the links of a node."""
    found: list[LinkReport] = []
    for link in links:
        figures = link.statistics
        heard = figures.heard_s > -math.inf
        found.append(
            LinkReport(
                id=link.name,
                kind=kinds[link.name],
                up=link.up,
                age_ms=round((now_s - figures.heard_s) * 1000) if heard else None,
                frames=figures.frames,
                bytes_per_s=round(figures.bytes_per_s(now_s), 1),
                lost_fraction=figures.lost_fraction(now_s),
                garbage=figures.garbage,
            )
        )
    return found
