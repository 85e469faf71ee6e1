"""Signed vehicles: their keys, their time, and what is believed of them.

https://mavlink.io/en/guide/message_signing.html. Each vehicle has a key of its own, in a file that
only the node's user can read and that is neither versioned nor logged. Every way to a vehicle is a
stream with its own link id. The time of signatures goes on with the clock, never goes back, and is
kept on disk, so that a restart can't use a time again.
"""

import json
import os
import stat
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import structlog

from fleet.mavlink import Codec, Message, Signing, signing_time

__all__ = ["KEY_BYTES", "KeyFileError", "Signatures", "SigningTimes", "load_keys", "save_key"]

log = structlog.get_logger(__name__)

KEY_BYTES = 32
LEAD = 60 * 100_000
"""What is kept on disk is at most a minute old: so much is added after a restart, in 10 us."""
SAVE_S = 30.0


class KeyFileError(ValueError):
    """The keys can't be used; the text never has one."""


def load_keys(path: Path) -> dict[str, bytes]:
    """Read the keys by vehicle: a JSON object of 64 hexadecimal digits each.

    Raises:
        KeyFileError: others may read it, or it is no such file.
    """
    try:
        mode = path.stat().st_mode
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise KeyFileError(f"{path}: others may read it; use chmod 600")
        found = json.loads(path.read_text(encoding="utf-8"))
        keys = {str(name): bytes.fromhex(value) for name, value in found.items()}
    except OSError as error:
        raise KeyFileError(f"{path}: can't be read: {error.strerror}") from error
    except (ValueError, TypeError, AttributeError) as error:
        if isinstance(error, KeyFileError):
            raise
        # Not from the error: its text might hold a key.
        raise KeyFileError(f"{path}: not a JSON object of hexadecimal keys by vehicle") from None
    for name, key in keys.items():
        if len(key) != KEY_BYTES or not any(key):
            raise KeyFileError(f"{path}: the key of {name} must have {KEY_BYTES} bytes, not all 0")
    return keys


def save_key(path: Path, vehicle_id: str, key: bytes) -> None:
    """Add a vehicle's key to the file, which only its owner may read.

    Raises:
        KeyFileError: what is there can't be read.
        OSError: it can't be written.
    """
    keys = load_keys(path) if path.exists() else {}
    keys[vehicle_id] = key
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump({name: value.hex() for name, value in keys.items()}, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


class SigningTimes:
    """The newest time of every vehicle's signatures, on disk."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._times: dict[str, int] = {}
        try:
            if path.exists():
                found = json.loads(path.read_text(encoding="utf-8"))
                self._times = {str(name): int(value) + LEAD for name, value in found.items()}
        except (OSError, ValueError, TypeError, AttributeError) as error:
            log.error("times of signatures can't be read", path=str(path), error=str(error))

    def of(self, vehicle_id: str) -> int:
        """Return the time that must not be gone below; 0 where none is known."""
        return self._times.get(vehicle_id, 0)

    def save(self, times: Mapping[str, int]) -> None:
        """Keep what is newer; a disk that refuses ends nothing."""
        for name, value in times.items():
            self._times[name] = max(value, self.of(name))
        fresh = self._path.with_suffix(".new")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with fresh.open("w", encoding="utf-8") as file:
                json.dump(self._times, file)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self._path)
        except OSError as error:
            log.error("times of signatures can't be kept", error=str(error))


class Signatures:
    """Signs what goes to vehicles with keys and checks what comes from them."""

    def __init__(
        self,
        keys: Mapping[str, bytes],
        systems: Mapping[str, tuple[Sequence[str], int]],
        links: Sequence[str],
        times: SigningTimes,
        now_us: Callable[[], int],
    ) -> None:
        """Prepare.

        Args:
            keys: by vehicle.
            systems: every vehicle's links and system id.
            links: all links in a fixed order, from which come the link ids.
            times: kept on disk.
            now_us: UTC.
        """
        self._keys = dict(keys)
        self._vehicles = {
            (link, system): name
            for name, (own, system) in systems.items()
            if name in keys
            for link in own
        }
        self._link_ids = {link: number % 255 + 1 for number, link in enumerate(links)}
        self._times = times
        self._now_us = now_us
        self._codecs: dict[tuple[str, str], Codec] = {}
        self._saved_s = 0.0

    def signs(self, vehicle_id: str) -> bool:
        """Whether a vehicle has a key."""
        return vehicle_id in self._keys

    def pack(self, vehicle_id: str, link: str, message: Message) -> bytes:
        """Return the signed frame of a message."""
        codec = self._codec(vehicle_id, link)
        codec.keep_time(self._now_us())
        return codec.pack(message)

    def right(self, link: str, message: Message) -> bool:
        """Whether a message may be believed: its vehicle has no key, or it is rightly signed."""
        vehicle_id = self._vehicles.get((link, message.get_srcSystem()))
        if vehicle_id is None:
            return True
        codec = self._codec(vehicle_id, link)
        codec.keep_time(self._now_us())
        return bool(codec.parse(bytes(message.get_msgbuf())))

    def vehicle(self, link: str, message: Message) -> str:
        """Return whose system id a message has, empty for one without a key."""
        return self._vehicles.get((link, message.get_srcSystem()), "")

    def look(self, now_s: float) -> None:
        """Keep the times on disk, well within a minute."""
        if self._codecs and now_s - self._saved_s >= SAVE_S:
            self._saved_s = now_s
            self.save()

    def save(self) -> None:
        """Keep the times on disk now."""
        newest: dict[str, int] = {}
        for (vehicle_id, _), codec in self._codecs.items():
            newest[vehicle_id] = max(newest.get(vehicle_id, 0), codec.signing_timestamp)
        if newest:
            self._times.save(newest)

    def _codec(self, vehicle_id: str, link: str) -> Codec:
        codec = self._codecs.get((vehicle_id, link))
        if codec is None:
            start = max(self._times.of(vehicle_id), signing_time(self._now_us()))
            signing = Signing(self._keys[vehicle_id], self._link_ids[link], start)
            codec = self._codecs[vehicle_id, link] = Codec(signing=signing)
        return codec
