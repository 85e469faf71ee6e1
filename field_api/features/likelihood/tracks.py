"""The next best tracks by a probability map."""

from field_api.core.errors import refuse
from mission_plans.ground.local_frame import LocalFrame
from mission_plans.probability.best_tours import best_tours, prizes_of, straightened
from mission_plans.probability.search_record import SearchRecord
from mission_plans.values.plan import AircraftSpec, GeoPoint

__all__ = ["likely_tracks"]

RESERVE_LEFT = 0.7
USABLE = 0.75
"""Share of a sortie's length left for searching after climb, turns and the way there."""

SHORTEST_BUDGET_M = 500.0
TOURS_LOOKED_AT = 24


def likely_tracks(
    record: SearchRecord, aircraft: list[AircraftSpec], spacing_m: float
) -> list[list[GeoPoint]]:
    """Return the next best track for each aircraft, from its launch point.

    Raises:
        ApiError: 409, no aircraft can reach anything likely.
    """
    frame: LocalFrame = record.first.frame
    raster = record.posterior
    prizes = prizes_of(raster.poa, raster.west_m, raster.south_m, raster.cell_m, spacing_m)
    launches = [frame.to_metres(a.launch.lat_deg, a.launch.lon_deg) for a in aircraft]
    launch = (
        sum(float(x) for x, _ in launches) / len(launches),
        sum(float(y) for _, y in launches) / len(launches),
    )
    budget_m = min(a.endurance_s * RESERVE_LEFT * a.cruise_ms for a in aircraft) * USABLE
    best = None
    for count, tours in enumerate(best_tours(prizes, launch, len(aircraft), budget_m)):
        best = tours
        if count == TOURS_LOOKED_AT:
            break
    if best is None or budget_m < SHORTEST_BUDGET_M:
        raise refuse(409, "nothing_likely")
    tracks: list[list[GeoPoint]] = []
    for track in best.tracks:
        # Launch point and way home are the planner's business.
        points = straightened(track[1:-1])
        lat, lon = frame.to_degrees(points[:, 0], points[:, 1])
        tracks.append(
            [GeoPoint(lat_deg=float(a), lon_deg=float(o)) for a, o in zip(lat, lon, strict=True)]
        )
    return [track for track in tracks if len(track) >= 2]
