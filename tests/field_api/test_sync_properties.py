"""A few histories of handhelds under faults; `make soak` runs a thousand (tests/soak)."""

import pytest

from tests.soak.fault_proxy import Fault, Step, steps_of
from tests.soak.sync_machine import run_machines


@pytest.mark.parametrize("fault", list(Fault))
def test_every_fault_ends_with_an_answer_or_a_cut_line(fault: Fault) -> None:
    *_, last = steps_of(fault)
    assert last in (Step.ANSWER, Step.CUT)


@pytest.mark.slow
def test_handhelds_lose_and_double_nothing_under_faults() -> None:
    run_machines(runs=5, steps=12)
