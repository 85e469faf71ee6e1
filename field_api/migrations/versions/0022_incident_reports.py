"""Duties to report, their clocks, reports of incidents, and what was sent"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def _record() -> list[sa.Column[object]]:
    return [
        sa.Column("id", sa.String(), nullable=False, primary_key=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("area", sa.String(), nullable=False, index=True),
    ]


def _incident() -> sa.Column[object]:
    return sa.Column(
        "incident_id", sa.String(), sa.ForeignKey("incident.id"), nullable=False, index=True
    )


def _text(*names: str, nullable: bool = False) -> list[sa.Column[object]]:
    return [sa.Column(name, sa.String(), nullable=nullable) for name in names]


def _times(*names: str, nullable: bool = True) -> list[sa.Column[object]]:
    return [sa.Column(name, sa.BigInteger(), nullable=nullable) for name in names]


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "reportduty",
        *_record(),
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
        *_record(),
        _incident(),
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
        *_record(),
        _incident(),
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
        *_text("request_sha256"),
        _incident(),
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
        *_text("request_sha256"),
        _incident(),
        sa.Column(
            "report_id", sa.String(), sa.ForeignKey("incidentreport.id"), nullable=True, index=True
        ),
        *_text("recipient", "way"),
        sa.Column("sent_ms", sa.BigInteger(), nullable=False, index=True),
        *_times("said_ms", nullable=False),
        *_text("said_by", "note"),
        sa.Column("met", sa.JSON(), nullable=False),
        *_times("acknowledged_ms"),
        *_text("acknowledged_by"),
        *_text("acknowledged_said_by", nullable=True),
    )
