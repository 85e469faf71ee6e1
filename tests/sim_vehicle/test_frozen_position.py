"""SIM_POS_FREEZE: a position that stands still, or isn't told, beside live heartbeats."""

import pytest

from tests.sim_vehicle.cockpit import Cockpit

PLACES = ("GLOBAL_POSITION_INT", "LOCAL_POSITION_NED", "GPS_RAW_INT")


@pytest.fixture
def cockpit() -> Cockpit:
    cockpit = Cockpit()
    cockpit.stream(*PLACES, "ATTITUDE")
    cockpit.fly_search(seconds=15.0)
    return cockpit


def test_the_same_place_is_told_with_a_fresh_time(cockpit: Cockpit) -> None:
    before = cockpit.of("GLOBAL_POSITION_INT")[-1]
    true_m = cockpit.metres()[0]
    cockpit.set("SIM_POS_FREEZE", 1)
    mark = len(cockpit.log)
    cockpit.run(15.0)
    frozen = [m for _, m in cockpit.log[mark:] if m.get_type() == "GLOBAL_POSITION_INT"]
    assert {(m.lat, m.lon, m.alt, m.vx) for m in frozen} == {
        (before.lat, before.lon, before.alt, before.vx)
    }
    assert frozen[-1].time_boot_ms - before.time_boot_ms == pytest.approx(15_000, abs=200)
    assert cockpit.metres()[0] > true_m + 20, "the vehicle itself flies on"
    kinds = [m.get_type() for _, m in cockpit.log[mark:]]
    assert kinds.count("HEARTBEAT") >= 14
    cockpit.set("SIM_POS_FREEZE", 0)
    cockpit.run(0.5)
    assert cockpit.of("GLOBAL_POSITION_INT")[-1].lat != before.lat


def test_or_no_place_is_told_at_all(cockpit: Cockpit) -> None:
    cockpit.set("SIM_POS_FREEZE", 2)
    mark = len(cockpit.log)
    cockpit.run(5.0)
    kinds = {m.get_type() for _, m in cockpit.log[mark:]}
    assert kinds.isdisjoint(PLACES)
    assert {"HEARTBEAT", "ATTITUDE"} <= kinds
