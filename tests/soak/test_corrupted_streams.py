"""A thousand corrupted streams: no crash, no stall, no alert from damage."""

import os
from pathlib import Path

import numpy as np
import pytest

from tests.vision.corrupted import DAMAGES, FILM, alerts_of, played
from vision.detector import Detector
from vision.registry import DEFAULT_MODEL, load_card

STREAMS = int(os.environ.get("CORRUPTED_STREAMS", "1000"))
"""Of both workers together."""
WORKERS = 2
STREAM_S = 30
"""Patience, far more than a stream takes."""


@pytest.mark.timeout(120 + STREAMS * STREAM_S)
@pytest.mark.parametrize("worker", range(WORKERS))
def test_corrupted_streams_end_and_alert_nobody(worker: int, tmp_path: Path) -> None:
    film = np.frombuffer(FILM.read_bytes(), np.uint8)
    detector = Detector(load_card(DEFAULT_MODEL))
    path = tmp_path / "damaged.ts"
    shown = 0
    for number in range(worker, STREAMS, WORKERS):
        draw = np.random.default_rng(number)
        path.write_bytes(DAMAGES[number // WORKERS % len(DAMAGES)](draw, film.copy()).tobytes())
        recorder = played(path)
        shown += len(recorder.frames)
        assert alerts_of(recorder, detector) == [], f"stream {number}"
    print(f"{len(range(worker, STREAMS, WORKERS))} streams, {shown} pictures handed out")
