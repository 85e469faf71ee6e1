"""Handovers, command groups, neighbours that were told, and incidents merged into another"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"


def _record() -> list[sa.Column[Any]]:
    return [
        sa.Column("id", sa.String(), nullable=False, primary_key=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("area", sa.String(), nullable=False, index=True),
        sa.Column("request_sha256", sa.String(), nullable=False),
    ]


def _text(*names: str, nullable: bool = False) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.String(), nullable=nullable) for name in names]


def _incident() -> sa.Column[Any]:
    return sa.Column(
        "incident_id", sa.String(), sa.ForeignKey("incident.id"), nullable=False, index=True
    )


def upgrade() -> None:
    """Apply."""
    op.add_column("incident", sa.Column("merged_into_id", sa.String(), nullable=True))
    op.create_index("ix_incident_merged_into_id", "incident", ["merged_into_id"])
    op.create_table(
        "handover",
        *_record(),
        sa.Column("state", sa.String(), nullable=False, index=True),
        sa.Column("standing", sa.JSON(), nullable=False),
        *_text("note"),
        sa.Column("signed_ms", sa.BigInteger(), nullable=False, index=True),
        *_text("signed_by", "signed_user"),
        sa.Column("confirmed_ms", sa.BigInteger(), nullable=True),
        *_text("confirmed_by", "confirmed_user", nullable=True),
        *_text("remark"),
    )
    op.create_table(
        "commandgroup",
        *_record(),
        _incident(),
        *_text("key"),
        sa.Column("place", sa.Integer(), nullable=False),
        *_text("name", "name_en", "duty", "leader", "leader_unit", "contact"),
        sa.Column("members", sa.JSON(), nullable=False),
        sa.Column("changed_ms", sa.BigInteger(), nullable=False),
        *_text("changed_by"),
        sa.UniqueConstraint("incident_id", "key"),
    )
    op.create_table(
        "neighbournotice",
        *_record(),
        _incident(),
        *_text("neighbour", "name"),
        sa.Column("distance_m", sa.Float(), nullable=True),
        sa.Column("told_ms", sa.BigInteger(), nullable=False, index=True),
        *_text("told_to", "way", "note", "by"),
    )
