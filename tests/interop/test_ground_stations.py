"""Ground stations at the node's endpoints: a stock QGroundControl's sequence, MAVSDK, MAVProxy."""

import asyncio
import contextlib
import sys
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest

from field_api.contract.messages import CommandOutcome, StartSortie, UploadSortie
from fleet.mavlink import dialect
from tests.fleet.flight_line import FCP, FlightLine, flight_line, free_port, search_plan
from tests.sim_vehicle.peer import Peer

pytestmark = [pytest.mark.slow, pytest.mark.serial]

ID = "XS-U2"
KINDS = ["simulated", "arducopter"]
HEIGHT_M = 15.0


@contextlib.asynccontextmanager
async def shared(
    kind: str, folder: Path, *, commanding: bool
) -> AsyncGenerator[tuple[FlightLine, int]]:
    """A flight line and the port of a site endpoint."""
    port = free_port()
    router = {"id": "site", "url": f"tcpin:127.0.0.1:{port}", "commanding": commanding}
    async with flight_line(kind, folder, settings={"routers": [router]}) as line:
        await line.until(lambda s: s.position_ok and s.prearm_ok, within_s=120)
        yield line, port


async def _qgroundcontrol(peer: Peer) -> int:
    """What it does on connecting; returns how many parameters came."""
    assert await peer.command(dialect.MAV_CMD_REQUEST_MESSAGE, 148) == 0
    await peer.until(lambda: "AUTOPILOT_VERSION" in peer.latest)
    peer.send(dialect.MAVLink_request_data_stream_message(2, 1, 0, 2, 1))
    peer.send(dialect.MAVLink_param_request_list_message(2, 0))
    await peer.until(lambda: "PARAM_VALUE" in peer.latest)

    def indices() -> set[int]:
        return {m.param_index for m in peer.messages if m.get_type() == "PARAM_VALUE"}

    total = peer.latest["PARAM_VALUE"].param_count
    # The last ones that got lost are asked for one by one, as it does.
    with contextlib.suppress(TimeoutError):
        await peer.until(lambda: len(indices() & set(range(total))) >= total, sim_s=200, wall_s=20)
    for index in sorted(set(range(total)) - indices()):
        peer.send(dialect.MAVLink_param_request_read_message(2, 1, b"", index))
    await peer.until(lambda: set(range(total)) <= indices(), sim_s=300)
    for mission_type in (0, 1, 2):
        await peer.download(mission_type)
    return total


@pytest.mark.parametrize("kind", KINDS)
async def test_a_stock_ground_station_connects_and_reads_everything_but_orders_nothing(
    kind: str, tmp_path: Path
) -> None:
    async with shared(kind, tmp_path, commanding=False) as (line, port):
        peer = Peer(2)
        peer.speak_as(254)
        await peer.connect(port)
        try:
            assert await _qgroundcontrol(peer) > 20
            # It has asked for streams in vain: ours are as they were.
            assert await peer.command(dialect.MAV_CMD_COMPONENT_ARM_DISARM, 1) == 2
            assert await peer.upload([]) == dialect.MAV_MISSION_DENIED
            state = line.states[-1]
            assert not state.armed
        finally:
            await peer.close()


@pytest.mark.parametrize("kind", KINDS)
async def test_a_commanding_client_waits_while_a_sortie_is_under_way(
    kind: str, tmp_path: Path
) -> None:
    async with shared(kind, tmp_path, commanding=True) as (line, port):
        peer = Peer(2)
        await peer.connect(port)
        try:
            guided = (dialect.MAV_CMD_DO_SET_MODE, dialect.MAV_MODE_FLAG_CUSTOM_MODE_ENABLED, 4)
            assert await peer.command(*guided) == 0, "nothing flies yet"
            plan = search_plan()
            sortie = plan.sorties[0]
            upload = UploadSortie(vehicle_id=ID, sortie=sortie, checks=plan.checks)
            assert (await line.order(upload)).outcome is CommandOutcome.DONE
            assert await peer.command(*guided) == dialect.MAV_RESULT_TEMPORARILY_REJECTED
            assert await peer.upload([]) == dialect.MAV_MISSION_DENIED
            started = await line.order(StartSortie(vehicle_id=ID, sortie_id=sortie.id))
            assert started.outcome is CommandOutcome.DONE, started.text
            await line.until(lambda s: (s.altitude_relative_m or 0) > 20)
            assert await peer.command(*guided) == dialect.MAV_RESULT_TEMPORARILY_REJECTED
            # It may look at the mission meanwhile.
            assert len(await peer.download()) > 2
            await line.until(lambda s: s.sortie_state == "returned", within_s=240)
            assert await peer.command(*guided) == 0
        finally:
            await peer.close()


