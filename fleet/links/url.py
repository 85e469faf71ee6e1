"""Addresses of links."""

import re
from dataclasses import dataclass
from pathlib import Path

__all__ = ["LinkUrl", "parse_link_url"]

SOCKETS = "udpin|udpout|tcp|tcpin"
ALLOWED = (
    "udpin:HOST:PORT and tcpin:HOST:PORT (listen), udpout:HOST:PORT and tcp:HOST:PORT (connect), "
    "serial:/dev/NAME:BAUD and tlog:FILE?speed=NUMBER"
)
SPEED = (0.01, 1000.0)


@dataclass(frozen=True, slots=True)
class LinkUrl:
    """A parsed link address."""

    kind: str
    """`udpin`, `udpout`, `tcp`, `tcpin`, `serial` or `tlog`."""
    host: str = ""
    port: int = 0
    path: Path = Path()
    """The device of a serial link, the file of a recording."""
    baud: int = 0
    speed: float = 1.0
    """How many times faster than it was a recording is played."""


def parse_link_url(url: str) -> LinkUrl:
    """Parse the address of a link.

    Raises:
        ValueError: saying what is allowed.
    """
    if match := re.fullmatch(rf"({SOCKETS}):([A-Za-z0-9.\-]+):([0-9]{{1,5}})", url):
        if 0 < int(match[3]) < 65_536:
            return LinkUrl(match[1], match[2], int(match[3]))
    elif match := re.fullmatch(r"serial:(/[^:?\0]+):([0-9]{3,8})", url):
        return LinkUrl("serial", path=Path(match[1]), baud=int(match[2]))
    elif match := re.fullmatch(r"tlog:([^?\0]+)(?:\?speed=([0-9]+(?:\.[0-9]+)?))?", url):
        speed = float(match[2] or 1)
        if SPEED[0] <= speed <= SPEED[1]:
            return LinkUrl("tlog", path=Path(match[1]), speed=speed)
    raise ValueError(f"{url!r} is no link; allowed are {ALLOWED}")
