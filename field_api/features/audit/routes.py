"""The audit trail over HTTP."""

from typing import Annotated

from fastapi import Depends, Query

from field_api.core.access import Principal
from field_api.core.audit.tables import AuditView, ChainReport
from field_api.core.audit.trail import list_entries, verify_chain
from field_api.core.routing import Routes
from field_api.core.services import Context, require
from field_api.features.accounts.permissions import AUDIT_READ

__all__ = ["router"]

router = Routes(prefix="/audit", tags=["audit"])

ReaderDep = Annotated[Principal, Depends(require(AUDIT_READ))]


@router.get("", operation_id="listAudit")
def list_audit(
    _who: ReaderDep,
    ctx: Context,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    before_seq: Annotated[int | None, Query(ge=1, le=2**53)] = None,
) -> list[AuditView]:
    """Return audit entries, newest first; `before_seq` pages back."""
    with ctx.store.read() as session:
        return list_entries(session, before_seq=before_seq, limit=limit)


@router.get("/verify", operation_id="verifyAudit")
def verify(_who: ReaderDep, ctx: Context) -> ChainReport:
    """Prove the whole chain."""
    with ctx.store.read() as session:
        return verify_chain(session)
