"""Long seeded walks over the machine of `test_link_properties`, for faults that need many steps."""

import random

import pytest

from tests.contract.test_link_properties import LinkMachine

STEPS = 300


def walk(seed: int) -> LinkMachine:
    """Run one walk with its promises checked after every step, and end it on a good network."""
    rng = random.Random(seed)
    machine = LinkMachine()
    machine.clocks(rng.choice([0, 86_400_000, -86_400_000]))
    machine.sign_in()

    def order() -> None:
        if machine.server and machine.server.signed_in:
            machine.order(rng.randint(-1_000, 20_000), rng.randint(1, 2))

    def order_again() -> None:
        if machine.orders and machine.server and machine.server.signed_in:
            machine.order_again(rng.randrange(1_000))

    def sign_in() -> None:
        if not (machine.server and machine.server.signed_in):
            machine.sign_in()

    steps = {
        lambda: machine.record(rng.choice([1, 30, 3_000, 90_000])): 4,
        lambda: machine.telemetry(rng.choice(["XS-U1", "XS-U2"])): 6,
        machine.send: 10,
        machine.commit: 6,
        lambda: machine.deliver(rng.randrange(1_000), rng.randint(1, 4)): 10,
        lambda: machine.lose(rng.randrange(1_000)): 3,
        lambda: machine.duplicate(rng.randrange(1_000)): 4,
        lambda: machine.disturb(rng.randrange(1_000), rng.choice(["", "[[", "{}"])): 1,
        lambda: machine.pass_time(rng.choice([1, 40, 700, 11_000])): 3,
        order: 2,
        order_again: 1,
        sign_in: 4,
        lambda: machine.break_down(
            rng.choice(["cut", "node crash", "command post crash", "half open"])
        ): 1,
    }
    try:
        for step in rng.choices(list(steps), weights=list(steps.values()), k=STEPS):
            step()
            machine.nothing_left_the_outbox_before_the_commit()
            machine.orders_are_carried_out_once()
    finally:
        machine.teardown()
    return machine


@pytest.mark.parametrize("seed", range(25))
def test_a_long_walk_keeps_every_promise(seed: int) -> None:
    machine = walk(seed)
    assert len(machine.store) >= len(machine.promised) > 0
