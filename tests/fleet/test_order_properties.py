"""Random interleavings of orders: none reaches a wrong aircraft, no stop is ever overridden."""

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from field_api.contract.messages import PauseVehicle, ResumeVehicle, ReturnVehicle
from tests.fleet.order_machine import OrderMachine
from tests.fleet.order_world import IDS, OrderWorld


def test_the_world_flies_as_ordered() -> None:
    """What the walks prove is worth something only if orders do what they say in this world."""
    machine = OrderMachine()
    machine.world = world = OrderWorld(1)
    try:
        for vehicle_id in IDS:
            machine.fly(vehicle_id, 20)
            assert world.models[vehicle_id].takeoffs == 1
            assert world.models[vehicle_id].mode == "AUTO"
        machine.fly_to(IDS[0])
        world.pass_time(10)
        assert world.models[IDS[0]].mode == "GUIDED"
        (resumed,) = world.give(ResumeVehicle(vehicle_id=IDS[0]))
        world.pass_time(5)
        assert world.answers[resumed].outcome == "done"
        machine.retask(IDS[0])
        world.pass_time(20)
        assert world.models[IDS[0]].mode == "AUTO"
        world.kill_node(1.0)
        world.pass_time(5)
        (held,) = world.give(PauseVehicle(vehicle_id=IDS[0]))
        (home,) = world.give(ReturnVehicle(vehicle_id=IDS[1]))
        world.pass_time(60)
        assert world.answers[held].outcome == world.answers[home].outcome == "done"
        assert world.models[IDS[0]].mode == "BRAKE"
        assert not world.models[IDS[1]].armed
    finally:
        world.close()


def test_no_walk_of_orders_breaks_a_promise() -> None:
    run_state_machine_as_test(
        OrderMachine,
        settings=settings(
            max_examples=6,
            stateful_step_count=12,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
