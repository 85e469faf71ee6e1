"""Making an incident's probability map, and keeping it up with what was flown and seen."""

import io
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from sqlmodel import Session, col, func, select

import field_api
from field_api.core.access import unscoped
from field_api.core.errors import refuse
from field_api.core.services import Services
from field_api.features.flights.flown import flown_poses
from field_api.features.flights.tables import FlownPiece, SortieRecord
from field_api.features.likelihood.messages import LikelihoodHead, LikelihoodView, MakeLikelihood
from field_api.features.likelihood.tables import LikelihoodRecord
from field_api.features.maps.base import MapBase
from field_api.features.plans.tables import PlanRecord, PlanState
from field_api.features.roster.tables import Vehicle
from mission_plans.formats.geojson import read_areas
from mission_plans.ground.footprint import views_along
from mission_plans.ground.terrain_patch import TerrainPatch
from mission_plans.probability.lost_person import profiles
from mission_plans.probability.probability_map import ProbabilityMap, probability_map
from mission_plans.probability.search_record import SearchRecord, passes_over
from mission_plans.probability.sweep_width import detection
from mission_plans.search.flown_coverage import flown_pose_track
from mission_plans.values.plan import CameraSpec, GeoPoint, SearchPlan

__all__ = [
    "KeptMaps",
    "get_likelihood",
    "likelihood_heads",
    "likelihood_view",
    "picture",
    "search_record",
]


@dataclass(frozen=True, slots=True)
class _Flown:
    plan: SearchPlan
    sortie_ids: list[str]


def get_likelihood(session: Session, incident_id: str) -> LikelihoodRecord:
    """Return what an incident's map is made from.

    Raises:
        ApiError: 404, it has none yet.
    """
    row = session.get(LikelihoodRecord, incident_id)
    if row is None:
        raise refuse(404, "no_likelihood")
    return row


def _first_map(ctx: Services, body: MakeLikelihood) -> ProbabilityMap:
    known = profiles()
    profile = known.get(body.profile)
    if profile is None:
        raise refuse(422, "unknown_profile", field="profile", known=", ".join(known))
    blank = probability_map(body.last_known, profile, body.radius_m)
    bounds = _bounds_m(blank)
    patch = TerrainPatch(ctx.part(MapBase).terrain(), blank.frame, bounds)
    return probability_map(
        body.last_known,
        profile,
        body.radius_m,
        ground_m=patch.elevation_m(*blank.middles()),
        attractions=body.attractions,
        barred=_lakes(),
        clues=body.clues,
    )


@cache
def _lakes() -> list[list[GeoPoint]]:
    """Return where nobody goes lost on foot: the lakes of the map."""
    file = Path(field_api.__file__).parent / "data" / "dianchi_lake.geojson"
    return [outer for outer, _ in read_areas(file.read_text(encoding="utf-8"))]


def _bounds_m(raster: ProbabilityMap) -> tuple[float, float, float, float]:
    rows, columns = raster.poa.shape
    return (
        raster.west_m,
        raster.south_m,
        raster.west_m + columns * raster.cell_m,
        raster.south_m + rows * raster.cell_m,
    )


def _flights(session: Session, incident_id: str) -> list[_Flown]:
    plans = session.exec(select(PlanRecord).where(PlanRecord.incident_id == incident_id)).all()
    sorties = session.exec(
        select(SortieRecord).where(SortieRecord.incident_id == incident_id)
    ).all()
    return [
        _Flown(
            plan.plan,
            [s.id for s in sorties if s.plan_id == plan.id],
        )
        for plan in plans
        if plan.state is not PlanState.DRAFT
    ]


class KeptMaps:
    """Maps already reckoned: one is made anew when its request changes or more was flown."""

    MOST = 16

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[tuple[int, int], SearchRecord]] = {}

    def get(self, incident_id: str, stand: tuple[int, int]) -> SearchRecord | None:
        """Return the map of this stand (revision, pieces flown)."""
        with self._lock:
            known = self._kept.get(incident_id)
        return known[1] if known is not None and known[0] == stand else None

    def keep(self, incident_id: str, stand: tuple[int, int], record: SearchRecord) -> None:
        """Keep a map; the oldest goes where there are many."""
        with self._lock:
            self._kept.pop(incident_id, None)
            self._kept[incident_id] = (stand, record)
            while len(self._kept) > self.MOST:
                del self._kept[next(iter(self._kept))]


