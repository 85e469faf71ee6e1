"""UDP and TCP round simulated vehicles; nothing here knows MAVLink."""

import asyncio

import structlog

from sim.vehicle.link import VehicleLink
from sim.vehicle.vehicle import SimVehicle

__all__ = ["TcpPort", "UdpTarget"]

log = structlog.get_logger(__name__)

_WRITE_LIMIT_BYTES = 1 << 20
"""A TCP peer that does not read loses messages beyond this, like a full serial buffer."""


class UdpTarget(asyncio.DatagramProtocol):
    """Sends a vehicle's frames to one address, and takes what comes back."""

    def __init__(self, vehicle: SimVehicle) -> None:
        self._vehicle = vehicle
        self._transport: asyncio.DatagramTransport | None = None
        self._link: VehicleLink | None = None

    @classmethod
    async def open(cls, vehicle: SimVehicle, address: tuple[str, int]) -> "UdpTarget":
        """Start sending to `address` (host, port)."""
        loop = asyncio.get_running_loop()
        _, protocol = await loop.create_datagram_endpoint(lambda: cls(vehicle), remote_addr=address)
        return protocol

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:
        """The socket is ready."""
        self._transport = transport
        self._link = self._vehicle.attach(transport.sendto)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """A datagram arrived."""
        del addr
        if self._link is not None:
            self._vehicle.receive(self._link, data)

    def error_received(self, exc: Exception) -> None:
        """Nobody listens there yet: the vehicle goes on sending, as a real one would."""
        log.debug("udp peer unreachable", sysid=self._vehicle.config.sysid, error=str(exc))

    def close(self) -> None:
        """Stop."""
        if self._link is not None:
            self._vehicle.detach(self._link)
        if self._transport is not None:
            self._transport.close()


class _TcpClient(asyncio.Protocol):
    def __init__(self, vehicle: SimVehicle, clients: "set[_TcpClient]") -> None:
        self._vehicle = vehicle
        self._clients = clients
        self._transport: asyncio.Transport | None = None
        self._link: VehicleLink | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._link = self._vehicle.attach(self._write, banner=True)
        self._clients.add(self)

    def drop(self) -> None:
        """Close the connection from our side."""
        if self._transport is not None:
            self._transport.abort()

    def _write(self, frame: bytes) -> None:
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        if transport.get_write_buffer_size() < _WRITE_LIMIT_BYTES:
            transport.write(frame)

    def data_received(self, data: bytes) -> None:
        if self._link is not None:
            self._vehicle.receive(self._link, data)

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._clients.discard(self)
        if self._link is not None:
            self._vehicle.detach(self._link)


class TcpPort:
    """A listening port of one vehicle, for any number of clients."""

    def __init__(self, server: asyncio.Server, clients: set[_TcpClient]) -> None:
        self._server = server
        self._clients = clients

    @classmethod
    async def open(cls, vehicle: SimVehicle, host: str, port: int) -> "TcpPort":
        """Listen; a port in use raises `OSError` that names it."""
        loop = asyncio.get_running_loop()
        clients: set[_TcpClient] = set()
        try:
            server = await loop.create_server(lambda: _TcpClient(vehicle, clients), host, port)
        except OSError as error:
            raise OSError(
                error.errno,
                f"vehicle {vehicle.config.sysid} cannot listen on {host}:{port}: {error.strerror}",
            ) from error
        return cls(server, clients)

    @property
    def port(self) -> int:
        """The port it listens on (of use after asking for port 0)."""
        return self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Stop listening and drop the clients."""
        self._server.close()
        for client in list(self._clients):
            client.drop()
