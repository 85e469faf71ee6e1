"""Follows objects from picture to picture.

The detector looks at a few pictures a second while the aircraft flies on, so a small box can move
by more than its own size between looks. Where the camera's pose is known the caller says where
each track should now be seen (`shift`); the rest is a constant-velocity filter and a two-step
match as in ByteTrack: confident boxes first, then faint ones that may only continue a track. The
same boxes always give the same tracks.
"""

import math
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from vision.detector import RawBox

__all__ = ["Shift", "Sighting", "Track", "Tracker", "TrackerRules"]

Shift = Callable[["Track"], tuple[float, float] | None]
"""How far camera motion alone moves a track's foot in the image since its last sighting."""


@dataclass(frozen=True)
class TrackerRules:
    """Named settings of the tracker."""

    start_confidence: dict[str, float] = field(
        default_factory=lambda: {"person": 0.35, "smoke": 0.3}
    )
    """A box this confident may begin a track; fainter ones only continue one."""
    gate: float = 1.6
    """Largest distance between prediction and box, in mean box diagonals."""
    slack: float = 0.015
    """Added to the gate, as a fraction of the frame's width: small boxes jitter."""
    forget_ms: int = 2500
    """A track unseen for this long is over."""
    velocity_gain: float = 0.4
    """Weight of a new residual in the velocity estimate (alpha-beta filter)."""
    memory: int = 60
    """Sightings kept per track."""


@dataclass(frozen=True)
class Sighting:
    """One look at a tracked object."""

    t_ms: int
    pts_90k: int
    box: RawBox


@dataclass
class Track:
    """One object over time; changed by the tracker only."""

    track_id: int
    label: str
    sightings: deque[Sighting]
    first_seen_ms: int
    looks: deque[bool]
    """For each look since the track began, newest last: was it seen?"""
    velocity: tuple[float, float] = (0.0, 0.0)
    """Own motion, fractions of the frame per second, camera motion taken out where known."""
    total: int = 1

    @property
    def box(self) -> RawBox:
        """The newest box."""
        return self.sightings[-1].box

    @property
    def last_seen_ms(self) -> int:
        """When it was last seen."""
        return self.sightings[-1].t_ms

    def recent(self, looks: int) -> list[Sighting]:
        """Sightings among the last `looks` looks."""
        seen = sum(list(self.looks)[-looks:])
        return list(self.sightings)[-seen:] if seen else []


class Tracker:
    """Tracks of one stream."""

    def __init__(self, rules: TrackerRules | None = None, aspect: float = 16 / 9) -> None:
        self.rules = rules or TrackerRules()
        self.aspect = aspect
        self._tracks: list[Track] = []
        self._next_id = 1

    @property
    def tracks(self) -> list[Track]:
        """Live tracks, oldest first."""
        return list(self._tracks)

    def update(
        self,
        boxes: Sequence[RawBox],
        t_ms: int,
        pts_90k: int,
        shift: Shift | None = None,
    ) -> list[Track]:
        """Take one look; returns the tracks seen in it."""
        predicted = {t.track_id: self._predict(t, t_ms, shift) for t in self._tracks}
        strong = [b for b in boxes if b.score >= self.rules.start_confidence.get(b.label, 1)]
        faint = [b for b in boxes if b not in strong]
        seen: dict[int, RawBox] = {}
        free = self._match(strong, predicted, seen)
        self._match(faint, predicted, seen)
        for track in self._tracks:
            box = seen.get(track.track_id)
            track.looks.append(box is not None)
            if box is not None:
                self._advance(track, box, predicted[track.track_id], t_ms, pts_90k)
        self._tracks = [t for t in self._tracks if t_ms - t.last_seen_ms <= self.rules.forget_ms]
        begun = [self._begin(box, t_ms, pts_90k) for box in free]
        return [t for t in self._tracks if t.track_id in seen] + begun

    def clear(self) -> None:
        """Forget all tracks; ids go on."""
        self._tracks = []

    def take_id(self) -> int:
        """Return an id for something that another way of looking follows."""
        self._next_id += 1
        return self._next_id - 1

    def _predict(self, track: Track, t_ms: int, shift: Shift | None) -> tuple[float, float]:
        moved = shift(track) if shift else None
        seconds = (t_ms - track.last_seen_ms) / 1000
        own_x, own_y = (v * seconds for v in track.velocity)
        box = track.box
        by_camera_x, by_camera_y = moved or (0.0, 0.0)
        return (
            box.x + box.w / 2 + by_camera_x + own_x,
            box.y + box.h / 2 + by_camera_y + own_y,
        )

    def _match(
        self,
        boxes: Sequence[RawBox],
        predicted: dict[int, tuple[float, float]],
        seen: dict[int, RawBox],
    ) -> list[RawBox]:
        """Nearest pairs first; returns the boxes no track wanted."""
        pairs: list[tuple[float, int, int]] = []
        for track in self._tracks:
            if track.track_id in seen:
                continue
            for index, box in enumerate(boxes):
                if box.label != track.label:
                    continue
                distance = self._distance(predicted[track.track_id], track.box, box)
                if distance is not None:
                    pairs.append((distance, track.track_id, index))
        used: set[int] = set()
        for _, track_id, index in sorted(pairs):
            if track_id not in seen and index not in used:
                seen[track_id] = boxes[index]
                used.add(index)
        return [b for i, b in enumerate(boxes) if i not in used]

    def _distance(self, at: tuple[float, float], before: RawBox, box: RawBox) -> float | None:
        """Distance in gates (0..1), None outside the gate. Heights count in widths of the frame."""
        dx = box.x + box.w / 2 - at[0]
        dy = (box.y + box.h / 2 - at[1]) / self.aspect
        diagonal = (
            math.hypot(box.w, box.h / self.aspect) + math.hypot(before.w, before.h / self.aspect)
        ) / 2
        reach = self.rules.gate * diagonal + self.rules.slack
        distance = math.hypot(dx, dy) / reach
        return distance if distance <= 1 else None

    def _advance(
        self, track: Track, box: RawBox, at: tuple[float, float], t_ms: int, pts_90k: int
    ) -> None:
        seconds = (t_ms - track.last_seen_ms) / 1000
        if seconds > 0:
            gain = self.rules.velocity_gain / seconds
            track.velocity = (
                track.velocity[0] + gain * (box.x + box.w / 2 - at[0]),
                track.velocity[1] + gain * (box.y + box.h / 2 - at[1]),
            )
        track.sightings.append(Sighting(t_ms, pts_90k, box))
        track.total += 1

    def _begin(self, box: RawBox, t_ms: int, pts_90k: int) -> Track:
        memory = self.rules.memory
        track = Track(
            track_id=self._next_id,
            label=box.label,
            sightings=deque([Sighting(t_ms, pts_90k, box)], maxlen=memory),
            first_seen_ms=t_ms,
            looks=deque([True], maxlen=memory),
        )
        self._next_id += 1
        self._tracks.append(track)
        return track
