# pyright: reportMissingImports=false
# (the `train` extra is not installed where the product runs)
"""What one look costs, stage by stage, in a process of its own on one core.

    python -m tests.benchmarks.look_cost onnxruntime|openvino CARD
    python -m tests.benchmarks.look_cost ultralytics WEIGHTS.pt

prints one JSON object: median milliseconds by stage, and the process' highest memory before and
after the network was loaded. A process of its own, since memory that one network took another
would find. ultralytics runs its own `predict()`, with the stages it reports itself.
"""

import json
import os
import resource
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

LOOKS = 15
PICTURE = (720, 1280)

Picture = NDArray[np.uint8]


def _picture() -> Picture:
    """A picture with texture: an empty one costs the decoders nothing."""
    coarse = np.random.default_rng(1).integers(0, 255, (72, 128, 3), np.uint8)
    return np.kron(coarse, np.ones((10, 10, 1), np.uint8)).astype(np.uint8)


def _mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _medians(look: Callable[[], dict[str, float]]) -> dict[str, float]:
    taken: dict[str, list[float]] = defaultdict(list)
    for number in range(LOOKS + 2):
        for stage, ms in look().items():
            if number >= 2:  # the first ones fill caches
                taken[stage].append(ms)
    return {stage: round(float(np.median(ms)), 2) for stage, ms in taken.items()}


def _timed(work: Callable[[], object]) -> float:
    began_s = time.perf_counter()
    work()
    return (time.perf_counter() - began_s) * 1000


def ours(backend: str, card: str) -> dict[str, float]:
    """Stages of `vision.detector`: the network's own time is taken inside of it."""
    from vision.backends import BackendName
    from vision.detector import Detector, input_size, letterbox
    from vision.registry import load_card

    detector = Detector(load_card(card), 1, backend=cast(BackendName, backend))
    picture = _picture()
    network = detector._network  # pyright: ignore[reportPrivateUsage]
    run, inside = network.run, [0.0]

    def timed_run(pictures: NDArray[np.float32]) -> NDArray[np.float32]:
        began_s = time.perf_counter()
        output = run(pictures)
        inside[0] = (time.perf_counter() - began_s) * 1000
        return output

    network.run = timed_run
    size = input_size((PICTURE[1], PICTURE[0]), detector.budget, detector.card.flexible)

    def look() -> dict[str, float]:
        fitted = _timed(lambda: letterbox(picture, *size))
        whole = _timed(lambda: detector.detect(picture))
        return {
            "whole": whole,
            "network": inside[0],
            "letterbox": fitted,
            "rest": whole - inside[0] - fitted,
        }

    return _medians(look)


def theirs(weights: str) -> dict[str, float]:
    """ultralytics' own `predict()` on one thread at the width of our usual look."""
    import torch
    from ultralytics import YOLO
    from ultralytics.nn.autobackend import AutoBackend

    torch.set_num_threads(1)
    # On a processor it only imports torchvision, whose place its own code takes where it is absent.
    cast(Any, AutoBackend).warmup = lambda *_, **__: None
    model: Any = YOLO(weights)
    picture = np.ascontiguousarray(_picture()[..., ::-1])

    def look() -> dict[str, float]:
        found: list[Any] = []
        whole = _timed(
            lambda: found.extend(model.predict(picture, imgsz=960, conf=0.25, verbose=False))
        )
        speed = found[0].speed
        return {
            "whole": whole,
            "network": speed["inference"],
            "letterbox": speed["preprocess"],
            "rest": whole - speed["inference"] - speed["preprocess"],
        }

    return _medians(look)


def main(backend: str, model: str) -> None:
    """Measure one and print it."""
    os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[-1]})
    before = _mib()
    stages = theirs(model) if backend == "ultralytics" else ours(backend, model)
    print(json.dumps({"stages_ms": stages, "before_mib": before, "peak_mib": _mib()}))


if __name__ == "__main__":
    main(*sys.argv[1:])
