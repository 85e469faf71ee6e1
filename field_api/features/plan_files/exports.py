"""A plan, a drawing and an incident's flights, alerts and areas as files."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from field_api.core.access import Viewer
from field_api.core.errors import ApiError, refuse
from field_api.core.services import Services
from field_api.core.texts import Both, both
from field_api.features.detections.tables import DetectionRecord, DetectionStatus
from field_api.features.flights.flown import flown_poses
from field_api.features.flights.tables import SortieRecord
from field_api.features.incidents.records import get_incident
from field_api.features.maps.base import MapBase
from field_api.features.plan_files.messages import Drawing, ExportView, MapFormat
from field_api.features.plan_files.notes_text import notes_text
from field_api.features.plans.records import get_plan
from field_api.features.plans.tables import PlanRecord, PlanState
from field_api.features.plotting.files import drawing_things
from field_api.features.plotting.operations import MOST_DRAWN
from field_api.features.plotting.records import drawn
from mission_plans.allocation.return_layers import return_heights_m
from mission_plans.formats.archive import zipped
from mission_plans.formats.contents import Area, LeftOut, Note, Place, Points, Thing
from mission_plans.formats.errors import PlanFileError
from mission_plans.formats.mission_files import mission_files
from mission_plans.formats.plan_things import areas_of, plan_things, track_path
from mission_plans.formats.writing import write_file
from mission_plans.formats.written import Written
from mission_plans.ground.terrain import NoTerrainError
from mission_plans.values.plan import SearchPlan

__all__ = [
    "MISSIONS",
    "Export",
    "drawing_file",
    "drawings_of",
    "incident_file",
    "incident_things",
    "mission_archive",
    "offered",
    "plan_file",
    "read_plan",
]

MISSIONS = "missions.zip"
_NO_RETURN_HEIGHT = Note(
    zh=".waypoints(WPL)写不下返航高:另存在 .rally 与 .param 里,飞前请在飞机上设置",
    en=".waypoints (WPL) can't carry the return height: it stands in .rally and .param; set it on "
    "the aircraft before flying",
)


@dataclass(frozen=True, slots=True)
class Export:
    """A file to be sent."""

    name: str
    written: Written


def read_plan(ctx: Services, viewer: Viewer, plan_id: str) -> SearchPlan:
    """Return a plan that may be seen.

    Raises:
        ApiError: 404, there is none of this id.
    """
    with ctx.store.read(viewer) as session:
        return get_plan(session, plan_id).plan


def plan_file(ctx: Services, plan: SearchPlan, form: MapFormat) -> Export:
    """Return a plan as a map file: areas, fences, sorties with return heights, failed checks.

    Raises:
        ApiError: 409, the format can carry nothing of it, or a way home is over unknown ground.
    """
    things = plan_things(plan, _heights_m(ctx, plan))
    return _export(f"plan-{plan.id[-6:]}.{form}", things)


def mission_archive(ctx: Services, plan: SearchPlan) -> Export:
    """Return the missions of all sorties for every autopilot, with what must be known of them.

    Raises:
        ApiError: 409, a sortie can't be a file, or a way home is over unknown ground.
    """
    try:
        made = mission_files(plan, _heights_m(ctx, plan))
    except PlanFileError as error:
        raise _refused(error) from None
    notes = [_NO_RETURN_HEIGHT, *made.notes]
    files = {**made.files, "README.txt": notes_text(notes, made.left_out)}
    return Export(f"missions-{plan.id[-6:]}.zip", Written(zipped(files), made.left_out, notes))


def drawing_file(drawing: Drawing, form: MapFormat) -> Export:
    """Return drawn areas as a file.

    Raises:
        ApiError: 409, the format carries no areas.
    """
    things = [
        Area(name=f"area {number}", outer=area.outer, holes=area.holes)
        for number, area in enumerate(drawing.areas, start=1)
    ]
    return _export(f"drawing.{form}", things)


def incident_things(
    ctx: Services, viewer: Viewer, incident_id: str
) -> tuple[list[Thing], list[LeftOut]]:
    """Return areas, flown tracks, drawings and alerts of an incident, and what has no place.

    Raises:
        ApiError: 404, there is no such incident.
    """
    with ctx.store.read(viewer) as session:
        get_incident(session, incident_id)
        things: list[Thing] = [*_areas(session, incident_id), *_tracks(session, incident_id)]
        things += drawing_things(drawn(session, incident_id, MOST_DRAWN))
        alerts, left_out = _alerts(session, incident_id)
    return [*things, *alerts], left_out


def drawings_of(ctx: Services, viewer: Viewer, incident_id: str) -> list[Thing]:
    """Return what is drawn on an incident's map.

    Raises:
        ApiError: 404, there is no such incident.
    """
    with ctx.store.read(viewer) as session:
        get_incident(session, incident_id)
        return drawing_things(drawn(session, incident_id, MOST_DRAWN))


def incident_file(
    incident_id: str,
    things: Sequence[Thing],
    left_out: Sequence[LeftOut],
    form: MapFormat,
    *,
    name: str = "incident",
) -> Export:
    """Return what belongs to an incident as a map file.

    Raises:
        ApiError: 409, there is nothing that the format can carry.
    """
    made = _export(f"{name}-{incident_id[-6:]}.{form}", things)
    whole = Written(made.written.data, [*left_out, *made.written.left_out], made.written.notes)
    return Export(made.name, whole)


def offered(url: str, name: str, make: Callable[[], Export]) -> ExportView:
    """Return a file as it is offered: how large, and what it can't carry."""
    try:
        made = make()
    except ApiError as error:
        why = Note(zh=error.detail.text_zh, en=error.detail.text_en)
        return ExportView(name=name, url=url, size_bytes=0, left_out=[], notes=[], refused=why)
    return ExportView(
        name=made.name,
        url=url,
        size_bytes=len(made.written.data),
        left_out=made.written.left_out,
        notes=made.written.notes,
    )


