"""Which TCP ports the simulated vehicles listen on."""

from field_api.contract.scenario import Scenario
from sim.demo.ports import Port
from sim.vehicle.port_block import BLOCK_SIZE

__all__ = ["SECOND_PORT_OFFSET", "ports_of_vehicles", "vehicle_tcp_ports"]

SECOND_PORT_OFFSET = 2
"""From a vehicle's first port to its second, as ArduCopter SITL has them."""
_MOST_SYSTEM_ID = 250


def vehicle_tcp_ports(first: int, count: int, router_port: int) -> list[int]:
    """Return each vehicle's first port: `first` and ten more each, like the real SITL's instances.

    The fleet serves other programs at `router_port` plus a system id, whichever it is: blocks of
    ten among those are left out, so that no vehicle takes an endpoint's port.
    """
    endpoints = range(router_port + 1, router_port + _MOST_SYSTEM_ID + 1)
    ports: list[int] = []
    port = first
    while len(ports) < count:
        if port + BLOCK_SIZE <= endpoints.start or port >= endpoints.stop:
            ports.append(port)
        port += BLOCK_SIZE
    return ports


def ports_of_vehicles(
    scenario: Scenario, vehicles: int, sitl_port: int, router_port: int
) -> list[Port]:
    """Return every port that the simulated vehicles open."""
    crafts = scenario.flying(vehicles)
    first_ports = vehicle_tcp_ports(sitl_port, len(crafts), router_port)
    return [
        Port(
            "tcp",
            port + offset,
            f"MAVLink of {craft.id}",
            f"{craft.id} 的 MAVLink",
            "--sitl-port",
            "XUNSHAN_SITL_PORT",
        )
        for craft, port in zip(crafts, first_ports, strict=True)
        for offset in (0, SECOND_PORT_OFFSET)
    ]
