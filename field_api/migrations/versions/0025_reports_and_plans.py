"""Duties to report, their clocks, reports of incidents and what was sent; plans for emergencies"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def _record(*, requested: bool = True) -> list[sa.Column[Any]]:
    columns: list[sa.Column[Any]] = [
        sa.Column("id", sa.String(), nullable=False, primary_key=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("area", sa.String(), nullable=False, index=True),
    ]
    if requested:
        columns.append(sa.Column("request_sha256", sa.String(), nullable=False))
    return columns


def _text(*names: str, nullable: bool = False) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.String(), nullable=nullable) for name in names]


def _times(*names: str, nullable: bool = True) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.BigInteger(), nullable=nullable) for name in names]


def _of(table: str, name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.String(), sa.ForeignKey(f"{table}.id"), nullable=nullable, index=True)


def _reports() -> None:
    op.create_table(
        "reportduty",
        *_record(requested=False),
        *_text("code", "name", "name_en", "stage", "way"),
        sa.Column("kinds", sa.JSON(), nullable=False),
        *_text("from_level", nullable=True),
        *_text("start"),
        *_times("minutes"),
        *_text("daily_at", "recipient", "recipient_en", "basis", "standing", "confirmed_note"),
        *_text("note", "source"),
        sa.Column("active", sa.Boolean(), nullable=False),
    )
    op.create_table(
        "reportcase",
        *_record(requested=False),
        _of("incident", "incident_id"),
        *_times("happened_ms"),
        sa.Column("deaths", sa.Integer(), nullable=True),
        sa.Column("serious_injured", sa.Integer(), nullable=True),
        *_times("loss_cny"),
        sa.Column("burned_ha", sa.Float(), nullable=True),
        sa.Column("traffic", sa.Boolean(), nullable=False),
        *_text("unit", "weather", "next_steps"),
        *_text("level_said", nullable=True),
        *_text("level_reason"),
        *_times("stated_ms"),
        *_text("stated_by", nullable=True),
        *_times("reported_ms"),
        *_times("new_facts_ms", nullable=False),
        sa.Column("ended", sa.Boolean(), nullable=False),
    )
    op.create_table(
        "reportclock",
        *_record(requested=False),
        _of("incident", "incident_id"),
        *_text("duty_id", "name", "name_en", "stage", "way", "recipient", "recipient_en", "basis"),
        sa.Column("is_law", sa.Boolean(), nullable=False),
        *_text("start"),
        *_times("start_ms", nullable=False),
        sa.Column("start_assumed", sa.Boolean(), nullable=False),
        *_times("due_ms"),
        *_text("state"),
        *_times("ended_ms"),
        *_text("sending_id", nullable=True),
        sa.Column("warned", sa.Integer(), nullable=False),
    )
    op.create_index("ix_reportclock_state_due", "reportclock", ["state", "due_ms"])
    op.create_table(
        "incidentreport",
        *_record(),
        _of("incident", "incident_id"),
        *_text("stage"),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False, index=True),
        sa.Column("drill", sa.Boolean(), nullable=False),
        *_text("title", "recipient"),
        sa.Column("sections", sa.JSON(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        *_text("level", nullable=True),
        *_times("as_of_ms", "drafted_in_ms", nullable=False),
        sa.Column("drafted_ms", sa.BigInteger(), nullable=False, index=True),
        *_text("drafted_by"),
        *_times("edited_ms"),
        *_text("edited_by", nullable=True),
        *_times("asked_ms"),
        *_text("asked_by", nullable=True),
        *_times("decided_ms"),
        *_text("decided_by", nullable=True),
        *_text("opinion", "number"),
        *_text("document_id", nullable=True),
        *_text("sha256"),
    )
    op.create_table(
        "reportsending",
        *_record(),
        _of("incident", "incident_id"),
        _of("incidentreport", "report_id", nullable=True),
        *_text("recipient", "way"),
        sa.Column("sent_ms", sa.BigInteger(), nullable=False, index=True),
        *_times("said_ms", nullable=False),
        *_text("said_by", "note"),
        sa.Column("met", sa.JSON(), nullable=False),
        *_times("acknowledged_ms"),
        *_text("acknowledged_by"),
        *_text("acknowledged_said_by", nullable=True),
    )


def _plans() -> None:
    op.create_table(
        "responseplan",
        *_record(),
        sa.Column("plan_key", sa.String(), nullable=False, index=True),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False, index=True),
        sa.Column("shipped", sa.Boolean(), nullable=False),
        *_text("name", "owner"),
        sa.Column("kinds", sa.JSON(), nullable=False),
        *_text("basis"),
        sa.Column("levels", sa.JSON(), nullable=False),
        *_text("expires_on", nullable=True),
        sa.Column("written_ms", sa.BigInteger(), nullable=False, index=True),
        *_text("written_by"),
        *_times("asked_ms"),
        *_text("asked_by", nullable=True),
        *_times("decided_ms"),
        *_text("decided_by", nullable=True),
        *_text("opinion"),
        sa.UniqueConstraint("plan_key", "edition"),
    )
    op.create_table(
        "plandrill",
        *_record(),
        sa.Column("plan_key", sa.String(), nullable=False, index=True),
        sa.Column("held_on", sa.String(), nullable=False, index=True),
        *_text("note"),
        _of("incident", "incident_id", nullable=True),
        *_times("said_ms", nullable=False),
        *_text("said_by"),
    )
    op.create_table(
        "planstart",
        *_record(),
        _of("incident", "incident_id"),
        _of("responseplan", "plan_id"),
        *_text("plan_key", "level"),
        *_times("started_ms", nullable=False),
        *_text("started_by"),
    )
    op.create_table(
        "startedaction",
        *_record(requested=False),
        _of("incident", "incident_id"),
        _of("planstart", "start_id"),
        *_text("plan_key", "action_key", "title", "text", "who", "basis"),
        *_text("task_id", nullable=True),
        sa.Column("started_ms", sa.BigInteger(), nullable=False, index=True),
        *_times("due_ms", "done_ms"),
        *_text("done_by", nullable=True),
        *_text("note"),
        sa.UniqueConstraint("incident_id", "plan_key", "action_key"),
    )


def upgrade() -> None:
    """Apply."""
    _reports()
    _plans()
