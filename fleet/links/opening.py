"""Which link an address means."""

from fleet.links.base import Link, LinkWatch, Receiver
from fleet.links.recording import RecordingLink
from fleet.links.serial_port import SerialLink
from fleet.links.tcp import TcpLink, TcpListener
from fleet.links.udp import UdpClient, UdpLink
from fleet.links.url import parse_link_url

__all__ = ["open_link"]

KINDS = {
    "udpin": UdpLink,
    "udpout": UdpClient,
    "tcp": TcpLink,
    "tcpin": TcpListener,
    "serial": SerialLink,
    "tlog": RecordingLink,
}


def open_link(name: str, url: str, receiver: Receiver, watch: LinkWatch | None = None) -> Link:
    """Make the link for a URL; it is opened by `run`.

    Raises:
        ValueError: the URL is no link.
    """
    parsed = parse_link_url(url)
    return KINDS[parsed.kind](name, receiver, watch or LinkWatch(), parsed)
