"""Flights over HTTP."""

from typing import Annotated, Literal

from fastapi import Depends, Path, Query, Response
from sqlmodel import Session, col, select

from field_api.contract.ids import RecordId
from field_api.core.access import Principal
from field_api.core.errors import refuse
from field_api.core.file_bodies import CSV, csv_file, gives
from field_api.core.pages import Before, before_id
from field_api.core.routing import Routes, serve_operation
from field_api.core.services import Context, Services, require
from field_api.features.flights.abort import ABORT, abort_view
from field_api.features.flights.anomalies import REPORT_ANOMALY
from field_api.features.flights.flight_record import flight_record, record_csv
from field_api.features.flights.flown import coverage_of
from field_api.features.flights.guiding import FLY_TO, FOLLOW, LOOK_AGAIN
from field_api.features.flights.messages import (
    AbortView,
    AnomalyView,
    CommandView,
    CoverageView,
    FlightRecordView,
    FlownView,
    SortieView,
    StationView,
    VehicleEventView,
)
from field_api.features.flights.operations import AUTHORISE, COMMAND, LAUNCH
from field_api.features.flights.permissions import SORTIE_VIEW
from field_api.features.flights.retask import RETASK
from field_api.features.flights.stations import KEEP_WATCH
from field_api.features.flights.tables import (
    Anomaly,
    CommandRecord,
    FlownPiece,
    SortieRecord,
    VehicleEventRecord,
)
from field_api.features.flights.views import (
    anomaly_views,
    command_views,
    flown_views,
    sortie_views,
    vehicle_event_views,
)
from field_api.features.incidents.records import get_incident
from field_api.features.plans.messages import PlanView
from field_api.features.plans.records import plan_view
from field_api.features.plans.tables import PlanRecord

__all__ = ["router"]

router = Routes()

ViewerDep = Annotated[Principal, Depends(require(SORTIE_VIEW))]
SortieIdPart = Annotated[str, Path(max_length=120)]
"""Plan, aircraft and number: no id of its own."""


def _whole_plan(ctx: Services, session: Session, row: PlanRecord) -> PlanView:
    return plan_view(session, row, ctx.clock())


serve_operation(
    router,
    AUTHORISE,
    "/plans/{plan_id}/authorise",
    operation_id="authorisePlan",
    tag="plans",
    returns=PlanView,
    target="plan_id",
    view=_whole_plan,
)
serve_operation(
    router,
    LAUNCH,
    "/plans/{plan_id}/launch",
    operation_id="launchPlan",
    tag="plans",
    returns=PlanView,
    target="plan_id",
    view=_whole_plan,
    status_code=202,
)
serve_operation(
    router,
    REPORT_ANOMALY,
    "/anomalies/{sortie_id}/report",
    operation_id="reportAnomaly",
    tag="flights",
    returns=AnomalyView,
    target="sortie_id",
)
serve_operation(
    router,
    COMMAND,
    "/vehicles/{vehicle_id}/commands",
    operation_id="commandVehicle",
    tag="vehicles",
    returns=CommandView,
    target="vehicle_id",
    created=True,
    status_code=202,
)


@router.get(
    "/anomalies/{sortie_id}/report.pdf",
    operation_id="getAnomalyPdf",
    tags=["flights"],
    response_class=Response,
    responses=gives("application/pdf"),
)
def get_anomaly_pdf(sortie_id: SortieIdPart, who: ViewerDep, ctx: Context) -> Response:
    """Return the report of an anomaly as it was issued last."""
    with ctx.store.read(who.viewer) as session:
        row = session.get(Anomaly, sortie_id)
        if row is None:
            raise refuse(404, "unknown_anomaly", id=sortie_id)
        if row.document_sha256 is None:
            raise refuse(409, "anomaly_not_reported")
        pdf = ctx.blobs.path(row.document_sha256).read_bytes()
    return Response(
        pdf,
        media_type="application/pdf",
        headers={"Content-Disposition": 'inline; filename="anomaly.pdf"'},
    )


@router.get("/anomalies", operation_id="listAnomalies", tags=["flights"])
def list_anomalies(who: ViewerDep, ctx: Context) -> list[AnomalyView]:
    """List flight anomalies that still have to be reported, the most urgent first."""
    with ctx.store.read(who.viewer) as session:
        rows = session.exec(
            select(Anomaly)
            .where(col(Anomaly.reported_ms).is_(None))
            .order_by(col(Anomaly.due_ms))
            .limit(200)
        ).all()
        return anomaly_views(session, rows)


