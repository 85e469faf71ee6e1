"""The audit trail over HTTP."""

import json
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from sqlmodel import col, select

from field_api.accounts.rules import Permission
from field_api.audit.models import AuditEntry, AuditView, ChainReport
from field_api.audit.verify import verify_chain
from field_api.services import Context, Principal, require

__all__ = ["router"]

router = APIRouter(prefix="/audit", tags=["audit"])

ReaderDep = Annotated[Principal, Depends(require(Permission.AUDIT_READ))]


@router.get("", operation_id="listAudit")
def list_audit(
    _who: ReaderDep,
    ctx: Context,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    before_seq: Annotated[int | None, Query(ge=1, le=2**53)] = None,
) -> list[AuditView]:
    """Return audit entries, newest first; `before_seq` pages back."""
    query = select(AuditEntry).order_by(col(AuditEntry.seq).desc()).limit(limit)
    if before_seq is not None:
        query = query.where(AuditEntry.seq < before_seq)
    with ctx.store.read() as session:
        return [
            AuditView(
                **row.model_dump(exclude={"refs_json"}),
                refs=json.loads(row.refs_json),
            )
            for row in session.exec(query)
        ]


@router.get("/verify", operation_id="verifyAudit")
def verify(_who: ReaderDep, ctx: Context) -> ChainReport:
    """Prove the whole chain."""
    with ctx.store.read() as session:
        return verify_chain(session)
