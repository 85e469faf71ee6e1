"""Check-ins, roll calls; tasks pressed for and handed over; alerts taken, snoozed, merged"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"


def _record(*, requested: bool = True) -> list[sa.Column[Any]]:
    columns: list[sa.Column[Any]] = [
        sa.Column("id", sa.String(), nullable=False, primary_key=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("area", sa.String(), nullable=False, index=True),
    ]
    if requested:
        columns.append(sa.Column("request_sha256", sa.String(), nullable=False))
    return columns


def _times(*names: str, nullable: bool = True) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.BigInteger(), nullable=nullable) for name in names]


def _of(table: str, name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.String(), sa.ForeignKey(f"{table}.id"), nullable=False, index=True)


def _check_ins() -> None:
    op.create_table(
        "checkin",
        *_record(),
        _of("incident", "incident_id"),
        sa.Column("terminal_id", sa.String(), nullable=False, index=True),
        sa.Column("interval_s", sa.Integer(), nullable=False),
        *_times("started_ms", nullable=False),
        sa.Column("started_by", sa.String(), nullable=False),
        *_times("last_ms", "heard_ms"),
        *_times("due_ms", nullable=False),
        *_times("overdue_ms", "ended_ms"),
        sa.Column("ended_by", sa.String(), nullable=True),
    )
    op.create_index("ix_checkin_ended_due", "checkin", ["ended_ms", "due_ms"])
    op.create_table(
        "checkinword",
        sa.Column("id", sa.String(), nullable=False, primary_key=True),
        _of("checkin", "check_in_id"),
        *_times("t_ms", "received_ms", nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("request_sha256", sa.String(), nullable=False),
    )
    op.create_table(
        "rollcall",
        *_record(),
        _of("incident", "incident_id"),
        sa.Column("called_ms", sa.BigInteger(), nullable=False, index=True),
        sa.Column("called_by", sa.String(), nullable=False),
        *_times("ended_ms"),
        sa.Column("ended_by", sa.String(), nullable=True),
    )
    op.create_table(
        "rollask",
        *_record(requested=False),
        _of("rollcall", "roll_call_id"),
        sa.Column("incident_id", sa.String(), nullable=False, index=True),
        sa.Column("terminal_id", sa.String(), nullable=False, index=True),
        *_times("called_ms", nullable=False),
        *_times("answered_ms", "received_ms"),
        sa.Column("closed", sa.Boolean(), nullable=False),
    )


def upgrade() -> None:
    """Apply."""
    _check_ins()
    for column in ("due_ms", "reminded_ms"):
        op.add_column("task", sa.Column(column, sa.BigInteger(), nullable=True))
    for column in ("reminded_by", "handed_to", "handed_from", "handed_from_id"):
        op.add_column("task", sa.Column(column, sa.String(), nullable=True))
    op.add_column(
        "task", sa.Column("reminders", sa.Integer(), nullable=False, server_default=sa.text("0"))
    )
    for column in ("taken_ms", "snoozed_until_ms", "merged_ms"):
        op.add_column("detectionrecord", sa.Column(column, sa.BigInteger(), nullable=True))
    for column in ("taken_by", "snoozed_by", "merged_by"):
        op.add_column("detectionrecord", sa.Column(column, sa.String(), nullable=True))
    op.create_index("ix_detection_status_reviewed", "detectionrecord", ["status", "reviewed_ms"])
