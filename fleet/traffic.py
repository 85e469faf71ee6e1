"""Other air traffic as an aircraft's ADS-B or Remote ID receiver hears it. Pure.

What a transponder says is taken from strangers by radio: every number is checked, and what is not
marked as valid, or can't be, is left out.
https://mavlink.io/en/messages/common.html#ADSB_VEHICLE and #OPEN_DRONE_ID_LOCATION
"""

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from fleet.mavlink import Message, dialect, raw_text

__all__ = ["Contact", "contact", "drone_key", "merged", "with_contact"]

OLD_MS = 10_000
"""A report older than this says no longer where its aircraft is."""
MOST = 64
"""Contacts kept of one receiver, the newest; a forged flood must not fill the memory."""
ALTITUDE_M = (-1_000.0, 50_000.0)
FASTEST_MS = 700.0
"""Twice the speed of sound: nothing that is met at low level."""
UNKNOWN_HEADING = 36_000
UNKNOWN_SPEED, UNKNOWN_CLIMB = 25_500, 6_300
"""How Remote ID says that it does not know, in cm/s."""


@dataclass(frozen=True, slots=True)
class Contact:
    """Where somebody else flies; None where the transponder does not say."""

    icao: int
    """Of a drone heard by Remote ID `drone_key` of its radio address."""
    name: str
    lat_deg: float
    lon_deg: float
    altitude_m: float | None
    """Above mean sea level; by air pressure from most transponders, so some 50 m uncertain."""
    velocity_ms: tuple[float, float, float] | None
    """North, east, up."""
    heard_ms: int
    """When the transponder last spoke, UTC."""

    def age_s(self, now_ms: int) -> float:
        """Return seconds since the transponder spoke."""
        return max(0, now_ms - self.heard_ms) / 1000


def contact(message: Message, t_ms: int) -> Contact | None:
    """Return what a report received at `t_ms` says, None where it gives no place."""
    if message.get_type() == "OPEN_DRONE_ID_LOCATION":
        return _drone(message, t_ms)
    flags = int(message.flags)
    lat_deg, lon_deg = message.lat / 1e7, message.lon / 1e7
    nowhere = (message.lat == 0 and message.lon == 0) or abs(lat_deg) > 90 or abs(lon_deg) > 180
    if nowhere or not flags & dialect.ADSB_FLAGS_VALID_COORDS:
        return None
    altitude_m = message.altitude / 1000
    known = flags & dialect.ADSB_FLAGS_VALID_ALTITUDE and (
        ALTITUDE_M[0] <= altitude_m <= ALTITUDE_M[1]
    )
    icao = int(message.ICAO_address)
    return Contact(
        icao=icao,
        name=_name(message) or f"{icao:06X}",
        lat_deg=lat_deg,
        lon_deg=lon_deg,
        altitude_m=altitude_m if known else None,
        velocity_ms=_velocity(message, flags),
        heard_ms=max(0, t_ms - 1000 * int(message.tslc)),
    )


def drone_key(mac: bytes) -> int:
    """Return what a drone's radio address counts as: no ICAO address has more than 24 bits."""
    return 1 << 160 | int.from_bytes(mac[:20].ljust(20, b"\0"), "big")


def _drone(message: Message, t_ms: int) -> Contact | None:
    """Return what a Remote ID receiver heard, None for our own aircraft's and what has no place."""
    mac = bytes(message.id_or_mac)
    lat_deg, lon_deg = message.latitude / 1e7, message.longitude / 1e7
    nowhere = (message.latitude == 0 and message.longitude == 0) or (
        abs(lat_deg) > 90 or abs(lon_deg) > 180
    )
    if not any(mac) or nowhere:
        return None
    altitude_m = float(message.altitude_geodetic)
    level_ms, up_ms = message.speed_horizontal / 100, message.speed_vertical / 100
    moving = message.direction <= UNKNOWN_HEADING and message.speed_horizontal < UNKNOWN_SPEED
    moving = moving and abs(message.speed_vertical) < UNKNOWN_CLIMB
    course = math.radians(message.direction / 100)
    return Contact(
        icao=drone_key(mac),
        name=f"RID-{mac.rstrip(bytes(1)).hex()[-6:].upper()}",
        lat_deg=lat_deg,
        lon_deg=lon_deg,
        # Above the ellipsoid: up to some 40 m off from mean sea level here. -1000 is unknown.
        altitude_m=altitude_m if ALTITUDE_M[0] < altitude_m <= ALTITUDE_M[1] else None,
        velocity_ms=(level_ms * math.cos(course), level_ms * math.sin(course), up_ms)
        if moving
        else None,
        heard_ms=t_ms,
    )


def _name(message: Message) -> str:
    """Return the call sign's letters and digits: it goes into texts that people read."""
    raw = raw_text(message, "callsign").decode("ascii", "ignore")
    return "".join(c for c in raw if c.isalnum() or c == "-")


def _velocity(message: Message, flags: int) -> tuple[float, float, float] | None:
    wanted = dialect.ADSB_FLAGS_VALID_VELOCITY | dialect.ADSB_FLAGS_VALID_HEADING
    level_ms = message.hor_velocity / 100
    if flags & wanted != wanted or level_ms > FASTEST_MS or message.heading > UNKNOWN_HEADING:
        return None
    course = math.radians(message.heading / 100)
    climbs = flags & dialect.ADSB_FLAGS_VERTICAL_VELOCITY_VALID
    up_ms = message.ver_velocity / 100 if climbs else 0.0
    return level_ms * math.cos(course), level_ms * math.sin(course), up_ms


def with_contact(
    known: Mapping[int, Contact], message: Message, t_ms: int
) -> Mapping[int, Contact]:
    """Return what a receiver has heard with one report more; old reports are dropped."""
    new = contact(message, t_ms)
    if new is None:
        return known
    fresh = {i: c for i, c in known.items() if i != new.icao and t_ms - c.heard_ms <= OLD_MS}
    while len(fresh) >= MOST:
        del fresh[min(fresh, key=lambda i: fresh[i].heard_ms)]
    return fresh | {new.icao: new}


def merged(
    receivers: Iterable[Mapping[int, Contact]], now_ms: int, own: Collection[int] = ()
) -> tuple[Contact, ...]:
    """Return the newest fresh report of everyone whom any of the receivers hears.

    Args:
        receivers: what each of our aircraft has heard, by ICAO address.
        now_ms: UTC.
        own: ICAO addresses of our own transponders: these are no strangers.
    """
    newest: dict[int, Contact] = {}
    for heard in receivers:
        for icao, report in heard.items():
            if icao in own:
                continue
            if icao not in newest or report.heard_ms > newest[icao].heard_ms:
                newest[icao] = report
    return tuple(c for c in newest.values() if now_ms - c.heard_ms <= OLD_MS)