async def _mavsdk_flight(port: int) -> tuple[float, int]:
    """Fly a small mission with MAVSDK; return the greatest height and how many items came back."""
    from mavsdk.asyncio import ComponentType, Configuration, Mavsdk
    from mavsdk.asyncio.plugins.action import ActionAsync
    from mavsdk.asyncio.plugins.mission_raw import MissionRawAsync
    from mavsdk.asyncio.plugins.telemetry import TelemetryAsync
    from mavsdk.plugins.mission_raw import MissionItem, MissionRawError, MissionRawResult

    def item(seq: int, command: int, north_deg: float) -> Any:
        # ArduCopter 4.0 knows no ..._INT frame in missions.
        return MissionItem(
            *(seq, 3 if seq else 0, command, 1 if seq == 0 else 0, 1, 0.0, 0.0, 0.0, 0.0),
            *(round((FCP.lat_deg + north_deg) * 1e7), round(FCP.lon_deg * 1e7)),
            *(HEIGHT_M if seq else 0.0, 0),
        )

    configuration = Configuration.create_with_component_type(ComponentType.GROUND_STATION)
    async with Mavsdk(configuration) as mavsdk:
        await mavsdk.add_any_connection(f"tcpout://127.0.0.1:{port}")
        system = await mavsdk.first_autopilot(timeout_s=30.0)
        assert system is not None
        action, mission = ActionAsync(system), MissionRawAsync(system)
        telemetry = TelemetryAsync(system)
        await telemetry.set_rate_position(2.0)
        positions = telemetry.subscribe_position()
        first = await anext(positions)
        assert abs(first.latitude_deg - FCP.lat_deg) < 1e-3
        for tries_left in range(9, -1, -1):
            try:
                await mission.upload_mission(
                    [item(0, 16, 0.0), item(1, 22, 0.0), item(2, 16, 0.0003)]
                )
                break
            except MissionRawError as error:
                # It waits a second or so and gives up: too little on a busy machine.
                if error.result is not MissionRawResult.TRANSFER_CANCELLED or not tries_left:
                    raise
        on_board = await mission.download_mission()
        await action.set_takeoff_altitude(HEIGHT_M)
        await action.arm()
        await action.takeoff()
        highest = 0.0
        async for position in positions:
            highest = max(highest, position.relative_altitude_m)
            if highest > HEIGHT_M * 0.8:
                break
        await mission.start_mission()
        async for position in positions:
            if abs(position.latitude_deg - FCP.lat_deg - 0.0003) < 4e-5:
                break
        await action.return_to_launch()
        async for position in positions:
            if position.relative_altitude_m < 1.0:
                break
        return highest, len(on_board)


@pytest.mark.parametrize("kind", KINDS)
async def test_mavsdk_flies_a_small_mission(kind: str, tmp_path: Path) -> None:
    pytest.importorskip("mavsdk")
    async with shared(kind, tmp_path, commanding=True) as (line, port), asyncio.timeout(240):
        highest, count = await _mavsdk_flight(port)
        assert count == 3
        assert highest > HEIGHT_M * 0.8
        await line.until(lambda s: not s.armed)
        farthest = max(s.lat_deg or 0 for s in line.states)
        assert farthest > FCP.lat_deg + 0.0002


async def test_mavproxy_connects_and_reads_parameters(tmp_path: Path) -> None:
    program = Path(sys.executable).with_name("mavproxy.py")
    async with shared("simulated", tmp_path, commanding=False) as (_, port):
        process = await asyncio.create_subprocess_exec(
            *(str(program), f"--master=tcp:127.0.0.1:{port}", "--non-interactive", "--aircraft=T"),
            *("--source-system=254", f"--state-basedir={tmp_path}"),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            cwd=tmp_path,
        )
        assert process.stdout is not None
        said = b""
        try:
            async with asyncio.timeout(120):
                while b"parameters" not in said:
                    line = await process.stdout.readline()
                    assert line, said
                    said += line
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        assert b"Detected vehicle 2:1" in said
