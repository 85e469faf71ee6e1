"""Ways for bytes: sockets, serial ports and recordings, one task each.

A link carries any number of vehicles. It never ends by itself: what can't be opened is told and
tried again.
"""

from fleet.links.base import Link, LinkWatch, Receiver
from fleet.links.opening import open_link
from fleet.links.stall import STALL_S, Stall
from fleet.links.statistics import LinkStatistics
from fleet.links.url import LinkUrl, parse_link_url

__all__ = [
    "STALL_S",
    "Link",
    "LinkStatistics",
    "LinkUrl",
    "LinkWatch",
    "Receiver",
    "Stall",
    "open_link",
    "parse_link_url",
]
