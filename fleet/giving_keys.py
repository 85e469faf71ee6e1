"""Giving a vehicle its signing key, over a cable, while the node is not running.

SETUP_SIGNING carries the key in clear: it goes over a wired link only, never to an armed vehicle,
and is neither logged nor recorded. https://mavlink.io/en/guide/message_signing.html
"""

import asyncio
import ipaddress
import secrets
import time
from pathlib import Path

from fleet.links import open_link, parse_link_url
from fleet.mavlink import Codec, Message, Signing, dialect, signing_time
from fleet.roster import Address
from fleet.signing import KEY_BYTES, load_keys, save_key

__all__ = ["KeyNotGivenError", "give_key", "new_key"]

HEARD_S = 20.0
CONFIRM_S = 20.0
SENDS = 3


class KeyNotGivenError(RuntimeError):
    """The vehicle has not got the key, or did not show that it has."""


def new_key(path: Path, vehicle_id: str) -> bytes:
    """Return the vehicle's key from the file, a fresh one kept there where it has none.

    Raises:
        KeyFileError: the file can't be used.
        OSError: it can't be written.
    """
    known = load_keys(path).get(vehicle_id) if path.exists() else None
    if known is not None:
        return known
    key = secrets.token_bytes(KEY_BYTES)
    save_key(path, vehicle_id, key)
    return key


def _wired(url: str) -> bool:
    parsed = parse_link_url(url)
    if parsed.kind == "serial":
        return True
    try:
        return ipaddress.ip_address(parsed.host).is_loopback
    except ValueError:
        return parsed.host == "localhost"


async def give_key(url: str, system: int, key: bytes, *, over_the_air: bool = False) -> None:
    """Give the key to the vehicle at `url` and see that it signs with it.

    Raises:
        ValueError: the URL is no link, or not a wired one.
        KeyNotGivenError: it is armed, was not heard, or does not sign.
    """
    if not over_the_air and not _wired(url):
        raise ValueError(f"{url} is not a wired link: the key would go through the air in clear")
    heard: asyncio.Queue[tuple[Address, Message]] = asyncio.Queue()
    link = open_link("key", url, lambda _name, peer, message: heard.put_nowait((peer, message)))
    work = asyncio.create_task(link.run_for_ever())
    try:
        peer, beat = await _beat(heard, system, HEARD_S)
        if beat.base_mode & dialect.MAV_MODE_FLAG_SAFETY_ARMED:
            raise KeyNotGivenError(f"system {system} is armed: a key is given on the ground only")
        began = signing_time(time.time_ns() // 1000)
        setup = dialect.MAVLink_setup_signing_message(
            system, beat.get_srcComponent(), list(key), began
        )
        for _ in range(SENDS):
            link.send(setup, peer)
        await _signs(heard, system, Codec(signing=Signing(key, 0, began)))
    finally:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)


async def _beat(
    heard: "asyncio.Queue[tuple[Address, Message]]", system: int, within_s: float
) -> tuple[Address, Message]:
    try:
        async with asyncio.timeout(within_s):
            while True:
                peer, message = await heard.get()
                autopilot = message.get_type() == "HEARTBEAT" and message.autopilot != 8
                if autopilot and message.get_srcSystem() == system:
                    return peer, message
    except TimeoutError:
        raise KeyNotGivenError(f"system {system} was not heard for {within_s:.0f} s") from None


async def _signs(
    heard: "asyncio.Queue[tuple[Address, Message]]", system: int, codec: Codec
) -> None:
    try:
        async with asyncio.timeout(CONFIRM_S):
            while True:
                _, message = await heard.get()
                own = message.get_srcSystem() == system
                if own and codec.parse(bytes(message.get_msgbuf())):
                    return
    except TimeoutError:
        raise KeyNotGivenError(
            f"system {system} was sent its key and does not sign with it"
        ) from None
