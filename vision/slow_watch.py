"""A thin plume at the horizon of a camera that stands still: minutes are compared, not seconds.

No network finds it: it has a few pixels and hardly a contrast. But a slope and the haze above it
change little in half an hour, so a picture every three minutes is laid against the median of those
before. What stands out from how much that part of the picture usually varies, close above or below
the skyline, is a candidate; from then on it is compared with the background as it was before. A
cloud drifts off its place, light on a slope does not grow; smoke keeps its foot and grows.
"""

from collections import deque
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["Plume", "SlowRules", "SlowWatch", "skyline"]

Picture = NDArray[np.float32]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class SlowRules:
    """When something at the horizon is called. Sizes in pixels of a picture `width_px` wide."""

    every_ms: int = 180_000
    width_px: int = 1024
    history: int = 9
    """Pictures of which the background is made."""
    least_history: int = 6
    lag: int = 1
    """Newest pictures that are not yet background: what has just begun is not."""
    high: float = 2.0
    """How often its usual variation a candidate stands out."""
    low: float = 1.2
    """The same of what belongs to a candidate, and of its growth."""
    floor: float = 2.0
    """Grey levels by which even the stillest part varies."""
    least_px: int = 40
    widest_px: int = 80
    tallest_px: int = 60
    """Larger to begin with is weather."""
    above_skyline: float = 0.08
    """How far above the skyline its foot may be, of the picture's height: ranges in haze."""
    pictures: int = 3
    """After that of the candidate, before it is called."""
    stays: float = 0.3
    """Part of the candidate's own place that still stands out in each of them."""
    grows: float = 1.3
    """What its area reaches, beside the candidate's."""
    most_shift_px: float = 1.5
    """A camera that turned more sees another picture."""
    apart_px: int = 40
    """Nearer to one that is followed, or was called, is part of it."""
    silent_ms: int = 3_600_000
    """How long a called one speaks for what is near it."""
    darkest: float = 30.0
    """Mean grey level below which nothing can be seen."""


@dataclass(frozen=True, slots=True)
class Plume:
    """Smoke that began at the horizon; fractions of the picture."""

    first_seen_ms: int
    x: float
    y: float
    w: float
    h: float
    stays: float
    """Part of its first place that stood out all the time."""
    pictures: int


@dataclass
class _Candidate:
    t_ms: int
    place: Mask
    foot: tuple[int, int, int, int]
    """Rows and columns in which its foot must stay: top, bottom, left, right."""
    area: int
    median: Picture
    usual: Picture
    box: tuple[int, int, int, int]
    """Left, top, right, bottom of all that belongs to it now."""
    areas: list[int] = field(default_factory=list[int])
    stays: list[float] = field(default_factory=list[float])


