"""The record of one flight, as an authority asks for it: who, what, where, every second.

The fields follow GB 46750 as far as the bureau's plan names them: product code and registration,
control station, positions at most 10 s apart on WGS-84. What nobody entered and what was not
recorded is said, never filled in.
"""

from collections.abc import Iterator
from itertools import pairwise

from sqlmodel import Session, col, select

from field_api.contract.messages import SortieState
from field_api.core.access import Viewer
from field_api.core.errors import refuse
from field_api.core.registers.columns import Column, ColumnKind
from field_api.core.registers.exporting import Language, export_csv
from field_api.core.services import Services
from field_api.features.flights.flown import flown_poses
from field_api.features.flights.messages import FlightGap, FlightRecordView, FlightSample
from field_api.features.flights.tables import SortieRecord, SortieStep
from field_api.features.incidents.records import get_incident
from field_api.features.plans.records import get_plan
from field_api.features.roster.tables import Pilot, Vehicle
from mission_plans.ground.geodesy import distance_m
from mission_plans.search.flown_coverage import FlownPose
from mission_plans.values.plan import SortiePlan

__all__ = ["flight_record", "record_csv"]

LONGEST_GAP_MS = 10_000
REQUIRED = ("product_code", "registration", "weight_class", "pilot", "licence")
_LANDED = (SortieState.RETURNED, SortieState.FAILED, SortieState.REPLACED)


def flight_record(ctx: Services, viewer: Viewer, sortie_id: str) -> FlightRecordView:
    """Return the record of a sortie.

    Raises:
        ApiError: 404, there is no such sortie; 409, it has not flown.
    """
    with ctx.store.read(viewer) as session:
        row = session.get(SortieRecord, sortie_id)
        if row is None:
            raise refuse(404, "unknown_sortie", field="sortie_id")
        flown = _flown(session, sortie_id)
        if not flown:
            raise refuse(409, "not_flown")
        plan, incident = get_plan(session, row.plan_id), get_incident(session, row.incident_id)
        vehicle = session.get(Vehicle, row.vehicle_id)
        pilot = plan.launched_by or plan.authorised_by or ""
        paper = session.exec(select(Pilot).where(Pilot.name == pilot).limit(1)).first()
        took_off_ms = _step_ms(session, sortie_id, SortieState.FLYING)
        ended = row.state in _LANDED
        record = FlightRecordView(
            sortie_id=sortie_id,
            incident_id=row.incident_id,
            plan_id=row.plan_id,
            vehicle_id=row.vehicle_id,
            product_code=vehicle.product_code if vehicle else None,
            registration=vehicle.registration if vehicle else None,
            weight_class=vehicle.weight_class if vehicle else None,
            aircraft_kind=vehicle.kind if vehicle else "",
            pilot=pilot,
            licence=paper.licence if paper else "",
            licence_class=paper.licence_class if paper else "",
            purpose=incident.title,
            coordinates="WGS-84",
            altitude_datum="EGM96",
            control_station=row.sortie.launch,
            state=row.state,
            took_off_ms=took_off_ms,
            landed_ms=row.state_t_ms if ended else None,
            samples=list(_samples(flown, row.sortie)),
            gaps=_gaps(flown),
            missing=[],
        )
        return record.model_copy(
            update={"missing": [name for name in REQUIRED if not getattr(record, name)]}
        )


def _flown(session: Session, sortie_id: str) -> list[FlownPose]:
    """Return every recorded position in order of time; pieces may have arrived in any."""
    by_time = {pose.t_ms: pose for pose in flown_poses(session, [sortie_id])}
    return [by_time[t_ms] for t_ms in sorted(by_time)]


def _step_ms(session: Session, sortie_id: str, state: SortieState) -> int | None:
    first = select(SortieStep.t_ms).where(
        SortieStep.sortie_id == sortie_id, SortieStep.state == state.value
    )
    return session.exec(first.order_by(col(SortieStep.t_ms)).limit(1)).first()


def _samples(flown: list[FlownPose], sortie: SortiePlan) -> Iterator[FlightSample]:
    before: FlownPose | None = None
    for sample in flown:
        speed_ms = 0.0
        if before is not None:
            seconds = (sample.t_ms - before.t_ms) / 1000
            speed_ms = distance_m(before, sample) / seconds
        yield FlightSample(
            t_ms=sample.t_ms,
            lat_deg=sample.lat_deg,
            lon_deg=sample.lon_deg,
            altitude_amsl_m=sample.altitude_amsl_m,
            height_m=round(sample.altitude_amsl_m - sortie.launch_amsl_m, 1),
            heading_deg=sample.heading_deg,
            ground_speed_ms=round(speed_ms, 2),
        )
        before = sample


def _gaps(flown: list[FlownPose]) -> list[FlightGap]:
    return [
        FlightGap(from_ms=one.t_ms, to_ms=other.t_ms)
        for one, other in pairwise(flown)
        if other.t_ms - one.t_ms > LONGEST_GAP_MS
    ]


def _column(name: str, kind: ColumnKind, zh: str, en: str, unit: str | None = None) -> Column:
    return Column(name, kind, zh, en, unit)


_K = ColumnKind
COLUMNS = (
    _column("t_ms", _K.TIME, "时间", "Time"),
    _column("place", _K.POINT, "WGS-84 ", "WGS-84"),
    _column("altitude_amsl_m", _K.NUMBER, "海拔 EGM96", "Altitude AMSL, EGM96", "m"),
    _column("height_m", _K.NUMBER, "相对起飞点高", "Height above take-off", "m"),
    _column("heading_deg", _K.NUMBER, "航向", "Heading", "°"),
    _column("ground_speed_ms", _K.NUMBER, "地速", "Ground speed", "m/s"),
    _column("product_code", _K.TEXT, "唯一产品识别码", "Product code"),
    _column("registration", _K.TEXT, "实名登记标志", "Registration mark"),
    _column("pilot", _K.TEXT, "飞手", "Pilot"),
    _column("licence", _K.TEXT, "执照号", "Licence number"),
    _column("control_station", _K.POINT, "控制站", "Control station"),
    _column("purpose", _K.TEXT, "任务", "Purpose"),
    _column("sortie_id", _K.TEXT, "架次", "Sortie"),
)


def record_csv(record: FlightRecordView, language: Language) -> bytes:
    """Return a record as a table, a line for every position."""
    same = record.model_dump(mode="json", exclude={"samples", "gaps", "missing"})
    rows = (
        same
        | sample.model_dump()
        | {"place": {"lat_deg": sample.lat_deg, "lon_deg": sample.lon_deg}}
        for sample in record.samples
    )
    return export_csv(COLUMNS, rows, language=language)