def search_record(ctx: Services, session: Session, row: LikelihoodRecord) -> SearchRecord:
    """Return the map with everything that was flown and seen for the incident."""
    with unscoped(session):
        pieces = session.exec(
            select(func.count()).select_from(FlownPiece).where(FlownPiece.incident_id == row.id)
        ).one()
        stand = (row.revision, pieces)
        kept = ctx.part(KeptMaps)
        known = kept.get(row.id, stand)
        if known is None:
            known = _reckoned(ctx, session, row)
            kept.keep(row.id, stand, known)
        return known


def _reckoned(ctx: Services, session: Session, row: LikelihoodRecord) -> SearchRecord:
    body = row.body
    record = SearchRecord.fresh(_first_map(ctx, body))
    patch: TerrainPatch | None = None
    for flown in _flights(session, row.id):
        poses = [p for p in flown_poses(session, flown.sortie_ids) if p.seen]
        if not poses:
            continue
        patch = patch or TerrainPatch(
            ctx.part(MapBase).terrain(), record.first.frame, _bounds_m(record.first)
        )
        request = flown.plan.request
        for spec in request.aircraft:
            track = flown_pose_track(poses, spec, record.first.frame, patch, request.agl_m)
            passes = passes_over(record.first, views_along(track, spec.camera, patch))
            found = detection(
                spec.camera, request.agl_m, light=request.light, vegetation=body.vegetation
            )
            record = record.searched(passes, found)
    return record


def likelihood_view(ctx: Services, session: Session, row: LikelihoodRecord) -> LikelihoodView:
    """Return what clients see of an incident's map."""
    body = row.body
    record = search_record(ctx, session, row)
    west, south, east, north = _bounds_m(record.first)
    low = record.first.frame.point(west, south)
    high = record.first.frame.point(east, north)
    with unscoped(session):
        vehicle = session.exec(select(Vehicle).order_by(col(Vehicle.id)).limit(1)).first()
    camera = vehicle.spec.camera if vehicle else CameraSpec()
    return LikelihoodView(
        incident_id=row.id,
        version=row.version,
        request=body,
        searched=record.cumulative_pos,
        on_map=1 - record.first.outside,
        detection=detection(camera, 60.0, vegetation=body.vegetation),
        west_deg=low.lon_deg,
        south_deg=low.lat_deg,
        east_deg=high.lon_deg,
        north_deg=high.lat_deg,
        image_url=(
            f"/api/v1/incidents/{row.id}/likelihood.png"
            f"?r={row.revision}.{round(record.cumulative_pos * 1e6)}"
        ),
        made_ms=row.made_ms,
        made_by=row.made_by,
    )


def likelihood_heads(_session: Session, rows: Sequence[LikelihoodRecord]) -> list[LikelihoodHead]:
    """Return what the tail tells of maps."""
    return [
        LikelihoodHead(
            incident_id=row.id,
            version=row.version,
            revision=row.revision,
            made_ms=row.made_ms,
            made_by=row.made_by,
        )
        for row in rows
    ]


def picture(record: SearchRecord) -> bytes:
    """Return where they may be now as a transparent PNG, north up."""
    # Only pictures need the imaging library; the server starts without it.
    from PIL import Image

    poa = record.posterior.poa[::-1]
    top = float(np.quantile(poa[poa > 0], 0.995)) if (poa > 0).any() else 1.0
    strength = np.clip(poa / top, 0, 1) ** 0.6
    image = np.zeros((*poa.shape, 4), dtype=np.uint8)
    # From violet to bright magenta: no colour of a warning level, none of the terrain's.
    image[..., 0] = (110 + 145 * strength).astype(np.uint8)
    image[..., 1] = (60 + 60 * strength).astype(np.uint8)
    image[..., 2] = (190 + 50 * strength).astype(np.uint8)
    image[..., 3] = (165 * strength).astype(np.uint8)
    out = io.BytesIO()
    Image.fromarray(image, "RGBA").save(out, "PNG")
    return out.getvalue()
