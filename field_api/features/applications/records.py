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
from mission_plans.rules.flight_application import ApplicantUnit
from mission_plans.rules.flight_rules import FlightRules, load_flight_rules, shipped_rules

__all__ = [
    "TEMPLATE",
    "applicant",
    "application_views",
    "asking_checks",
    "flight_rules",
    "get_application",
]

TEMPLATE = Path(__file__).parent / "application.typ"
NEEDS_APPROVAL = ("approval", "application")


@cache
def applicant(file: Path | None) -> ApplicantUnit:
    """Return who applies: the settings' file, or the demo's fictional unit."""
    path = file or Path(__file__).parent / "applicant.json"
    return ApplicantUnit.model_validate(json.loads(path.read_text(encoding="utf-8")))


@cache
def flight_rules(file: Path | None) -> FlightRules:
    """Return the rules in force: the settings' file, or those shipped."""
    return load_flight_rules(file) if file else shipped_rules()


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
                document_sha256=hashes.get(row.document_id or ""),
                submitted_in_time=in_time,
                reply_due_ms=row.body.reply_by_ms if waits else None,
                reply_overdue=waits and now_ms is not None and now_ms > row.body.reply_by_ms,
            )
        )
    return views
