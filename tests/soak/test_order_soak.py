"""Long walks of orders through every fault: `make soak`."""

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.fleet.order_machine import OrderMachine


def test_no_long_walk_of_orders_breaks_a_promise() -> None:
    run_state_machine_as_test(
        OrderMachine,
        settings=settings(
            max_examples=400,
            stateful_step_count=40,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
