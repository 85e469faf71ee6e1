"""Reading flight applications."""

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from sqlmodel import Session, col, select

from field_api.core.documents.tables import Document
from field_api.core.errors import refuse
from field_api.core.services import Services
from field_api.features.applications.messages import ApplicationView
from field_api.features.applications.tables import ApplicationRecord, ApplicationState
from field_api.features.plans.records import flight_rules
from field_api.features.plans.tables import PlanApproval, PlanRecord
from field_api.features.roster.tables import Vehicle
from mission_plans.rules.flight_application import (
    ApplicantUnit,
    RegisteredAircraft,
    flown_sha256,
)

__all__ = [
    "TEMPLATE",
    "applicant",
    "applicant_of",
    "application_views",
    "applied_for",
    "asking_checks",
    "get_application",
    "plan_changed",
]

TEMPLATE = Path(__file__).parent / "application.typ"
NEEDS_APPROVAL = ("approval", "application")


@cache
def applicant(file: Path | None) -> ApplicantUnit:
    """Return who applies: the settings' file, or the demo's fictional unit."""
    path = file or Path(__file__).parent / "applicant.json"
    return ApplicantUnit.model_validate(json.loads(path.read_text(encoding="utf-8")))


def applicant_of(session: Session, file: Path | None) -> ApplicantUnit:
    """Return who applies, its aircraft as the register has them now."""
    unit = applicant(file)
    aircraft = {craft.vehicle_id: craft for craft in unit.aircraft}
    for row in session.exec(select(Vehicle).order_by(col(Vehicle.id))):
        known = aircraft.get(row.id)
        registration = row.registration or (known.registration if known else None)
        code = row.product_code or (known.product_code if known else None)
        if registration and code:
            aircraft[row.id] = RegisteredAircraft(
                vehicle_id=row.id,
                type_zh=known.type_zh if known else row.name,
                registration=registration,
                product_code=code,
            )
    return unit.model_copy(update={"aircraft": list(aircraft.values())})


def asking_checks(ctx: Services) -> set[str]:
    """Return the ids of checks that an approval answers."""
    rules = flight_rules(ctx.settings.flight_rules_file)
    asking = {rule.id for rule in rules.rules if rule.demands in NEEDS_APPROVAL}
    return asking | {"airspace_controlled"}


def get_application(session: Session, application_id: str) -> ApplicationRecord:
    """Return an application that the session may see.

    Raises:
        ApiError: 404, there is none of this id.
    """
    row = session.get(ApplicationRecord, application_id)
    if row is None:
        raise refuse(404, "unknown_application")
    return row


def applied_for(session: Session, plan_id: str) -> bool:
    """Whether somebody has applied for a plan's flight, and was not refused."""
    query = select(ApplicationRecord.id).where(
        ApplicationRecord.plan_id == plan_id,
        ApplicationRecord.state != ApplicationState.REFUSED,
    )
    return session.exec(query.limit(1)).first() is not None


def plan_changed(session: Session, row: ApplicationRecord) -> bool:
    """Whether the plan would be flown otherwise than it was applied for."""
    plan = session.get_one(PlanRecord, row.plan_id)
    if row.body.flown_sha256:
        return row.body.flown_sha256 != flown_sha256(plan.plan)
    # Filled by an older version: what made revisions and was no approval were improvements.
    approvals = session.exec(
        select(PlanApproval.application_id).where(PlanApproval.plan_id == row.plan_id)
    ).all()
    return plan.revision - len(approvals) > row.plan_revision


def application_views(
    session: Session, rows: Sequence[ApplicationRecord], now_ms: int | None = None
) -> list[ApplicationView]:
    """Return what clients see of applications; without a time nothing counts as overdue."""
    ids = [row.document_id for row in rows if row.document_id]
    found = session.exec(select(Document.id, Document.sha256).where(col(Document.id).in_(ids)))
    hashes = dict(found.all()) if ids else {}
    views: list[ApplicationView] = []
    for row in rows:
        in_time = None
        if row.submitted_ms is not None:
            in_time = row.submitted_ms <= row.body.submit_by_ms
        waits = row.state is ApplicationState.SUBMITTED
        views.append(
            ApplicationView(
                **row.model_dump(exclude={"body", "request_sha256", "document_id"}),
                application=row.body,
                plan_changed=plan_changed(session, row),
                document_sha256=hashes.get(row.document_id or ""),
                submitted_in_time=in_time,
                reply_due_ms=row.body.reply_by_ms if waits else None,
                reply_overdue=waits and now_ms is not None and now_ms > row.body.reply_by_ms,
            )
        )
    return views