def _export(name: str, things: Sequence[Thing]) -> Export:
    try:
        return Export(name, write_file(name, things))
    except PlanFileError as error:
        raise _refused(error) from None


def _refused(error: PlanFileError) -> ApiError:
    return refuse(409, "nothing_to_export", where=error.where, why=Both(error.zh, error.en))


def _heights_m(ctx: Services, plan: SearchPlan) -> dict[str, float]:
    try:
        return return_heights_m(plan, ctx.part(MapBase).terrain())
    except NoTerrainError:
        raise refuse(409, "no_return_height") from None


def _areas(session: Session, incident_id: str) -> list[Area]:
    query = select(PlanRecord).where(PlanRecord.incident_id == incident_id)
    rows = session.exec(query.order_by(col(PlanRecord.created_ms), col(PlanRecord.id))).all()
    # Drafts that were put aside are no search; where nothing else is there, the last one counts.
    chosen = [row for row in rows if row.state is not PlanState.DRAFT] or rows[-1:]
    return [
        area.model_copy(
            update={
                "name": f"{row.plan.id[-6:]} {area.name}",
                "attributes": {"plan_id": row.id, "state": row.state.value},
            }
        )
        for row in chosen
        for area in areas_of(row.plan.request)
    ]


def _tracks(session: Session, incident_id: str) -> list[Thing]:
    query = select(SortieRecord).where(SortieRecord.incident_id == incident_id)
    tracks: list[Thing] = []
    for row in session.exec(query.order_by(col(SortieRecord.id))):
        poses = sorted(flown_poses(session, [row.id]), key=lambda pose: pose.t_ms)
        if poses:
            fixes = [(p.t_ms, p.lat_deg, p.lon_deg, p.altitude_amsl_m) for p in poses]
            tracks.append(track_path(f"{row.vehicle_id} #{row.order_index + 1}", fixes))
    return tracks


def _alerts(session: Session, incident_id: str) -> tuple[list[Thing], list[LeftOut]]:
    query = select(DetectionRecord).where(
        DetectionRecord.incident_id == incident_id,
        DetectionRecord.status != DetectionStatus.REJECTED,
        col(DetectionRecord.duplicate_of).is_(None),
    )
    places: list[Place] = []
    left_out: list[LeftOut] = []
    for row in session.exec(query.order_by(col(DetectionRecord.t_ms), col(DetectionRecord.id))):
        label, status = (
            both(f"words.label.{row.label}"),
            both(f"words.alert_status.{row.status.value}"),
        )
        name = f"{label.zh} {label.en} {row.id[-6:]}"
        if row.lat_deg is None or row.lon_deg is None:
            no_place = both("words.alert_without_place")
            left_out.append(LeftOut(where="alert", name=name, zh=no_place.zh, en=no_place.en))
            continue
        places.append(
            Place(
                lat_deg=row.lat_deg,
                lon_deg=row.lon_deg,
                altitude_m=row.detection.altitude_amsl_m,
                time_ms=row.t_ms,
                name=name,
                description=f"{status.zh} / {status.en}",
                attributes={
                    "alert_id": row.id,
                    "label": row.label,
                    "status": row.status.value,
                    "confidence": row.detection.confidence,
                },
            )
        )
    return ([Points(places=places, height_reference="amsl")] if places else []), left_out
