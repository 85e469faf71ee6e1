"""Everything about a request that stays the same while plans for it are tried."""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import cast

import shapely
from shapely.geometry.base import BaseGeometry

from mission_plans.allocation.flight_model import CLIMB_FACTOR, LANDING_S, FlightModel, Leg
from mission_plans.allocation.ground_speed import LaneCost, WayGround
from mission_plans.allocation.shares import Slot, Ways
from mission_plans.allocation.vertical import HeightRules
from mission_plans.coverage.routing import Router
from mission_plans.ground.camera import footprint_width_m, lane_spacing_m
from mission_plans.ground.local_frame import LocalFrame
from mission_plans.ground.request_shapes import (
    MIN_AREA_M2,
    PlanError,
    fence_shapes,
    metres,
    obstacles,
    search_area,
    shrunk,
)
from mission_plans.ground.terrain import Terrain
from mission_plans.ground.terrain_patch import TerrainPatch
from mission_plans.values.pattern import (
    Contour,
    Corridor,
    ExpandingSquare,
    FirePerimeter,
    MappingSurvey,
    Orbit,
    Sector,
)
from mission_plans.values.plan import AREA_PATTERNS, AircraftSpec, GeoPoint, PlanRequest

__all__ = ["BAND_M", "Situation"]

TRANSIT_LAYER_M = 32.0
"""Transits of different aircraft are stacked this far apart while the height limit allows it."""

BAND_M = 25.0
"""Lanes may float this far above the asked height before the aircraft slows down."""

ROOM_M = 0.5
"""Heights stay this far below the limit: waypoints are rounded, and above it another law holds."""

MARGIN_BELOW_TOP_M = 10.0
MARGIN_M = 400.0
"""Ground around the search that lanes and cameras may reach."""


@dataclass(frozen=True)
class Situation:
    """A request in metres: area, forbidden ground, ways, aircraft and heights."""

    request: PlanRequest
    terrain: Terrain
    frame: LocalFrame
    area: BaseGeometry | None
    """What to search; None for patterns that bring their own place."""
    place: BaseGeometry
    """The area, or the surroundings of a pattern that brings its own place."""
    notices: tuple[tuple[str, str], ...]
    """What had to be done to the drawn outlines, Chinese and English."""
    fences: list[BaseGeometry]
    barred: BaseGeometry | None
    router: Router
    launches: list[tuple[float, float]]
    models: list[FlightModel]
    spacing_m: float
    swath_m: float
    rules: HeightRules

    @classmethod
    def of(cls, request: PlanRequest, terrain: Terrain) -> "Situation":
        """Prepare a request.

        Raises:
            PlanError: a shape that can't be searched or flown.
        """
        frame = LocalFrame(_middle(_anchor(request)))
        shapes = fence_shapes(request, frame)
        over_area = request.pattern.kind in AREA_PATTERNS
        drawn = search_area(request, frame) if over_area else None
        area = drawn.shape if drawn is not None else None
        place = area if area is not None else _place(request, frame)
        _require_ground(terrain, frame, place)
        barred = obstacles(request, shapes, place, frame)
        if area is not None and barred is not None:
            area = area.difference(barred)
            if area.area < MIN_AREA_M2:
                raise PlanError(
                    "area_forbidden",
                    "area",
                    "搜索区全部位于禁飞区内",
                    "the whole area is inside no-fly zones",
                )
        overlap = request.overlap
        if isinstance(request.pattern, MappingSurvey):
            overlap = request.pattern.side_overlap
        return cls(
            request=request,
            terrain=terrain,
            frame=frame,
            area=area,
            place=place,
            notices=drawn.notices if drawn is not None else (),
            fences=shapes,
            barred=barred,
            router=Router(shrunk(barred)),
            launches=[metres(a.launch, frame) for a in request.aircraft],
            models=_models(request),
            spacing_m=min(
                lane_spacing_m(a.camera, request.agl_m, overlap) for a in request.aircraft
            ),
            swath_m=min(footprint_width_m(a.camera, request.agl_m) for a in request.aircraft),
            rules=HeightRules(
                agl_m=request.agl_m,
                min_clearance_m=request.min_clearance_m,
                band_m=BAND_M,
                max_agl_m=max(request.agl_m, request.max_agl_m - ROOM_M),
            ),
        )

    @cached_property
    def patch(self) -> TerrainPatch:
        """The ground of the search and a margin round it."""
        west, south, east, north = self.place.bounds
        return TerrainPatch(
            self.terrain,
            self.frame,
            (west - MARGIN_M, south - MARGIN_M, east + MARGIN_M, north + MARGIN_M),
        )

    @cached_property
    def lane_cost(self) -> LaneCost:
        """What lanes cost over this ground."""
        return LaneCost(self.patch)

    @cached_property
    def ways(self) -> Ways:
        """What ways between points cost."""
        west, south, east, north = shapely.union_all(
            [self.place, *(shapely.Point(launch) for launch in self.launches)]
        ).bounds
        around = (west - MARGIN_M, south - MARGIN_M, east + MARGIN_M, north + MARGIN_M)
        return Ways(self.router, WayGround(TerrainPatch(self.terrain, self.frame, around)))

    @property
    def entry(self) -> tuple[float, float]:
        """Where the search begins: as asked, or at the first launch point."""
        asked = self.request.entry
        return self.launches[0] if asked is None else metres(asked, self.frame)

    def layer_m(self, vehicle: int) -> float:
        """Return how far an aircraft's transits are raised above the search height."""
        top_m = self.request.max_agl_m - self.request.agl_m - MARGIN_BELOW_TOP_M
        return min(vehicle * TRANSIT_LAYER_M, max(0.0, top_m))

    def ground_m(self, aircraft: AircraftSpec) -> float:
        """Return the height of an aircraft's launch point."""
        return float(self.terrain.elevation_m(aircraft.launch.lat_deg, aircraft.launch.lon_deg))

    def slots(self) -> list[Slot]:
        """Return every aircraft's first sortie with a first guess of climb and landing."""
        return [self.first_slot(index) for index in range(len(self.request.aircraft))]

    def first_slot(self, index: int) -> Slot:
        """Return one aircraft's first sortie; the ground's height is in the ways."""
        aircraft, model = self.request.aircraft[index], self.models[index]
        lift_m = self.request.agl_m + self.layer_m(index)
        seconds = lift_m / model.climb_ms + lift_m / model.descent_ms + LANDING_S
        climb_s = lift_m / model.climb_ms
        return Slot(
            vehicle=index,
            order=0,
            launch=self.launches[index],
            model=model,
            energy_s=aircraft.endurance_s * self.request.usable_fraction(aircraft, 0),
            fresh_energy_s=aircraft.endurance_s * self.request.usable_fraction(aircraft, 1),
            overhead=Leg(seconds, seconds + (CLIMB_FACTOR - 1) * climb_s),
            endurance_s=aircraft.endurance_s,
        )


