"""The probability map over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from field_api.accounts.rules import Permission
from field_api.contract.ids import RecordId
from field_api.incidents.records import get_incident, open_incident
from field_api.likelihood.models import (
    LikelihoodRecord,
    LikelihoodView,
    MakeLikelihood,
    ProfileView,
)
from field_api.likelihood.records import (
    get_likelihood,
    likelihood_view,
    picture,
    search_record,
)
from field_api.services import Context, Principal, ViewerDep, require
from mission_plans.probability.lost_person import profiles

__all__ = ["router"]

router = APIRouter(tags=["likelihood"])


@router.get("/likelihood/profiles", operation_id="listProfiles")
def list_profiles(_who: ViewerDep) -> list[ProfileView]:
    """List the kinds of lost people a map can be made for."""
    return [
        ProfileView(id=name, name_zh=p.name_zh, name_en=p.name_en, distance_km=list(p.distance_km))
        for name, p in profiles().items()
    ]


@router.put("/incidents/{incident_id}/likelihood", operation_id="makeLikelihood")
def make(
    incident_id: RecordId,
    body: MakeLikelihood,
    who: Annotated[Principal, Depends(require(Permission.PLAN_MAKE))],
    ctx: Context,
) -> LikelihoodView:
    """Make or replace the incident's map; what was searched so far is kept and counted anew."""
    with ctx.store.change(who.actor) as change:
        open_incident(change.session, incident_id)
        row = change.session.get(LikelihoodRecord, incident_id)
        if row is None:
            row = LikelihoodRecord(
                incident_id=incident_id,
                body_json=body.model_dump_json(),
                made_ms=change.t_ms,
                made_by=who.actor.name,
            )
            change.session.add(row)
        else:
            row.body_json = body.model_dump_json()
            row.revision += 1
            row.made_ms, row.made_by = change.t_ms, who.actor.name
        view = likelihood_view(ctx, change.session, row)
        places = len(body.last_known)
        change.record(
            "likelihood.made",
            incident_id,
            f"概率图已更新:{places} 个最后已知位置,{len(body.clues)} 条线索,"
            f"已搜索 {view.searched:.0%}",
            f"Probability map made from {places} last known positions and {len(body.clues)} "
            f"clues; {view.searched:.0%} already searched",
            incident_id=incident_id,
        )
        return view


@router.get("/incidents/{incident_id}/likelihood", operation_id="getLikelihood")
def get_one(incident_id: RecordId, _who: ViewerDep, ctx: Context) -> LikelihoodView:
    """Return the incident's map and the chance already searched."""
    with ctx.store.read() as session:
        get_incident(session, incident_id)
        return likelihood_view(ctx, session, get_likelihood(session, incident_id))


@router.get(
    "/incidents/{incident_id}/likelihood.png",
    operation_id="getLikelihoodPicture",
    response_class=Response,
    responses={200: {"content": {"image/png": {"schema": {"type": "string", "format": "binary"}}}}},
)
def get_picture(incident_id: RecordId, _who: ViewerDep, ctx: Context, r: str = "") -> Response:
    """Return where they may be now as a transparent picture; `r` only renews caches."""
    del r
    with ctx.store.read() as session:
        record = search_record(ctx, session, get_likelihood(session, incident_id))
    return Response(picture(record), media_type="image/png")
