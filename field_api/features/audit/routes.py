"""The audit trail over HTTP."""

from typing import Annotated

from fastapi import Depends, Query, Response

from field_api.core.access import Principal
from field_api.core.audit.asking import Language, LinesDep, lines_csv
from field_api.core.audit.tables import AuditView, ChainReport
from field_api.core.audit.trail import list_entries, verify_chain
from field_api.core.file_bodies import CSV, csv_file
from field_api.core.routing import Routes
from field_api.core.services import Context, require
from field_api.features.accounts.permissions import AUDIT_READ

__all__ = ["router"]

router = Routes(prefix="/audit", tags=["audit"])

MOST_LINES = 50_000

ReaderDep = Annotated[Principal, Depends(require(AUDIT_READ))]


@router.get("", operation_id="listAudit")
def list_audit(
    _who: ReaderDep,
    ctx: Context,
    wanted: LinesDep,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    before_seq: Annotated[int | None, Query(ge=1, le=2**53)] = None,
) -> list[AuditView]:
    """Return audit entries, newest first; `before_seq` pages back."""
    with ctx.store.read() as session:
        return list_entries(session, before_seq=before_seq, limit=limit, wanted=wanted)


@router.get(
    "/export.csv",
    operation_id="exportAudit",
    response_class=Response,
    responses=CSV,
)
def export_audit(
    who: ReaderDep,
    ctx: Context,
    wanted: LinesDep,
    language: Annotated[Language, Query()] = "zh",
) -> Response:
    """Return the wanted entries as a table, the newest 50,000 of them, newest first.

    That somebody took them out stands in the trail.
    """
    with ctx.store.read() as session:
        entries = list_entries(session, limit=MOST_LINES, wanted=wanted)
    with ctx.store.change(who) as change:
        change.record("audit.taken_out", "audit", by=who.actor.name, count=len(entries))
    return csv_file(lines_csv(entries, language), "audit.csv")


@router.get("/verify", operation_id="verifyAudit")
def verify(_who: ReaderDep, ctx: Context) -> ChainReport:
    """Prove the whole chain."""
    with ctx.store.read() as session:
        return verify_chain(session)
