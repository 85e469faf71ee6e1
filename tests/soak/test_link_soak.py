"""A thousand walks of the field link through every fault: `make soak` (story T9)."""

import pytest

from tests.contract.test_link_chaos import walk


@pytest.mark.parametrize("seed", range(1_000, 2_000))
def test_no_durable_record_is_lost_or_doubled(seed: int) -> None:
    machine = walk(seed)
    assert machine.promised.items() <= machine.store.items()
