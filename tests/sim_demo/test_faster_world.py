"""A world that runs faster than its ground station: silence is measured on the wall's clock."""

import pytest

from field_api.contract.scenario import load_scenario
from mission_plans.ground.terrain_files import demo_terrain
from sim.flight import vehicle_configs
from sim.scenario import DEFAULT_SCENARIO
from sim.vehicle import Mode
from tests.sim_vehicle.cockpit import Cockpit


def flying(speedup: float) -> Cockpit:
    scenario = load_scenario(DEFAULT_SCENARIO)
    (config,) = vehicle_configs(scenario, demo_terrain(), 14550, [5760], speedup)
    cockpit = Cockpit(parameters={**config.parameters, "FS_GCS_ENABLE": 1})
    cockpit.fly_search(seconds=15.0)
    cockpit.heartbeats = False
    return cockpit


@pytest.mark.parametrize("speedup", [1.0, 4.0, 10.0])
def test_a_ground_station_that_is_late_is_not_lost_and_one_that_is_gone_is(speedup: float) -> None:
    """The story's drones turned home at 4 x: a heartbeat a second left them 0.25 s to be late."""
    cockpit = flying(speedup)
    cockpit.run(3.0 * speedup)
    assert cockpit.when("GCS Failsafe") is None
    cockpit.run(3.5 * speedup)
    assert cockpit.when("GCS Failsafe") is not None
    assert cockpit.mode == Mode.RTL
