"""A flight over two links: the radio goes silent during the upload and in the air."""

from pathlib import Path

import pytest

from field_api.contract.messages import (
    CommandOutcome,
    LinkState,
    PauseVehicle,
    ResumeVehicle,
    ReturnVehicle,
    StartSortie,
    UploadSortie,
    VehicleState,
)
from tests.fleet.flight_line import flight_line, search_plan

pytestmark = [pytest.mark.slow, pytest.mark.serial]

ID = "XS-U2"


def _way(state: VehicleState) -> str:
    return next((way.link for way in state.ways if way.active), "")


@pytest.mark.parametrize("kind", ["simulated", "arducopter"])
async def test_a_sortie_is_flown_though_its_radio_falls_silent(kind: str, tmp_path: Path) -> None:
    # The real one speaks MAVLink 1 on its further ports unless told otherwise, and takes no fence.
    version = {"SERIAL1_PROTOCOL": 2} if kind == "arducopter" else {}
    async with flight_line(kind, tmp_path, two_ways=True, parameters=version) as line:
        radio, _ = line.proxies
        plan = search_plan()
        sortie = plan.sorties[0]
        await line.until(
            lambda s: s.position_ok and s.prearm_ok and len(s.ways) == 2 and _way(s) == "radio",
            within_s=120,
        )
        # The radio stalls as the upload begins: it goes on over the mobile network.
        radio.stall()
        upload = UploadSortie(vehicle_id=ID, sortie=sortie, checks=plan.checks)
        uploaded = await line.order(upload, within_s=120)
        assert uploaded.outcome is CommandOutcome.DONE, uploaded.text
        await line.until(lambda s: _way(s) == "mobile")
        # What was held arrives now, all of it old.
        radio.resume()
        await line.until(lambda s: _way(s) == "radio", within_s=60)

        started = await line.order(StartSortie(vehicle_id=ID, sortie_id=sortie.id))
        assert started.outcome is CommandOutcome.DONE, started.text
        await line.until(lambda s: (s.altitude_relative_m or 0) > 20)
        radio.stall()
        held = await line.order(PauseVehicle(vehicle_id=ID))
        assert held.outcome is CommandOutcome.DONE, held.text
        state = line.node.state(ID)
        assert state is not None
        assert (state.mode, state.link) == ("BRAKE", LinkState.LIVE)
        went_on = await line.order(ResumeVehicle(vehicle_id=ID))
        assert went_on.outcome is CommandOutcome.DONE, went_on.text
        home = await line.order(ReturnVehicle(vehicle_id=ID))
        assert home.outcome is CommandOutcome.DONE, home.text
        # The old orders of the radio, the hold among them, must not be carried out now.
        seen = len(line.states)
        radio.resume()
        await line.until(lambda s: s.sortie_state == "returned", within_s=240)
        modes = {s.mode for s in line.states[seen:] if s.armed}
        assert modes <= {"RTL", "LAND"}
        assert not any(s.link is LinkState.LOST for s in line.states[20:])
        assert not any(s.failsafe for s in line.states), "the ground station was never silent"
        assert all(s.doubt in (None, "checking") for s in line.states)
