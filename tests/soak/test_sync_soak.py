"""A thousand histories of handhelds under every fault: `make soak`, or SOAK_RUNS=N of them."""

import os

import pytest

from tests.soak.sync_machine import run_machines

RUNS = int(os.environ.get("SOAK_RUNS", "1000"))
PARTS = min(20, RUNS)
"""Each part has a command post of its own, so that two can run beside each other."""


@pytest.mark.parametrize("part", range(PARTS))
def test_nothing_is_lost_or_doubled_and_all_converge(part: int) -> None:
    run_machines(RUNS // PARTS + (part < RUNS % PARTS), steps=15)