def _require_ground(terrain: Terrain, frame: LocalFrame, place: BaseGeometry) -> None:
    """Look up the ground of a search's corners and middle.

    Raises:
        NoTerrainError: there is no data for some of them.
    """
    corners = shapely.get_coordinates([place.simplify(ROOM_M * 10), place.centroid])
    terrain.elevation_m(*frame.to_degrees(*corners.T))


def _models(request: PlanRequest) -> list[FlightModel]:
    """Return every aircraft's model; equal aircraft share one, which makes look-ups quick."""
    known: dict[FlightModel, FlightModel] = {}
    models = [FlightModel.of(aircraft, request.wind) for aircraft in request.aircraft]
    return [known.setdefault(model, model) for model in models]


def _anchor(request: PlanRequest) -> list[GeoPoint]:
    """Return the points whose middle is the plan's origin."""
    if request.pattern.kind in AREA_PATTERNS:
        return request.area
    places: list[GeoPoint] = []
    for name in type(request.pattern).model_fields:
        value = getattr(request.pattern, name)
        if isinstance(value, GeoPoint):
            places.append(value)
        elif isinstance(value, list):
            for entry in cast(list[object], value):
                inner = cast(list[object], entry) if isinstance(entry, list) else [entry]
                places += [point for point in inner if isinstance(point, GeoPoint)]
    return places


def _place(request: PlanRequest, frame: LocalFrame) -> BaseGeometry:
    points = shapely.MultiPoint([metres(p, frame) for p in _anchor(request)])
    match request.pattern:
        case ExpandingSquare():
            reach_m = request.pattern.reach_m * math.sqrt(2)
        case Sector() | Orbit() | Contour():
            reach_m = request.pattern.radius_m
        case Corridor():
            reach_m = request.pattern.width_m / 2
        case FirePerimeter():
            reach_m = request.pattern.standoff_m
        case _:
            reach_m = 0.0
    return points.convex_hull.buffer(max(1.0, reach_m))


def _middle(ring: list[GeoPoint]) -> GeoPoint:
    return GeoPoint(
        lat_deg=sum(p.lat_deg for p in ring) / len(ring),
        lon_deg=sum(p.lon_deg for p in ring) / len(ring),
    )
