"""Orders that were given together, to everybody"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Apply."""
    op.add_column("commandrecord", sa.Column("abort_id", sa.String(), nullable=True))
    op.create_index("ix_commandrecord_abort_id", "commandrecord", ["abort_id"])