class SlowWatch:
    """Watches one fixed camera. Not thread-safe; a call costs some 0.1 s every three minutes."""

    def __init__(self, rules: SlowRules | None = None) -> None:
        self._rules = rules or SlowRules()
        self._pictures: deque[Picture] = deque(maxlen=self._rules.history + self._rules.lag)
        self._candidates: list[_Candidate] = []
        self._called: list[tuple[int, tuple[int, int, int, int]]] = []
        """When and where."""
        self._taken_ms: int | None = None

    def due(self, t_ms: int) -> bool:
        """Whether a picture of this moment is wanted; most are not."""
        return self._taken_ms is None or not 0 <= t_ms - self._taken_ms < self._rules.every_ms

    def look(self, image_rgb: NDArray[np.uint8], t_ms: int) -> list[Plume]:
        """Take a picture if one is due; return what is smoke by now."""
        if not self.due(t_ms):
            return []
        rules, taken_ms = self._rules, self._taken_ms
        self._taken_ms = t_ms
        if taken_ms is not None and not 0 <= t_ms - taken_ms <= 3 * rules.every_ms:
            self._begin_anew()
        height = round(image_rgb.shape[0] * rules.width_px / image_rgb.shape[1])
        small = cv2.resize(image_rgb, (rules.width_px, height), interpolation=cv2.INTER_AREA)
        grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32)
        if float(grey.mean()) < rules.darkest:
            self._begin_anew()
            return []
        picture = _flattened(grey)
        if self._pictures and self._moved(picture):
            self._begin_anew()
        called = self._follow(picture, t_ms)
        self._pictures.append(picture)
        if len(self._pictures) >= rules.least_history + rules.lag:
            self._candidates += self._found(picture, np.asarray(small, np.uint8), t_ms)
        return [self._plume(candidate, picture.shape) for candidate in called]

    def _begin_anew(self) -> None:
        """The camera moved, saw nothing, or what it saw is too old."""
        self._pictures.clear()
        self._candidates.clear()

    def _moved(self, picture: Picture) -> bool:
        (dx, dy), _ = cv2.phaseCorrelate(self._pictures[-1], picture)
        return bool(np.hypot(dx, dy) > self._rules.most_shift_px)

    def _found(self, picture: Picture, small: NDArray[np.uint8], t_ms: int) -> list[_Candidate]:
        rules = self._rules
        before = np.stack(list(self._pictures)[: -rules.lag])
        median = np.asarray(np.median(before, axis=0), np.float32)
        varied = np.max(np.abs(before - median), axis=0)
        # Neighbours count too: what drifts here next is drifting beside it now.
        usual = cv2.dilate(cv2.GaussianBlur(varied, (0, 0), 3), np.ones((9, 25)))
        score = _score(picture, median, np.asarray(usual, np.float32), rules.floor)
        edge = skyline(small)
        _, wide, areas, _ = _parts(score, rules.low)
        count, marks, strict, _ = _parts(score, rules.high)
        height = picture.shape[0]
        found: list[_Candidate] = []
        taken = [one.box for one in self._candidates] + [box for _, box in self._called]
        for number in range(1, count):
            x, y, w, h, area = (int(value) for value in strict[number])
            if area < rules.least_px or w > rules.widest_px or h > rules.tallest_px:
                continue
            foot_y = y + h
            if foot_y < float(np.min(edge[x : x + w])) - rules.above_skyline * height:
                continue
            place = np.asarray(marks == number, np.bool_)
            box = (x, y, x + w, y + h)
            if any(_near(box, other, rules.apart_px) for other in taken):
                continue
            taken.append(box)
            whole = sum(int(areas[k][4]) for k in set(np.unique(wide[place]).tolist()) - {0})
            foot = (max(0, y + h // 2 - 4), foot_y + 8, max(0, x - 8), x + w + 8)
            found.append(
                _Candidate(t_ms, place, foot, whole, median, np.asarray(usual, np.float32), box)
            )
        return found

    def _follow(self, picture: Picture, t_ms: int) -> list[_Candidate]:
        """Compare every candidate with its own background; return those that are smoke by now."""
        rules = self._rules
        called: list[_Candidate] = []
        going: list[_Candidate] = []
        for candidate in self._candidates:
            score = _score(picture, candidate.median, candidate.usual, rules.floor)
            _, marks, stats, _ = _parts(score, rules.low)
            top, bottom, left, right = candidate.foot
            parts = set(np.unique(marks[top:bottom, left:right]).tolist()) - {0}
            candidate.areas.append(sum(int(stats[k][4]) for k in parts))
            stays = float(((marks > 0) & candidate.place).sum() / candidate.place.sum())
            candidate.stays.append(stays)
            if stays < rules.stays or candidate.areas[-1] < 0.8 * candidate.area:
                continue
            candidate.box = _around(stats, parts)
            if len(candidate.areas) < rules.pictures:
                going.append(candidate)
            elif max(candidate.areas) >= rules.grows * candidate.area:
                called.append(candidate)
        self._candidates = going
        self._called = [
            *((at, box) for at, box in self._called if t_ms - at < rules.silent_ms),
            *((t_ms, candidate.box) for candidate in called),
        ]
        return called

    def _plume(self, candidate: _Candidate, shape: tuple[int, ...]) -> Plume:
        height, width = shape[:2]
        left, top, right, bottom = candidate.box
        return Plume(
            candidate.t_ms,
            left / width,
            top / height,
            (right - left) / width,
            (bottom - top) / height,
            min(candidate.stays),
            1 + len(candidate.areas),
        )


def skyline(image_rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return for each column the row at which bright sky ends: where the two parts differ most."""
    bright = cv2.GaussianBlur(image_rgb, (0, 0), 2)[..., 2].astype(np.float64)
    height = bright.shape[0]
    above = np.cumsum(bright, axis=0)
    rows = np.arange(1, height + 1)[:, None]
    below = above[-1] - above
    step = above / rows - below / np.maximum(1, height - rows)
    apart = rows * (height - rows) * step**2 * (step > 0)
    margin = height // 20
    edge = np.argmax(apart[margin : height - margin], axis=0) + margin
    return np.asarray(cv2.medianBlur(edge.astype(np.float32)[None], 5)[0], np.float32)


def _flattened(grey: Picture) -> Picture:
    """Take away what varies slowly over the picture: light and haze."""
    return np.asarray(
        cv2.GaussianBlur(grey - cv2.GaussianBlur(grey, (0, 0), 25), (0, 0), 1.5), np.float32
    )


def _near(one: tuple[int, int, int, int], other: tuple[int, int, int, int], apart_px: int) -> bool:
    return (
        one[0] - apart_px < other[2]
        and other[0] - apart_px < one[2]
        and one[1] - apart_px < other[3]
        and other[1] - apart_px < one[3]
    )


def _score(picture: Picture, median: Picture, usual: Picture, floor: float) -> Picture:
    return np.asarray(np.abs(picture - median) / (usual + floor), np.float32)


def _parts(
    score: Picture, least: float
) -> tuple[int, NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]:
    mask = cv2.morphologyEx((score > least).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((5, 5)))
    return cv2.connectedComponentsWithStats(mask)  # type: ignore[return-value]


def _around(stats: NDArray[np.int32], parts: set[int]) -> tuple[int, int, int, int]:
    """Return left, top, right, bottom around some parts."""
    boxes = [tuple(int(value) for value in stats[k][:4]) for k in parts]
    return (
        min(x for x, _, _, _ in boxes),
        min(y for _, y, _, _ in boxes),
        max(x + w for x, _, w, _ in boxes),
        max(y + h for _, y, _, h in boxes),
    )
