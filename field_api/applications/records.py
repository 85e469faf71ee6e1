"""Filling, handing in and answering flight applications."""

import json
from functools import cache
from pathlib import Path
from typing import cast

from sqlmodel import Session

from field_api.applications.models import ApplicationRecord, ApplicationState, ApplicationView
from field_api.errors import ApiError
from field_api.plans.models import PlanRecord
from field_api.services import Services
from field_api.store import Change
from mission_plans.flight_application import ApplicantUnit, FlightApplication
from mission_plans.flight_rules import FlightRules, load_flight_rules, shipped_rules
from mission_plans.plan import SearchPlan

__all__ = ["applicant", "application_view", "bind_approval", "flight_rules", "get_application"]

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


def get_application(session: Session, application_id: str) -> ApplicationRecord:
    """Return an application.

    Raises:
        ApiError: 404, there is none of this id.
    """
    row = session.get(ApplicationRecord, application_id)
    if row is None:
        raise ApiError(404, "unknown_application", "没有这份申请", "There is no such application")
    return row


def application_view(row: ApplicationRecord, now_ms: int) -> ApplicationView:
    """Return what clients see of an application."""
    body = FlightApplication.model_validate_json(row.body_json)
    in_time = None
    if row.submitted_ms is not None:
        in_time = row.submitted_ms <= body.submit_by_ms
    return ApplicationView(
        **row.model_dump(exclude={"state", "body_json", "request_sha256"}),
        state=cast("ApplicationState", row.state),
        application=body,
        submitted_in_time=in_time,
        reply_overdue=row.state == "submitted" and now_ms > body.reply_by_ms,
    )


def bind_approval(ctx: Services, change: Change, row: ApplicationRecord) -> None:
    """Let an approval answer the plan's checks that asked for one."""
    record = change.session.get(PlanRecord, row.plan_id)
    if record is None:
        return
    rules = flight_rules(ctx.settings.flight_rules_file)
    asking = {rule.id for rule in rules.rules if rule.demands in NEEDS_APPROVAL}
    asking.add("airspace_controlled")
    plan = SearchPlan.model_validate_json(record.plan_json)
    checks = [
        check
        if check.passed or check.id not in asking
        else check.model_copy(
            update={
                "passed": True,
                "text_zh": f"{check.text_zh}(已批准 {row.approval_id})",
                "text_en": f"{check.text_en} (approved: {row.approval_id})",
            }
        )
        for check in plan.checks
    ]
    record.plan_json = plan.model_copy(update={"checks": checks}).model_dump_json()
    record.revision += 1
