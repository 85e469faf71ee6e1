"""Turns looks at one stream into boxes to draw and detections to report.

Plain data in, plain data out: pictures, boxes and poses come from the node, messages go back to it.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from field_api.contract.alert_merging import Sighting
from field_api.contract.ids import new_id
from field_api.contract.messages import (
    Box,
    CameraPose,
    Detection,
    FrameBoxes,
    PictureRegion,
)
from mission_plans.ground.terrain import NoTerrainError, Terrain
from mission_plans.values.plan import GeoPoint
from vision.alerts import AlertLedger
from vision.camera import image_of
from vision.detector import RawBox
from vision.evidence import evidence_of
from vision.geolocation import (
    Bearing,
    GroundFix,
    GroundPoint,
    PoseErrors,
    TrackFix,
    fuse,
    geolocate,
    ground_point,
    offset_ned_m,
)
from vision.glare import sun_places
from vision.plume import Foot, plume_foot
from vision.registry import ModelCard
from vision.slow_watch import Plume
from vision.smoke import PersonRules, SmokeEvidence, SmokeRules, person_confirmed
from vision.tracker import Sighting as Seen
from vision.tracker import Track, Tracker, TrackerRules

__all__ = ["AnalysisRules", "Look", "StreamAnalysis"]

EDGE = 0.985
"""A box that reaches below this part of the frame may go on outside it: its foot is unknown."""
FIXES_PER_TRACK = 8
SHOWN_AFTER = 2
"""Sightings before a box is drawn: single ones flicker."""
EDGE_ERROR_FACTOR = 6.0
MOST_PEOPLE = 500


@dataclass(frozen=True)
class AnalysisRules:
    """The named settings of one stream's analysis."""

    tracker: TrackerRules = field(default_factory=TrackerRules)
    person: PersonRules = field(default_factory=PersonRules)
    smoke: SmokeRules = field(default_factory=SmokeRules)
    errors: PoseErrors = field(default_factory=PoseErrors)
    lowest_alert_m: float = 5.0
    """An aircraft's camera nearer to the ground than this stands on its pad or leaves it: what it
    sees there, most of all a close horizon, is nobody's alert."""


@dataclass(frozen=True)
class Look:
    """One picture the detector looked at."""

    image_rgb: NDArray[np.uint8]
    t_ms: int
    pts_90k: int
    boxes: Sequence[RawBox]
    pose: CameraPose | None


@dataclass
class _Followed:
    """What is kept for a track beside its boxes."""

    ground: GroundPoint | None = None
    """Where its foot stood at its last sighting: tells where to look for it next."""
    views: deque[tuple[CameraPose, Foot]] = field(
        default_factory=lambda: deque(maxlen=FIXES_PER_TRACK)
    )
    """Pose and foot of the newest sightings."""
    smoke: SmokeEvidence | None = None
    reported: bool = False


