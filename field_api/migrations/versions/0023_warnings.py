"""Warnings: drafts, what was issued or received, receipts of handhelds"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"


def _text(*names: str, nullable: bool = False) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(), nullable=nullable) for name in names]


def _number(*names: str, nullable: bool = False) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger(), nullable=nullable) for name in names]


def _json(*names: str, nullable: bool = False) -> list[sa.Column[object]]:
    return [sa.Column(name, sa.JSON(none_as_null=True), nullable=nullable) for name in names]


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "warningdraft",
        *_text("id"),
        sa.Column("version", sa.Integer(), nullable=False),
        *_text("area", "request_sha256", "state"),
        *_text("incident_id", "amends_id", nullable=True),
        sa.Column("drill", sa.Boolean(), nullable=False),
        *_text("event_code", "event"),
        *_text("level", nullable=True),
        *_number("onset_ms", "expires_ms", nullable=True),
        *_json("area_codes", "outlines"),
        *_text("area_text", "description", "instruction"),
        *_json("responses"),
        *_text("certainty"),
        *_json("channels"),
        *_text("issuer", "author"),
        *_number("created_ms"),
        *_text("changed_by"),
        *_number("changed_ms"),
        *_text("approved_by", nullable=True),
        *_number("approved_ms", nullable=True),
        *_text("warning_id", nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "issuedwarning",
        *_text("id"),
        sa.Column("version", sa.Integer(), nullable=False),
        *_text("area", "request_sha256", "origin", "state"),
        *_text("incident_id", "amends_id", "followed_by_id", nullable=True),
        sa.Column("drill", sa.Boolean(), nullable=False),
        *_text("identifier", "sender"),
        *_number("sent_ms"),
        *_text("event_code", "event"),
        *_text("level", nullable=True),
        *_text("severity"),
        *_number("onset_ms", "expires_ms", nullable=True),
        *_json("area_codes", "shapes"),
        *_text("area_text", "headline", "description", "instruction", "issuer"),
        *_text("drafted_by", "approved_by", nullable=True),
        *_text("published_by"),
        *_number("ended_ms", nullable=True),
        *_text("ended_by", nullable=True),
        *_text("end_reason"),
        sa.Column("shelved", sa.Boolean(), nullable=False),
        *_text("source_name", nullable=True),
        *_json("message"),
        *_json("end_message", nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "warningreceipt",
        *_text("id"),
        sa.Column("version", sa.Integer(), nullable=False),
        *_text("area"),
        *_text("incident_id", nullable=True),
        *_text("warning_id", "terminal_id", "name"),
        *_number("seen_ms", "received_ms"),
        sa.PrimaryKeyConstraint("id"),
    )
    indices = {
        "warningdraft": ("amends_id", "area", "created_ms", "incident_id", "state"),
        "issuedwarning": (
            "area",
            "ended_ms",
            "expires_ms",
            "identifier",
            "incident_id",
            "sent_ms",
            "shelved",
            "state",
        ),
        "warningreceipt": ("area", "terminal_id", "warning_id"),
    }
    for table, columns in indices.items():
        for column in columns:
            op.create_index(f"ix_{table}_{column}", table, [column])
