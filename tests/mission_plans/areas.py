"""Areas and aircraft the tests plan with."""

import json
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mission_plans.ground.local_frame import LocalFrame
from mission_plans.values.plan import AircraftSpec, CameraSpec, GeoPoint, PlanRequest

SCENARIO = Path(__file__).parents[2] / "sim" / "data" / "demo_xishan_0315.json"
FCP = GeoPoint(lat_deg=24.9478, lon_deg=102.6108)
BASE_N = GeoPoint(lat_deg=24.9850, lon_deg=102.6368)
SMOKE = GeoPoint(lat_deg=24.9415, lon_deg=102.6185)
FRAME = LocalFrame(GeoPoint(lat_deg=24.9330, lon_deg=102.6265))


def demo_area() -> list[GeoPoint]:
    """Return the 148 ha search area of the demo scenario."""
    ring = json.loads(SCENARIO.read_text(encoding="utf-8"))["search_area"]
    return [GeoPoint(lat_deg=lat, lon_deg=lon) for lat, lon in ring]


def ring(*metres: tuple[float, float]) -> list[GeoPoint]:
    """Return a ring given in metres east and north of the last known position."""
    return [FRAME.point(x, y) for x, y in metres]


def aircraft(count: int, launch: GeoPoint = FCP, **changed: object) -> list[AircraftSpec]:
    """Return that many aircraft at one place, cameras straight down."""
    camera = CameraSpec(pitch_deg=-90)
    return [
        AircraftSpec.model_validate(
            {"vehicle_id": f"XS-U{i + 1}", "launch": launch, "camera": camera, **changed}
        )
        for i in range(count)
    ]


def demo_request(count: int = 1, launch: GeoPoint = FCP, **changed: object) -> PlanRequest:
    """Return the demo search by `count` aircraft."""
    return PlanRequest.model_validate(
        {"area": demo_area(), "aircraft": aircraft(count, launch), "seek": "lying", **changed}
    )


class LevelGround:
    """Terrain as high everywhere."""

    def __init__(self, height_m: float = 2000.0) -> None:
        self._height_m = height_m

    def elevation_m(self, lat_deg: ArrayLike, lon_deg: ArrayLike) -> NDArray[np.float64]:
        """Return the one height there is."""
        return np.full(np.broadcast(lat_deg, lon_deg).shape, self._height_m)
