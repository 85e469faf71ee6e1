"""From a place in an image to a place on the ground, with its error.

A ray from the camera is marched until it meets the terrain. The error ellipse comes from
first-order propagation: each uncertain quantity (attitude, position, terrain height, the box's own
edge) is moved by one sigma and the ground point's shift is its share of the error. Under
`MIN_DEPRESSION_DEG` of depression a small angle error moves the point by hundreds of metres, so
only a bearing is given.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from field_api.contract.messages import CameraPose, ErrorEllipse
from mission_plans.ground.geodesy import moved, offset_m
from mission_plans.ground.terrain import Terrain, intersect_ray
from vision.camera import depression_deg, pixel_direction

__all__ = [
    "Bearing",
    "GroundFix",
    "GroundPoint",
    "PoseErrors",
    "TrackFix",
    "error_ellipse",
    "fuse",
    "geolocate",
    "ground_point",
    "offset_ned_m",
]

Matrix = NDArray[np.float64]

MIN_DEPRESSION_DEG = 15.0
MAX_RANGE_M = 3000.0


@dataclass(frozen=True)
class PoseErrors:
    """One-sigma errors of what a ground point is computed from."""

    yaw_deg: float = 1.5
    pitch_deg: float = 0.7
    roll_deg: float = 0.7
    horizontal_m: float = 1.5
    vertical_m: float = 3.0
    terrain_m: float = 5.0
    image_px: float = 4.0
    """How well the box's foot marks the object's, in pixels of the full frame."""

    def with_image_error(self, image_px: float) -> "PoseErrors":
        """The same errors for a box whose foot is known better or worse."""
        return replace(self, image_px=image_px)


@dataclass(frozen=True)
class GroundPoint:
    """A place on the ground without its error."""

    lat_deg: float
    lon_deg: float
    elevation_m: float


@dataclass(frozen=True)
class GroundFix:
    """A point on the ground seen in one frame."""

    point: GroundPoint
    depression_deg: float
    covariance_m2: Matrix
    """2 x 2, north and east."""


@dataclass(frozen=True)
class Bearing:
    """A direction only: the view was too flat for a point, or the ray met no known ground."""

    bearing_deg: float
    depression_deg: float


@dataclass(frozen=True)
class TrackFix:
    """One ground point from several frames of a track."""

    point: GroundPoint
    ellipse: ErrorEllipse
    frames: int


def offset_ned_m(pose: CameraPose, point: GroundPoint) -> Matrix:
    """From the camera to a ground point, north-east-down."""
    north_m, east_m = offset_m(pose, point)
    return np.array([north_m, east_m, pose.altitude_amsl_m - point.elevation_m])


def ground_point(
    pose: CameraPose, x: float, y: float, aspect: float, terrain: Terrain
) -> GroundPoint | None:
    """The ground under an image place, however flat the view; None where the ray meets none.

    `x` and `y` are fractions of the frame; `aspect` is its width / height.
    """
    north, east, down = (float(v) for v in pixel_direction(pose, x, y, aspect))
    if down <= 0:
        return None
    hit = intersect_ray(
        terrain,
        pose.lat_deg,
        pose.lon_deg,
        pose.altitude_amsl_m,
        azimuth_deg=math.degrees(math.atan2(east, north)),
        elevation_deg=-math.degrees(math.asin(min(1.0, down))),
        max_range_m=MAX_RANGE_M,
    )
    if hit is None:
        return None
    return GroundPoint(hit[0].lat_deg, hit[0].lon_deg, hit[1])


def geolocate(
    pose: CameraPose,
    x: float,
    y: float,
    aspect: float,
    width_px: int,
    terrain: Terrain | None,
    errors: PoseErrors,
) -> GroundFix | Bearing:
    """The ground under an image place with its error, or the bearing alone.

    Without terrain there is only a bearing.
    """
    direction = pixel_direction(pose, x, y, aspect)
    depression = depression_deg(direction)
    bearing = Bearing(math.degrees(math.atan2(direction[1], direction[0])) % 360, depression)
    if terrain is None or depression < MIN_DEPRESSION_DEG:
        return bearing
    point = ground_point(pose, x, y, aspect, terrain)
    if point is None:
        return bearing
    covariance = np.zeros((2, 2))
    for shifted in _one_sigma_moves(pose, x, y, aspect, width_px, terrain, errors):
        if shifted is None:
            return bearing
        shift = np.array(offset_m(point, shifted))
        covariance += np.outer(shift, shift)
    return GroundFix(point, depression, covariance)


def _one_sigma_moves(
    pose: CameraPose,
    x: float,
    y: float,
    aspect: float,
    width_px: int,
    terrain: Terrain,
    e: PoseErrors,
) -> Iterator[GroundPoint | None]:
    """The ground point with each uncertain quantity moved by one sigma in turn."""
    north_lat = moved(pose, e.horizontal_m, 0).lat_deg
    east_lon = moved(pose, 0, e.horizontal_m).lon_deg
    # Pitch is moved down: a ray moved up may pass over the horizon and say nothing.
    for change in (
        {"yaw_deg": pose.yaw_deg + e.yaw_deg},
        {"pitch_deg": pose.pitch_deg - e.pitch_deg},
        {"roll_deg": pose.roll_deg + e.roll_deg},
        {"lat_deg": north_lat},
        {"lon_deg": east_lon},
        {"altitude_amsl_m": pose.altitude_amsl_m + e.vertical_m},
    ):
        yield ground_point(pose.model_copy(update=change), x, y, aspect, terrain)
    shift = e.image_px / width_px
    yield ground_point(pose, x + shift, y, aspect, terrain)
    yield ground_point(pose, x, y + shift * aspect, aspect, terrain)
    yield ground_point(pose, x, y, aspect, _Raised(terrain, e.terrain_m))


class _Raised:
    """Terrain that is higher by a constant."""

    def __init__(self, terrain: Terrain, by_m: float) -> None:
        self._terrain = terrain
        self._by_m = by_m

    def elevation_m(self, lat_deg: ArrayLike, lon_deg: ArrayLike) -> Matrix:
        return self._terrain.elevation_m(lat_deg, lon_deg) + self._by_m


def error_ellipse(covariance_m2: Matrix) -> ErrorEllipse:
    """The one-sigma ellipse of a north-east covariance."""
    values, vectors = np.linalg.eigh(covariance_m2)
    major = vectors[:, 1]
    return ErrorEllipse(
        semi_major_m=math.sqrt(max(0.0, float(values[1]))),
        semi_minor_m=math.sqrt(max(0.0, float(values[0]))),
        orientation_deg=math.degrees(math.atan2(major[1], major[0])) % 180,
    )


COMMON_SHARE = 0.6
"""Part of the variance that all frames of one pass share (compass, terrain): it never averages."""
OUTLIER_SIGMA = 4.0


def fuse(fixes: Sequence[GroundFix]) -> TrackFix:
    """One point from several frames, each weighted by its information.

    Fixes that disagree with the best supported one by over `OUTLIER_SIGMA` are left out: a box
    that jumped to something else.
    Raises `ValueError` without fixes.
    """
    if not fixes:
        raise ValueError("nothing to fuse: a track needs at least one ground fix")
    origin = fixes[-1].point
    places = np.array([offset_m(origin, f.point) for f in fixes])
    covariances = [f.covariance_m2 + 0.25 * np.eye(2) for f in fixes]
    kept = _agreeing(places, covariances)
    weights = [np.linalg.inv(covariances[i]) for i in kept]
    independent = np.linalg.inv(np.sum(weights, axis=0))
    mean = independent @ np.sum([w @ places[i] for i, w in zip(kept, weights, strict=True)], axis=0)
    common = np.mean([covariances[i] for i in kept], axis=0)
    place = moved(origin, float(mean[0]), float(mean[1]))
    return TrackFix(
        point=GroundPoint(
            place.lat_deg, place.lon_deg, float(np.mean([fixes[i].point.elevation_m for i in kept]))
        ),
        ellipse=error_ellipse(COMMON_SHARE * common + (1 - COMMON_SHARE) * independent),
        frames=len(kept),
    )


def _agreeing(places: Matrix, covariances: Sequence[Matrix]) -> list[int]:
    """Indices of the fixes that agree with the one most others agree with."""
    limit = OUTLIER_SIGMA**2
    count = len(places)
    apart = np.zeros((count, count))
    for i in range(count):
        for j in range(i):
            gap = places[i] - places[j]
            apart[i, j] = apart[j, i] = min(
                limit, float(gap @ np.linalg.solve(covariances[i] + covariances[j], gap))
            )
    best = int(np.argmin(apart.sum(axis=1)))
    return [i for i in range(count) if apart[best, i] < limit]
