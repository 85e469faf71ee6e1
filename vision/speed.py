"""What a look costs on this machine, so that others can plan with it."""

import statistics
import time

import numpy as np

from vision.backends import BackendName
from vision.detector import Detector
from vision.registry import ModelCard

__all__ = ["look_cost_s"]

LOOKS = 3


def look_cost_s(
    card: ModelCard, width_px: int, threads: int = 1, backend: BackendName | None = None
) -> float:
    """Return the processor seconds of one look at a 16:9 picture.

    Of the process, not of the clock: what else the machine does changes it little.
    """
    detector = Detector(card, threads, width_px, backend)
    picture = np.zeros((720, 1280, 3), np.uint8)
    detector.detect(picture)
    costs_s: list[float] = []
    for _ in range(LOOKS):
        began_s = time.process_time()
        detector.detect(picture)
        costs_s.append(time.process_time() - began_s)
    return statistics.median(costs_s)