class StreamAnalysis:
    """Tracks, evidence and alerts of one stream."""

    def __init__(
        self,
        stream_id: str,
        vehicle_id: str | None,
        card: ModelCard,
        ledger: AlertLedger,
        terrain: Terrain | None,
        rules: AnalysisRules | None = None,
    ) -> None:
        self.stream_id = stream_id
        self.vehicle_id = vehicle_id
        self._card = card
        self._ledger = ledger
        self._terrain = terrain
        self._rules = rules or AnalysisRules()
        self._tracker = Tracker(self._rules.tracker)
        self._followed: dict[int, _Followed] = {}

    def change_model(self, card: ModelCard) -> None:
        """Another network looks from now on: no track goes on, confidences mean something else."""
        self._card = card
        self.restart()

    def restart(self) -> None:
        """The stream began anew: no track goes on."""
        self._tracker.clear()
        self._followed.clear()

    @property
    def undecided(self) -> float | None:
        """The smallest tracked person who is no alert yet, as a part of the picture's longer side.

        None for nobody.
        """
        aspect = self._tracker.aspect
        longer = (1.0, 1 / aspect) if aspect >= 1 else (aspect, 1.0)
        sizes = [
            max(track.box.w * longer[0], track.box.h * longer[1])
            for track in self._tracker.tracks
            if track.label == "person" and not self._followed[track.track_id].reported
        ]
        return min(sizes, default=None)

    def look(self, look: Look) -> tuple[FrameBoxes, list[Detection]]:
        """Take one look; returns what to draw and what to report."""
        height_px, width_px = look.image_rgb.shape[:2]
        aspect = width_px / height_px
        self._tracker.aspect = aspect
        tracks = self._tracker.update(
            look.boxes,
            look.t_ms,
            look.pts_90k,
            lambda track: self._camera_shift(track, look.pose, aspect),
        )
        alive = {t.track_id for t in self._tracker.tracks}
        self._followed = {i: f for i, f in self._followed.items() if i in alive}
        detections: list[Detection] = []
        for track in tracks:
            followed = self._followed.setdefault(track.track_id, _Followed())
            self._follow(followed, track, look, aspect)
            if followed.reported:
                self._ledger.seen_again(self.stream_id, track.track_id, look.t_ms)
            elif self._confirmed(followed, track) and not self._on_its_pad(look.pose):
                detection = self._report(followed, track, look, aspect)
                if detection:
                    detections.append(detection)
        boxes = FrameBoxes(
            stream_id=self.stream_id,
            pts_90k=look.pts_90k,
            t_ms=look.t_ms,
            boxes=[contract_box(t) for t in tracks if t.total >= SHOWN_AFTER],
        )
        return boxes, detections

    def report_plume(self, plume: Plume, look: Look) -> Detection | None:
        """A detection for smoke that a comparison over minutes found; None where it is known.

        Its confidence is how much of its first place stood out all the time.
        """
        box = RawBox("smoke", plume.stays, plume.x, plume.y, plume.w, plume.h)
        aspect = look.image_rgb.shape[1] / look.image_rgb.shape[0]
        track = Track(
            self._tracker.take_id(),
            "smoke",
            deque([Seen(look.t_ms, look.pts_90k, box)]),
            plume.first_seen_ms,
            deque([True]),
            total=plume.pictures,
        )
        followed = _Followed()
        self._follow(followed, track, look, aspect)
        return self._report(followed, track, look, aspect)

    def _camera_shift(
        self, track: Track, pose: CameraPose | None, aspect: float
    ) -> tuple[float, float] | None:
        followed = self._followed.get(track.track_id)
        if pose is None or followed is None or followed.ground is None:
            return None
        now = image_of(pose, offset_ned_m(pose, followed.ground), aspect)
        if now is None:
            return None
        x, y = lower_middle(track.box)
        return now[0] - x, now[1] - y

    def _follow(self, followed: _Followed, track: Track, look: Look, aspect: float) -> None:
        if track.label == "smoke":
            if followed.smoke is None:
                followed.smoke = SmokeEvidence(self._rules.smoke)
            sun = sun_places(look.pose, look.t_ms, aspect) if look.pose else None
            followed.smoke.look(look.image_rgb, track, sun)
        followed.ground = None
        if look.pose is None:
            return
        x, y = lower_middle(track.box)
        foot = (
            plume_foot(look.image_rgb, track.box)
            if track.label == "smoke"
            else Foot(x, y, self._rules.errors.image_px)
        )
        if foot.y > EDGE:
            foot = replace(foot, error_px=foot.error_px * EDGE_ERROR_FACTOR)
        followed.views.append((look.pose, foot))
        if self._terrain is not None:
            followed.ground = ground_point(look.pose, x, y, aspect, self._terrain)

    def _on_its_pad(self, pose: CameraPose | None) -> bool:
        if self.vehicle_id is None or pose is None or self._terrain is None:
            return False
        try:
            ground_m = float(self._terrain.elevation_m(pose.lat_deg, pose.lon_deg))
        except NoTerrainError:
            return False
        return pose.altitude_amsl_m - ground_m < self._rules.lowest_alert_m

    def _confirmed(self, followed: _Followed, track: Track) -> bool:
        if track.label == "person":
            return person_confirmed(track, self._rules.person)
        return followed.smoke is not None and followed.smoke.confirmed(track)

    def _report(
        self, followed: _Followed, track: Track, look: Look, aspect: float
    ) -> Detection | None:
        """A detection for a confirmed track that is no part of an earlier alert."""
        fix, bearing_deg = self._locate(followed, look, aspect)
        place = GeoPoint(lat_deg=fix.point.lat_deg, lon_deg=fix.point.lon_deg) if fix else None
        sighting = Sighting(
            id=new_id(),
            label=track.label,
            stream_id=self.stream_id,
            track_id=track.track_id,
            first_seen_ms=track.first_seen_ms,
            last_seen_ms=look.t_ms,
            lat_deg=place.lat_deg if place else None,
            lon_deg=place.lon_deg if place else None,
            error_m=fix.ellipse.semi_major_m if fix else 0.0,
            camera=GeoPoint(lat_deg=look.pose.lat_deg, lon_deg=look.pose.lon_deg)
            if look.pose
            else None,
            bearing_deg=bearing_deg,
            box=(track.box.x, track.box.y, track.box.w, track.box.h),
        )
        followed.reported = True
        if not self._ledger.is_new(sighting):
            return None
        confidences = [s.box.score for s in track.sightings]
        return Detection(
            id=sighting.id,
            t_ms=look.t_ms,
            first_seen_ms=track.first_seen_ms,
            stream_id=self.stream_id,
            vehicle_id=self.vehicle_id,
            label="person" if track.label == "person" else "smoke",
            confidence=round(float(np.mean(confidences[-self._rules.smoke.window :])), 4),
            frame_count=track.total,
            track_id=track.track_id,
            pts_90k=look.pts_90k,
            box=contract_box(track),
            position=place,
            altitude_amsl_m=fix.point.elevation_m if fix else None,
            error_ellipse=fix.ellipse if fix else None,
            bearing_deg=bearing_deg,
            pose=look.pose,
            model=self._card.reference,
            evidence=evidence_of(look.image_rgb, track.box),
            people=people_of(look.boxes),
        )

    def _locate(
        self, followed: _Followed, look: Look, aspect: float
    ) -> tuple[TrackFix | None, float | None]:
        """A fused place, or the newest bearing."""
        if look.pose is None or not followed.views:
            return None, None
        width_px = look.image_rgb.shape[1]
        fixes: list[GroundFix] = []
        bearing_deg: float | None = None
        for pose, foot in followed.views:
            errors = self._rules.errors.with_image_error(foot.error_px)
            found = geolocate(pose, foot.x, foot.y, aspect, width_px, self._terrain, errors)
            if isinstance(found, Bearing):
                bearing_deg = found.bearing_deg
            else:
                fixes.append(found)
        if fixes:
            return fuse(fixes), None
        return None, bearing_deg


def people_of(boxes: Sequence[RawBox]) -> list[PictureRegion]:
    """Where the detector saw people, the surest first, as many as a message takes."""
    people = sorted((b for b in boxes if b.label == "person"), key=lambda b: -b.score)
    return [PictureRegion(x=b.x, y=b.y, w=b.w, h=b.h) for b in people[:MOST_PEOPLE]]


def lower_middle(box: RawBox) -> tuple[float, float]:
    """The middle of a box's lower edge: where a person stands."""
    return box.x + box.w / 2, min(1.0, box.y + box.h)


def contract_box(track: Track) -> Box:
    """A track's newest box as a message; rounding must not push it past the frame's edge."""
    box = track.box
    x, y = min(1.0, max(0.0, box.x)), min(1.0, max(0.0, box.y))
    return Box(
        track_id=track.track_id,
        label=track.label,
        confidence=round(box.score, 4),
        x=x,
        y=y,
        w=min(box.w, 1.0 - x),
        h=min(box.h, 1.0 - y),
    )
