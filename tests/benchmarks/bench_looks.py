"""One look by stage and backend on one core, beside ultralytics' own `predict()`, in one run.

`BENCH_COCO=FILE.json` adds the COCO model that ours was made from (what `vision.training.export`
writes without `--smoke` and `--lying`), `BENCH_ULTRALYTICS=FILE.pt` the same weights by ultralytics
(extra `train`): these two do the same work.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator

from tests.benchmarks.__main__ import Row
from vision.backends import installed
from vision.registry import DEFAULT_MODEL

WITHIN_S = 300


def rows() -> Iterator[Row]:
    """Measure and yield (name, measured, unit, budget)."""
    subjects = [(backend, DEFAULT_MODEL, "shipped model") for backend in installed()]
    if coco := os.environ.get("BENCH_COCO"):
        subjects += [(backend, coco, "COCO") for backend in installed()]
    if weights := os.environ.get("BENCH_ULTRALYTICS"):
        subjects.append(("ultralytics", weights, "COCO"))
    for backend, model, name in subjects:
        command = [sys.executable, "-m", "tests.benchmarks.look_cost", backend, model]
        done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=WITHIN_S)
        told = json.loads(done.stdout.splitlines()[-1])
        for stage, ms in told["stages_ms"].items():
            yield f"{name}, {backend}: {stage}", ms, "ms", "-"
        yield f"{name}, {backend}: memory of the process", told["peak_mib"], "MiB", "-"
