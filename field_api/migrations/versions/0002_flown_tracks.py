"""Flown tracks, probability maps, flight applications, plan revisions, take-off times"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "flownpiece",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("sortie_id", sa.String(), nullable=False),
        sa.Column("vehicle_id", sa.String(), nullable=False),
        sa.Column("last_ms", sa.Integer(), nullable=False),
        sa.Column("samples_json", sa.String(), nullable=False),
        sa.Column("watched_json", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_flownpiece_sortie_id", "flownpiece", ["sortie_id"], unique=False)
    op.add_column(
        "planrecord", sa.Column("revision", sa.Integer(), nullable=False, server_default="1")
    )
    op.add_column("sortierecord", sa.Column("start_due_ms", sa.Integer(), nullable=True))
    op.create_table(
        "likelihoodrecord",
        sa.Column("incident_id", sa.String(), nullable=False),
        sa.Column("body_json", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("made_ms", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"]),
        sa.PrimaryKeyConstraint("incident_id"),
    )
    op.create_table(
        "applicationrecord",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("plan_id", sa.String(), nullable=False),
        sa.Column("incident_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("body_json", sa.String(), nullable=False),
        sa.Column("request_sha256", sa.String(), nullable=False),
        sa.Column("created_ms", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("submitted_ms", sa.Integer(), nullable=True),
        sa.Column("submitted_by", sa.String(), nullable=True),
        sa.Column("answered_ms", sa.Integer(), nullable=True),
        sa.Column("answered_by", sa.String(), nullable=True),
        sa.Column("approval_id", sa.String(), nullable=True),
        sa.Column("answer_text", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["planrecord.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_applicationrecord_plan_id", "applicationrecord", ["plan_id"], unique=False)
    op.create_index(
        "ix_applicationrecord_incident_id", "applicationrecord", ["incident_id"], unique=False
    )
