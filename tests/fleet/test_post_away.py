"""The command post is gone while an aircraft flies: nothing changes in the air, nothing is lost."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import pytest_asyncio

from field_api.contract.messages import CommandOutcome, StartSortie, UploadSortie
from tests.fleet.flight_line import FlightLine, flight_line, search_plan
from tests.sim_vehicle.peer import Peer

pytestmark = [pytest.mark.slow, pytest.mark.serial]

ID = "XS-U2"
AUTO = 3


@pytest_asyncio.fixture(params=["simulated", "arducopter"])
async def line(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[FlightLine]:
    async with flight_line(request.param, tmp_path) as running:
        yield running


@pytest_asyncio.fixture
async def witness(line: FlightLine) -> AsyncGenerator[Peer]:
    """Sees the aircraft past the node, and says nothing that it could take for a ground station."""
    peer = Peer(2)
    peer.heartbeats = False
    yield peer
    await peer.close()


async def test_a_flight_goes_on_without_its_command_post(line: FlightLine, witness: Peer) -> None:
    plan = search_plan()
    sortie = plan.sorties[0]
    await line.until(lambda s: s.position_ok and s.prearm_ok, within_s=90)
    upload = UploadSortie(vehicle_id=ID, sortie=sortie, checks=plan.checks)
    assert (await line.order(upload)).outcome is CommandOutcome.DONE
    started = await line.order(StartSortie(vehicle_id=ID, sortie_id=sortie.id))
    assert started.outcome is CommandOutcome.DONE, started.text
    await line.until(lambda s: s.mode == "AUTO" and (s.mission_seq or 0) >= 3)
    await witness.connect(line.second_port)
    await witness.until(lambda: bool(witness.modes))

    await line.post.stop()
    await witness.until(lambda: not witness.armed, sim_s=1200, wall_s=300)
    # Its mission brings it home and down.
    assert {mode for _, mode, _ in witness.modes} == {AUTO}

    def told(state: str) -> int:
        return sum(f'"{state}"' in b for b in line.post.bodies if '"sortie_event"' in b)

    assert told("returned") == 0
    await line.post.start(line.post_port)
    await line.post.wait_for(lambda: told("returned") == 1)
    assert told("returning") == 1
