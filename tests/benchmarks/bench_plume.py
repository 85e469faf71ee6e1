"""A plume that begins at the horizon of a fixed camera: minutes from ignition to the alert.

`BENCH_PLUME=FOLDER` names pictures `UNIXSECOND_SECONDS.jpg`, seconds before (-) or after (+) the
ignition; without it nothing is measured. Each picture is looked at as often as a node would have in
a few seconds, so that the vote over several looks can't be what is missing.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.__main__ import Row
from vision.alerts import AlertLedger
from vision.analysis import Look, StreamAnalysis
from vision.detector import Detector
from vision.registry import DEFAULT_MODEL, load_card
from vision.slow_watch import SlowWatch

NAME = re.compile(r"(\d+)_([+-]\d+)")
LOOKS = 14
BUDGET_MIN = 15


def _slow_alerts_s(pictures: list[Path]) -> list[int]:
    """Seconds after ignition of each alert of the comparison over minutes."""
    watch = SlowWatch()
    alerts: list[int] = []
    for path in pictures:
        unix_s, after_s, rgb = _read(path)
        alerts += [after_s for _ in watch.look(rgb, unix_s * 1000)]
    return alerts


def _read(path: Path) -> tuple[int, int, NDArray[np.uint8]]:
    named = NAME.match(path.stem)
    image = cv2.imread(str(path))
    if named is None or image is None:
        raise ValueError(f"{path}: no picture named UNIXSECOND_SECONDS.jpg")
    rgb = np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), np.uint8)
    return int(named[1]), int(named[2]), rgb


def _alerts_s(pictures: list[Path], width_px: int) -> list[int]:
    """Seconds after ignition of each alert of smoke."""
    detector = Detector(load_card(DEFAULT_MODEL), width_px=width_px)
    analysis = StreamAnalysis("mast", None, detector.card, AlertLedger(), None)
    alerts: list[int] = []
    for path in pictures:
        unix_s, after_s, rgb = _read(path)
        boxes = [box for box in detector.detect(rgb) if box.label == "smoke"]
        for number in range(LOOKS):
            t_ms = unix_s * 1000 + number * 333
            look = Look(rgb, t_ms, t_ms * 90 % 2**33, boxes, None)
            alerts += [after_s for one in analysis.look(look)[1] if one.label == "smoke"]
    return alerts


def rows() -> Iterator[Row]:
    """Measure and yield (name, measured, unit, budget)."""
    folder = os.environ.get("BENCH_PLUME")
    if folder is None:
        return
    pictures = sorted(Path(folder).glob("*.jpg"))
    for how, alerts in (
        ("slow comparison", _slow_alerts_s(pictures)),
        *((f"network at {width_px} px", _alerts_s(pictures, width_px)) for width_px in (960, 3072)),
    ):
        first_min = min((s for s in alerts if s >= 0), default=float("nan")) / 60
        name = f"plume at the horizon, {how}"
        missed = not first_min <= BUDGET_MIN
        yield f"{name}: ignition to the alert (nan: none)", first_min, "min", "15 min", missed
        early = sum(s < 0 for s in alerts)
        yield f"{name}: alerts before the ignition", early, "", "0", early > 0
