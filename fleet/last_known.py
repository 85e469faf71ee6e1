"""What each aircraft last said of itself, on disk: a node that restarts knows who was there.

Without it whoever speaks first with an aircraft's system id would be the aircraft.
"""

import json
import math
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import structlog

from fleet.identity import Sighting
from fleet.roster import Origin
from mission_plans.values.plan import GeoPoint

__all__ = ["KEPT_S", "Known", "LastKnown"]

log = structlog.get_logger(__name__)

KEPT_S = 300.0
"""What is older says nothing: aircraft are switched off, carried and repaired meanwhile."""
SLACK_S = 1.0
"""What seems to be later than now was written by another clock."""
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Known:
    """An aircraft as it was before the node restarted."""

    seen: Sighting
    """Its times are of this machine's monotonic clock."""
    origin: Origin
    """Where it was heard."""


def _boot_id() -> str:
    try:
        return BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return ""


class LastKnown:
    """One file for all aircraft of a node; a disk that refuses is nothing to a flight."""

    def __init__(self, path: Path) -> None:
        """Read what was left; a file that is missing or damaged counts as empty."""
        self._path = path
        self._boot_id = _boot_id()
        self._kept: dict[str, Known] = self._read()
        self._refused = False

    def of(self, vehicle_id: str, now_s: float) -> Known | None:
        """Return who an aircraft was, None where that is not known or too long ago."""
        known = self._kept.get(vehicle_id)
        if known is None or not -SLACK_S <= now_s - known.seen.heard_s <= KEPT_S:
            return None
        return known

    def save(self, news: Mapping[str, Known]) -> None:
        """Write down those that are certain now; what is known of the others stays."""
        self._kept |= news
        record = {
            "boot_id": self._boot_id,
            "monotonic_s": time.monotonic(),
            "unix_s": time.time(),
            "aircraft": {name: _plain(known) for name, known in self._kept.items()},
        }
        fresh = self._path.with_suffix(".new")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            # Not forced to the disk: that would hold up the aircraft, and a machine that lost its
            # power does not come back within the seconds for which this matters most.
            fresh.write_text(json.dumps(record), encoding="utf-8")
            fresh.replace(self._path)
            self._refused = False
        except OSError as error:
            if not self._refused:
                log.error("identities not written", path=str(self._path), error=str(error))
            self._refused = True

    def _read(self) -> dict[str, Known]:
        try:
            record = json.loads(self._path.read_text(encoding="utf-8"))
            shift_s = 0.0
            if not self._boot_id or record["boot_id"] != self._boot_id:
                # The machine restarted: only the time of day went on, its other clock began anew.
                passed_s = time.time() - float(record["unix_s"])
                shift_s = time.monotonic() - passed_s - float(record["monotonic_s"])
            return {
                str(name): _known(fields, shift_s) for name, fields in record["aircraft"].items()
            }
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
            log.error("identities can't be read", path=str(self._path), error=str(error))
            return {}


def _plain(known: Known) -> dict[str, object]:
    seen = known.seen
    return {
        "link": known.origin[0],
        "address": known.origin[1],
        "uid": seen.uid,
        "heard_s": seen.heard_s,
        "boot_ms": seen.boot_ms,
        "boot_heard_s": seen.boot_heard_s,
        "place": None if seen.place is None else [seen.place.lat_deg, seen.place.lon_deg],
        "place_heard_s": seen.place_heard_s,
        "armed": seen.armed,
        "rate": seen.rate,
    }


def _known(fields: dict[str, object], shift_s: float) -> Known:
    """Raises: ValueError, KeyError or TypeError where a field is no such thing."""
    address, place = fields["address"], fields["place"]
    boot_ms, uid, armed = fields["boot_ms"], fields["uid"], fields["armed"]
    peer = None
    if address is not None:
        host, port = address  # pyright: ignore[reportGeneralTypeIssues, reportUnknownVariableType]
        peer = (str(host), int(port))  # pyright: ignore[reportUnknownArgumentType]
    spot = None
    if place is not None:
        lat, lon = place  # pyright: ignore[reportGeneralTypeIssues, reportUnknownVariableType]
        spot = GeoPoint(lat_deg=float(lat), lon_deg=float(lon))  # pyright: ignore[reportUnknownArgumentType]
    return Known(
        Sighting(
            heard_s=_number(fields["heard_s"]) + shift_s,
            uid=None if uid is None else str(uid),
            boot_ms=None if boot_ms is None else int(_number(boot_ms)),
            boot_heard_s=_number(fields["boot_heard_s"]) + shift_s,
            place=spot,
            place_heard_s=_number(fields["place_heard_s"]) + shift_s,
            armed=None if armed is None else bool(armed),
            rate=_number(fields["rate"]),
        ),
        (str(fields["link"]), peer),
    )


def _number(value: object) -> float:
    if not isinstance(value, int | float) or not math.isfinite(value):
        raise TypeError(f"{value!r} is no number")
    return float(value)
