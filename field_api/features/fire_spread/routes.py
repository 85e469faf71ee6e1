"""Wind and estimates of spread over HTTP."""

from typing import Annotated

from fastapi import Depends, Query, Response
from sqlmodel import col, select

from field_api.contract.ids import RecordId
from field_api.core.access import Principal
from field_api.core.change import Change
from field_api.core.errors import refuse
from field_api.core.pages import Before, Limit, before_id
from field_api.core.routing import Routes, serve_operation
from field_api.core.services import Context, Services, require
from field_api.core.wire import digest
from field_api.features.fire_spread.estimating import Asked, asked, estimated
from field_api.features.fire_spread.messages import (
    FuelView,
    MakeSpread,
    SpreadHead,
    SpreadView,
    WindView,
)
from field_api.features.fire_spread.permissions import SPREAD_MAKE, SPREAD_VIEW, WIND_VIEW
from field_api.features.fire_spread.records import spread_heads, spread_view
from field_api.features.fire_spread.tables import SpreadEstimate, SpreadResult, WindReading
from field_api.features.fire_spread.wind import REPORT, wind_views
from field_api.features.incidents.records import get_incident, open_incident, require_open
from field_api.features.maps.base import MapBase
from field_api.features.plotting.operations import drawing_name
from mission_plans.fire.rate import fuels

__all__ = ["router"]

router = Routes(tags=["fire spread"])

WindDep = Annotated[Principal, Depends(require(WIND_VIEW))]
ViewerDep = Annotated[Principal, Depends(require(SPREAD_VIEW))]


@router.get("/wind", operation_id="listWind")
def list_wind(
    who: WindDep,
    ctx: Context,
    incident_id: Annotated[RecordId, Query()],
    limit: Limit = 100,
    before: Before = None,
) -> list[WindView]:
    """List what was reported of the wind at an incident, the last observed first."""
    query = select(WindReading).where(WindReading.incident_id == incident_id)
    order = (col(WindReading.observed_ms), col(WindReading.id))
    with ctx.store.read(who.viewer) as session:
        rows = session.exec(before_id(session, query, WindReading, order, before, limit)).all()
        return wind_views(session, rows)


serve_operation(router, REPORT, "/wind", operation_id="reportWind", returns=WindView, created=True)


@router.get("/fire-spreads/fuels", operation_id="listFuels")
def list_fuels(_who: ViewerDep) -> list[FuelView]:
    """List the kinds of fuel that an estimate can be made for."""
    return [FuelView(**fuel.model_dump(exclude={"spots"})) for fuel in fuels().values()]


@router.get("/incidents/{incident_id}/fire-spreads", operation_id="listSpreads")
def list_spreads(
    incident_id: RecordId,
    who: ViewerDep,
    ctx: Context,
    limit: Limit = 50,
    before: Before = None,
) -> list[SpreadHead]:
    """List the estimates of an incident, newest first."""
    query = select(SpreadEstimate).where(SpreadEstimate.incident_id == incident_id)
    order = (col(SpreadEstimate.made_ms), col(SpreadEstimate.id))
    with ctx.store.read(who.viewer) as session:
        get_incident(session, incident_id)
        rows = session.exec(before_id(session, query, SpreadEstimate, order, before, limit)).all()
        return spread_heads(session, rows)


@router.get("/fire-spreads/{spread_id}", operation_id="getSpread")
def get_spread(spread_id: RecordId, who: ViewerDep, ctx: Context) -> SpreadView:
    """Return an estimate with all that it was made from."""
    with ctx.store.read(who.viewer) as session:
        row = session.get(SpreadEstimate, spread_id)
        if row is None:
            raise refuse(404, "unknown_fire_spread", id=spread_id)
        return spread_view(session, row)


@router.post("/incidents/{incident_id}/fire-spreads", operation_id="makeSpread", status_code=201)
def make(
    incident_id: RecordId,
    body: MakeSpread,
    who: Annotated[Principal, Depends(require(SPREAD_MAKE))],
    ctx: Context,
    response: Response,
) -> SpreadView:
    """Estimate how a fire may spread: a model, which tasks nobody. Repeating is safe."""
    with ctx.store.read(who.viewer) as session:
        require_open(get_incident(session, incident_id))
        row = session.get(SpreadEstimate, body.id)
        if row is not None:
            if row.request_sha256 != digest(body) or row.incident_id != incident_id:
                raise refuse(409, "id_taken", field="id")
            response.status_code = 200
            return spread_view(session, row)
        made_from = asked(session, incident_id, body)
    # It takes a second or two: outside every transaction, and of the event loop.
    result, took_ms = estimated(ctx, made_from)
    with ctx.store.change(who) as change:
        row = change.known(SpreadEstimate, body, body.id, incident_id=incident_id)
        if row is None:
            row = _keep(ctx, change, incident_id, body, made_from, result, took_ms)
        change.session.flush()
        return spread_view(change.session, row)


def _keep(
    ctx: Services,
    change: Change,
    incident_id: str,
    body: MakeSpread,
    made_from: Asked,
    result: SpreadResult,
    took_ms: int,
) -> SpreadEstimate:
    incident = open_incident(change, incident_id)
    for old in change.session.exec(
        select(SpreadEstimate).where(
            SpreadEstimate.incident_id == incident_id, col(SpreadEstimate.current).is_(True)
        )
    ).all():
        change.put(old)
        old.current = False
    row = change.create(
        SpreadEstimate(
            id=body.id,
            area=incident.area,
            incident_id=incident_id,
            drawing_id=made_from.drawing.id,
            drawing_version=made_from.drawing.version,
            start_ms=made_from.start_ms,
            wind_id=made_from.wind.id,
            wind_observed_ms=made_from.wind.observed_ms,
            weather_assumed=made_from.weather_assumed,
            synthetic_terrain=ctx.part(MapBase).view().synthetic_terrain,
            inputs=made_from.inputs,
            result=result,
            made_ms=change.t_ms,
            made_by=change.actor.name,
            took_ms=took_ms,
            request_sha256=digest(body),
        )
    )
    middle = next(band for band in result.bands if (band.minutes, band.percent) == (60, 50))
    change.record(
        "fire_spread.made",
        row.id,
        incident_id=incident_id,
        refs={"drawing_id": row.drawing_id, "wind_id": row.wind_id},
        what=drawing_name(made_from.drawing.kind, made_from.drawing.content.label),
        hectares=round(middle.area_m2 / 10_000, 1),
    )
    return row
