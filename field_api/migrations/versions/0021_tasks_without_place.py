"""Alerts placed by hand; tasks without a place, with the direction of their alert"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Apply."""
    op.add_column("detectionrecord", sa.Column("placed_by", sa.String(), nullable=True))
    op.add_column("detectionrecord", sa.Column("placed_ms", sa.BigInteger(), nullable=True))
    op.add_column("detectionrecord", sa.Column("placed_error_m", sa.Float(), nullable=True))
    for table in ("task", "taskreport"):
        with op.batch_alter_table(table) as batch:
            batch.alter_column("lat_deg", existing_type=sa.Float(), nullable=True)
            batch.alter_column("lon_deg", existing_type=sa.Float(), nullable=True)
    op.add_column("task", sa.Column("placed_by", sa.String(), nullable=True))
    op.add_column("task", sa.Column("placed_ms", sa.BigInteger(), nullable=True))
    for column in ("error_m", "sight_lat_deg", "sight_lon_deg", "bearing_deg"):
        op.add_column("task", sa.Column(column, sa.Float(), nullable=True))
