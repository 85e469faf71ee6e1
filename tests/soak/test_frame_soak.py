"""Ten million mutated frames stop no link and raise nothing out of the receive path."""

import os

import pytest

from tests.soak.frame_fuzz import fuzz

FRAMES = int(os.environ.get("FUZZ_FRAMES", "10000000"))
"""Of both workers together."""
WORKERS = 2
FRAME_S = 0.001
"""Patience, far more than a frame takes."""


@pytest.mark.timeout(60 + FRAMES * FRAME_S)
@pytest.mark.parametrize("worker", range(WORKERS))
async def test_mutated_frames_stop_no_link(worker: int) -> None:
    fuzzing = await fuzz(FRAMES // WORKERS, seed=20_261_129 + worker)
    print(f"{FRAMES // WORKERS} frames, {fuzzing.believed} of them whole")
    assert not fuzzing.raised
