"""Masked spots; why an alert was rejected; pictures that were deleted when their time was over"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "detectionmask",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("request_sha256", sa.String(), nullable=False),
        sa.Column("detection_id", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("stream_id", sa.String(), nullable=False),
        sa.Column("lat_deg", sa.Float(), nullable=True),
        sa.Column("lon_deg", sa.Float(), nullable=True),
        sa.Column("radius_m", sa.Float(), nullable=True),
        sa.Column("region", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("made_ms", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.Column("until_ms", sa.BigInteger(), nullable=False),
        sa.Column("ended_ms", sa.BigInteger(), nullable=True),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.Column("silenced", sa.Integer(), nullable=False),
        sa.Column("last_silenced_ms", sa.BigInteger(), nullable=True),
        sa.Column("last_silenced_id", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    for column in ("area", "detection_id", "ended_ms", "made_ms", "until_ms"):
        op.create_index(f"ix_detectionmask_{column}", "detectionmask", [column])
    op.add_column("detectionrecord", sa.Column("review_cause", sa.String(), nullable=True))
    op.add_column(
        "detectionrecord", sa.Column("evidence_removed_ms", sa.BigInteger(), nullable=True)
    )
