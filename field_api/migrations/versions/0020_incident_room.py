"""People found and injured, every count of people, why an incident was closed"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Apply."""
    for name in ("people_found", "people_injured"):
        op.add_column("incident", sa.Column(name, sa.Integer(), nullable=True))
    op.add_column("incident", sa.Column("close_reason", sa.String(), nullable=True))
    op.create_table(
        "incidentfigures",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("request_sha256", sa.String(), nullable=False),
        sa.Column("incident_id", sa.String(), nullable=False),
        sa.Column("t_ms", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("people_missing", sa.Integer(), nullable=True),
        sa.Column("people_found", sa.Integer(), nullable=True),
        sa.Column("people_injured", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    for column in ("area", "incident_id"):
        op.create_index(f"ix_incidentfigures_{column}", "incidentfigures", [column])
    # What was said at the desk when it was opened is the first count; its id is the incident's.
    op.execute(
        "INSERT INTO incidentfigures (id, version, area, request_sha256, incident_id, t_ms, "
        "\"by\", people_missing, note) SELECT id, 1, area, '', id, opened_ms, opened_by, "
        "people_missing, '' FROM incident WHERE people_missing IS NOT NULL"
    )
