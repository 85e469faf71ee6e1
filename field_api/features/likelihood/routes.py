"""The probability map over HTTP."""

from typing import Annotated

from fastapi import Depends, Response
from sqlmodel import Session

from field_api.contract.ids import RecordId
from field_api.core.access import Principal
from field_api.core.operation import Call, Operation
from field_api.core.roles import VIEW
from field_api.core.routing import Routes, serve_operation
from field_api.core.services import Context, Services, require
from field_api.features.incidents.records import get_incident, open_incident
from field_api.features.likelihood.messages import LikelihoodView, MakeLikelihood, ProfileView
from field_api.features.likelihood.records import (
    get_likelihood,
    likelihood_view,
    picture,
    search_record,
)
from field_api.features.likelihood.tables import LikelihoodRecord
from field_api.features.plans.permissions import PLAN_MAKE, PLAN_VIEW
from mission_plans.probability.lost_person import profiles

__all__ = ["MAKE", "router"]

router = Routes(tags=["likelihood"])

ViewerDep = Annotated[Principal, Depends(require(PLAN_VIEW))]


@router.get("/likelihood/profiles", operation_id="listProfiles")
def list_profiles(_who: Annotated[Principal, Depends(require(VIEW))]) -> list[ProfileView]:
    """List the kinds of lost people a map can be made for."""
    return [
        ProfileView(id=name, name_zh=p.name_zh, name_en=p.name_en, distance_km=list(p.distance_km))
        for name, p in profiles().items()
    ]


def _make(call: Call[MakeLikelihood]) -> LikelihoodRecord:
    """Make or replace the incident's map; what was searched so far is kept and counted anew."""
    change, body = call.change, call.body
    incident = open_incident(change, call.target)
    row = change.session.get(LikelihoodRecord, incident.id)
    if row is None:
        row = change.create(
            LikelihoodRecord(
                id=incident.id,
                area=incident.area,
                body=body,
                made_ms=change.t_ms,
                made_by=call.who.actor.name,
            )
        )
    else:
        change.put(row)
        row.body = body
        row.revision += 1
        row.made_ms, row.made_by = change.t_ms, call.who.actor.name
    change.session.flush()
    searched = search_record(call.ctx, change.session, row).cumulative_pos
    change.record(
        "likelihood.made",
        incident.id,
        incident_id=incident.id,
        places=len(body.last_known),
        clues=len(body.clues),
        searched=searched,
    )
    return row


MAKE = Operation("likelihood.make", PLAN_MAKE, MakeLikelihood, _make, targeted=True, batch=False)


def _whole(ctx: Services, session: Session, row: LikelihoodRecord) -> LikelihoodView:
    return likelihood_view(ctx, session, row)


serve_operation(
    router,
    MAKE,
    "/incidents/{incident_id}/likelihood",
    operation_id="makeLikelihood",
    returns=LikelihoodView,
    target="incident_id",
    method="PUT",
    view=_whole,
)


@router.get("/incidents/{incident_id}/likelihood", operation_id="getLikelihood")
def get_one(incident_id: RecordId, who: ViewerDep, ctx: Context) -> LikelihoodView:
    """Return the incident's map and the chance already searched."""
    with ctx.store.read(who.viewer) as session:
        get_incident(session, incident_id)
        return likelihood_view(ctx, session, get_likelihood(session, incident_id))


@router.get(
    "/incidents/{incident_id}/likelihood.png",
    operation_id="getLikelihoodPicture",
    response_class=Response,
    responses={200: {"content": {"image/png": {"schema": {"type": "string", "format": "binary"}}}}},
)
def get_picture(incident_id: RecordId, who: ViewerDep, ctx: Context, r: str = "") -> Response:
    """Return where they may be now as a transparent picture; `r` only renews caches."""
    del r
    with ctx.store.read(who.viewer) as session:
        record = search_record(ctx, session, get_likelihood(session, incident_id))
    return Response(picture(record), media_type="image/png")
