"""No simulated vehicle takes a port of the fleet's endpoints, however many fly."""

import contextlib
import socket
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from field_api.contract.scenario import load_scenario
from sim.demo.command_line import python_words
from sim.demo.options import DemoOptions
from sim.demo.preflight import check_ports
from sim.demo.vehicle_ports import vehicle_tcp_ports
from sim.scenario import DEFAULT_SCENARIO


@given(st.integers(1, 60_000), st.integers(0, 30), st.integers(1, 65_000))
def test_vehicles_and_endpoints_never_meet(first: int, count: int, router_port: int) -> None:
    ports = vehicle_tcp_ports(first, count, router_port)
    taken = {port + offset for port in ports for offset in range(10)}
    assert len(taken) == 10 * count
    assert taken.isdisjoint(router_port + sysid for sysid in range(1, 251))
    assert all((port - first) % 10 == 0 for port in ports)


def test_the_first_two_stay_where_the_real_sitl_has_them() -> None:
    assert vehicle_tcp_ports(5760, 4, 5780) == [5760, 5770, 6040, 6050]


@pytest.mark.parametrize("vehicles", [2, 3, 10])
def test_the_demo_wants_no_port_twice(vehicles: int, tmp_path: Path) -> None:
    options = DemoOptions(DEFAULT_SCENARIO, tmp_path, vehicles=vehicles)
    wanted = [
        (port.protocol, port.number) for port in options.ports(load_scenario(DEFAULT_SCENARIO))
    ]
    assert len(set(wanted)) == len(wanted)


def test_a_port_wanted_twice_is_told(tmp_path: Path) -> None:
    options = DemoOptions(DEFAULT_SCENARIO, tmp_path, port=5770)
    problems = check_ports(options.ports(load_scenario(DEFAULT_SCENARIO)))
    texts = [problem.text_en for problem in problems]
    assert any(
        "TCP port 5770 is wanted twice, for console and API and MAVLink of" in t for t in texts
    )


def test_the_simulator_names_a_taken_port_and_the_way_out() -> None:
    with contextlib.closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        words = ["sim", "--server", "", "--sitl-port", str(port), "--cameras", "0"]
        ended = subprocess.run(
            python_words(words), capture_output=True, text=True, timeout=60, check=False
        )
    assert ended.returncode == 2
    assert f"TCP port {port} (MAVLink of" in ended.stderr
    assert "--sitl-port" in ended.stderr
    assert "已被占用" in ended.stderr
