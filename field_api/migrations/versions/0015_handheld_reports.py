"""Answered reports and ended calls stay a while; originals and voice notes are named"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Apply."""
    op.add_column(
        "fieldreport", sa.Column("originals", sa.JSON(), nullable=False, server_default="[]")
    )
    op.add_column("hazard", sa.Column("voice", sa.String(), nullable=True))
    for table in ("fieldreport", "sos"):
        op.add_column(
            table, sa.Column("shelved", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        op.create_index(f"ix_{table}_shelved", table, ["shelved"])
