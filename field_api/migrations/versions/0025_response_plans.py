"""Plans for emergencies, their drills, and what was started of them"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0022"


def _record(*, requested: bool = True) -> list[sa.Column[object]]:
    columns = [
        sa.Column("id", sa.String(), nullable=False, primary_key=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("area", sa.String(), nullable=False, index=True),
    ]
    if requested:
        columns.append(sa.Column("request_sha256", sa.String(), nullable=False))
    return columns


def _text(*names: str, nullable: bool = False) -> list[sa.Column[object]]:
    return [sa.Column(name, sa.String(), nullable=nullable) for name in names]


def _times(*names: str, nullable: bool = True) -> list[sa.Column[object]]:
    return [sa.Column(name, sa.BigInteger(), nullable=nullable) for name in names]


def _of(table: str, name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.String(), sa.ForeignKey(f"{table}.id"), nullable=nullable, index=True)


def upgrade() -> None:
    """Apply."""
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
