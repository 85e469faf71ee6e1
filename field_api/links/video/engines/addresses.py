"""Where this machine offers WebRTC: the addresses browsers reach it at, and no others."""

import contextlib
from collections.abc import Generator, Sequence
from contextvars import ContextVar
from ipaddress import ip_address

import aioice.ice

__all__ = ["offered_addresses", "offering"]

_machines_own = aioice.ice.get_host_addresses
_OFFERED: ContextVar[tuple[str, ...]] = ContextVar("offered", default=())


def offered_addresses(listens_on: str, chosen: Sequence[str]) -> tuple[str, ...]:
    """Return the addresses to offer; none means all of the machine's.

    Args:
        listens_on: the server's own address.
        chosen: what the settings say.
    """
    if chosen:
        return tuple(chosen)
    with contextlib.suppress(ValueError):
        address = ip_address("127.0.0.1" if listens_on == "localhost" else listens_on)
        return () if address.is_unspecified else (str(address),)
    return ()


@contextlib.contextmanager
def offering(addresses: tuple[str, ...]) -> Generator[None]:
    """Have what is begun inside offer these addresses."""
    token = _OFFERED.set(addresses)
    try:
        yield
    finally:
        _OFFERED.reset(token)


def _addresses(use_ipv4: bool, use_ipv6: bool) -> list[str]:
    offered = _OFFERED.get()
    if not offered:
        return _machines_own(use_ipv4, use_ipv6)
    return [one for one in offered if (use_ipv6 if ":" in one else use_ipv4)]


# The library asks the machine for every address but loopback and takes no other answer: a post on
# loopback would offer the network, one with an office and a radio network the wrong one.
aioice.ice.get_host_addresses = _addresses