serve_operation(
    router,
    RETASK,
    "/plans/{plan_id}/retask",
    operation_id="retaskPlan",
    tag="plans",
    returns=PlanView,
    target="plan_id",
    view=_whole_plan,
    status_code=202,
)
serve_operation(
    router,
    FLY_TO,
    "/vehicles/{vehicle_id}/fly-to",
    operation_id="flyTo",
    tag="vehicles",
    returns=CommandView,
    target="vehicle_id",
    created=True,
    status_code=202,
)
serve_operation(
    router,
    FOLLOW,
    "/vehicles/{vehicle_id}/follow",
    operation_id="followHandheld",
    tag="vehicles",
    returns=CommandView,
    target="vehicle_id",
    created=True,
    status_code=202,
)
serve_operation(
    router,
    LOOK_AGAIN,
    "/vehicles/{vehicle_id}/look-again",
    operation_id="lookAgain",
    tag="vehicles",
    returns=CommandView,
    target="vehicle_id",
    created=True,
    status_code=202,
)
serve_operation(
    router,
    KEEP_WATCH,
    "/vehicles/{vehicle_id}/keep-watch",
    operation_id="keepWatch",
    tag="vehicles",
    returns=StationView,
    target="vehicle_id",
    created=True,
    status_code=202,
)
serve_operation(
    router,
    ABORT,
    "/flights/abort",
    operation_id="abortFlights",
    tag="vehicles",
    returns=AbortView,
    view=abort_view,
    created=True,
    status_code=202,
)


@router.get("/sorties", operation_id="listSorties", tags=["sorties"])
def list_sorties(
    who: ViewerDep,
    ctx: Context,
    incident_id: Annotated[RecordId | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
    before: Before = None,
) -> list[SortieView]:
    """List authorised sorties and their state, newest plan first; `before` pages back."""
    query = select(SortieRecord)
    if incident_id is not None:
        query = query.where(SortieRecord.incident_id == incident_id)
    order = (col(SortieRecord.plan_id), col(SortieRecord.id))
    with ctx.store.read(who.viewer) as session:
        rows = session.exec(before_id(session, query, SortieRecord, order, before, limit)).all()
        return sortie_views(session, rows)


@router.get("/sorties/{sortie_id}/record", operation_id="getFlightRecord", tags=["sorties"])
def get_flight_record(sortie_id: SortieIdPart, who: ViewerDep, ctx: Context) -> FlightRecordView:
    """Return what the record of a flight must hold, and what of it is missing."""
    return flight_record(ctx, who.viewer, sortie_id)


@router.get(
    "/sorties/{sortie_id}/record.csv",
    operation_id="getFlightRecordCsv",
    tags=["sorties"],
    response_class=Response,
    responses=CSV,
)
def get_flight_record_csv(
    sortie_id: SortieIdPart,
    who: ViewerDep,
    ctx: Context,
    language: Annotated[Literal["zh", "en"], Query()] = "zh",
) -> Response:
    """Return the record as a table, a line for every second."""
    record = flight_record(ctx, who.viewer, sortie_id)
    name = f"{record.vehicle_id}-{record.sortie_id[-12:]}.csv"
    return csv_file(record_csv(record, language), name)


@router.get("/commands/{command_id}", operation_id="getCommand", tags=["vehicles"])
def get_command(command_id: RecordId, who: ViewerDep, ctx: Context) -> CommandView:
    """Return what became of an order."""
    with ctx.store.read(who.viewer) as session:
        row = session.get(CommandRecord, command_id)
        if row is None:
            raise refuse(404, "unknown_command")
        return command_views(session, [row])[0]


@router.get("/plans/{plan_id}/coverage", operation_id="getCoverage", tags=["flown"])
def get_coverage(plan_id: RecordId, who: ViewerDep, ctx: Context) -> CoverageView:
    """Return what was really flown and seen of a plan's area, beside what was planned."""
    return coverage_of(ctx, who.viewer, plan_id)


@router.get("/incidents/{incident_id}/tracks", operation_id="listTracks", tags=["flown"])
def list_tracks(
    incident_id: RecordId,
    who: ViewerDep,
    ctx: Context,
    limit: Annotated[int, Query(ge=1, le=1000)] = 400,
    before: Before = None,
) -> list[FlownView]:
    """Return the newest pieces of track flown for an incident; `before` pages back."""
    query = select(FlownPiece).where(FlownPiece.incident_id == incident_id)
    order = (col(FlownPiece.last_ms), col(FlownPiece.id))
    with ctx.store.read(who.viewer) as session:
        get_incident(session, incident_id)
        rows = session.exec(before_id(session, query, FlownPiece, order, before, limit)).all()
        return flown_views(session, rows)


@router.get("/vehicle-events", operation_id="listVehicleEvents", tags=["vehicles"])
def list_vehicle_events(
    who: ViewerDep,
    ctx: Context,
    incident_id: Annotated[RecordId | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    before: Before = None,
) -> list[VehicleEventView]:
    """Return what vehicles said, newest first; `before` pages back."""
    query = select(VehicleEventRecord)
    if incident_id is not None:
        query = query.where(VehicleEventRecord.incident_id == incident_id)
    order = (col(VehicleEventRecord.t_ms), col(VehicleEventRecord.id))
    with ctx.store.read(who.viewer) as session:
        rows = session.exec(
            before_id(session, query, VehicleEventRecord, order, before, limit)
        ).all()
        return vehicle_event_views(session, rows)
