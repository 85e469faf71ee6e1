"""Places that aircraft watch one after another"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "station",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("request_sha256", sa.String(), nullable=False),
        sa.Column("incident_id", sa.String(), nullable=False),
        sa.Column("place", sa.JSON(), nullable=False),
        sa.Column("bearing_deg", sa.Float(), nullable=False),
        sa.Column("radius_m", sa.Float(), nullable=False),
        sa.Column("height_agl_m", sa.Float(), nullable=False),
        sa.Column("other_height_agl_m", sa.Float(), nullable=False),
        sa.Column("vehicle_id", sa.String(), nullable=False),
        sa.Column("order_id", sa.String(), nullable=False),
        sa.Column("reliefs", sa.JSON(), nullable=False),
        sa.Column("relief_sortie_id", sa.String(), nullable=True),
        sa.Column("relief_ordered_ms", sa.BigInteger(), nullable=True),
        sa.Column("relief_order_id", sa.String(), nullable=True),
        sa.Column("relief_tries", sa.Integer(), nullable=False),
        sa.Column("relief_due_ms", sa.BigInteger(), nullable=True),
        sa.Column("turn_home_ms", sa.BigInteger(), nullable=True),
        sa.Column("unwatched_ms", sa.BigInteger(), nullable=True),
        sa.Column("warned", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    for column in ("area", "incident_id", "vehicle_id", "state"):
        op.create_index(f"ix_station_{column}", "station", [column])
