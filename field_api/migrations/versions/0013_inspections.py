"""Inspections, their documents, hazards and blocks of numbers"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "inspection",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("request_sha256", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("office_id", sa.String(), nullable=False),
        sa.Column("tier", sa.String(), nullable=False),
        sa.Column("sector", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("officer_ids", sa.JSON(), nullable=False),
        sa.Column("terminal_id", sa.String(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("entered_ms", sa.BigInteger(), nullable=True),
        sa.Column("scan_code", sa.String(), nullable=True),
        sa.Column("emergency_reason", sa.String(), nullable=False),
        sa.Column("entered_lat_deg", sa.Float(), nullable=True),
        sa.Column("entered_lon_deg", sa.Float(), nullable=True),
        sa.Column("visit_number", sa.Integer(), nullable=True),
        sa.Column("escalated_from", sa.String(), nullable=True),
        sa.Column("escalated_to", sa.String(), nullable=True),
        sa.Column("escalated_reason", sa.String(), nullable=False),
        sa.Column("opened_ms", sa.BigInteger(), nullable=False),
        sa.Column("opened_by", sa.String(), nullable=False),
        sa.Column("closed_ms", sa.BigInteger(), nullable=True),
        sa.Column("closed_reason", sa.String(), nullable=False),
        sa.Column("shelved", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_inspection_area", "inspection", ["area"])
    op.create_index("ix_inspection_closed_ms", "inspection", ["closed_ms"])
    op.create_index("ix_inspection_day", "inspection", ["day"])
    op.create_index("ix_inspection_enterprise_day", "inspection", ["enterprise_id", "day"])
    op.create_index("ix_inspection_opened_ms", "inspection", ["opened_ms"])
    op.create_index("ix_inspection_shelved", "inspection", ["shelved"])
    op.create_index("ix_inspection_state", "inspection", ["state"])
    op.create_index("ix_inspection_terminal_id", "inspection", ["terminal_id"])
    op.create_table(
        "paper",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("request_sha256", sa.String(), nullable=False),
        sa.Column("inspection_id", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("office_id", sa.String(), nullable=False),
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("written", sa.JSON(), nullable=False),
        sa.Column("conflicts", sa.JSON(), nullable=False),
        sa.Column("hazard_ids", sa.JSON(), nullable=False),
        sa.Column("order_id", sa.String(), nullable=True),
        sa.Column("replaces", sa.String(), nullable=True),
        sa.Column("replaced_by", sa.String(), nullable=True),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("approval", sa.String(), nullable=False),
        sa.Column("approved_by", sa.String(), nullable=True),
        sa.Column("approved_ms", sa.BigInteger(), nullable=True),
        sa.Column("approval_due_ms", sa.BigInteger(), nullable=True),
        sa.Column("approval_late_ms", sa.BigInteger(), nullable=True),
        sa.Column("opinion", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=True),
        sa.Column("issue", sa.Integer(), nullable=False),
        sa.Column("day", sa.String(), nullable=True),
        sa.Column("due_day", sa.String(), nullable=True),
        sa.Column("reminded_days", sa.Integer(), nullable=True),
        sa.Column("fulfilled_ms", sa.BigInteger(), nullable=True),
        sa.Column("content", sa.JSON(), nullable=True),
        sa.Column("document_id", sa.String(), nullable=True),
        sa.Column("sha256", sa.String(), nullable=True),
        sa.Column("issuer_sha256", sa.String(), nullable=True),
        sa.Column("issue_sha256", sa.String(), nullable=True),
        sa.Column("device_key", sa.String(), nullable=False),
        sa.Column("device_signature", sa.String(), nullable=False),
        sa.Column("device_signed", sa.Boolean(), nullable=True),
        sa.Column("issued_ms", sa.BigInteger(), nullable=True),
        sa.Column("issued_by", sa.String(), nullable=True),
        sa.Column("served_ms", sa.BigInteger(), nullable=True),
        sa.Column("served_way", sa.String(), nullable=True),
        sa.Column("served_to", sa.String(), nullable=False),
        sa.Column("begun_ms", sa.BigInteger(), nullable=False),
        sa.Column("begun_by", sa.String(), nullable=False),
        sa.Column("shelved", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["inspection_id"], ["inspection.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number", "issue"),
    )
    op.create_index("ix_paper_approval", "paper", ["approval"])
    op.create_index("ix_paper_area", "paper", ["area"])
    op.create_index("ix_paper_due", "paper", ["fulfilled_ms", "due_day"])
    op.create_index("ix_paper_enterprise_form", "paper", ["enterprise_id", "form", "issued_ms"])
    op.create_index("ix_paper_inspection_id", "paper", ["inspection_id"])
    op.create_index("ix_paper_sha256", "paper", ["sha256"])
    op.create_index("ix_paper_shelved", "paper", ["shelved"])
    op.create_index("ix_paper_state", "paper", ["state"])
    op.create_table(
        "hazard",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("request_sha256", sa.String(), nullable=False),
        sa.Column("inspection_id", sa.String(), nullable=False),
        sa.Column("enterprise_id", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("clause_ids", sa.JSON(), nullable=False),
        sa.Column("measure", sa.String(), nullable=False),
        sa.Column("due_day", sa.String(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("found_ms", sa.BigInteger(), nullable=False),
        sa.Column("found_by", sa.String(), nullable=False),
        sa.Column("found_user", sa.String(), nullable=False),
        sa.Column("confirmed_by", sa.String(), nullable=True),
        sa.Column("confirmed_ms", sa.BigInteger(), nullable=True),
        sa.Column("disputed_reason", sa.String(), nullable=False),
        sa.Column("media", sa.JSON(), nullable=False),
        sa.Column("lat_deg", sa.Float(), nullable=True),
        sa.Column("lon_deg", sa.Float(), nullable=True),
        sa.Column("rectified_ms", sa.BigInteger(), nullable=True),
        sa.Column("rectified_text", sa.String(), nullable=False),
        sa.Column("rectified_media", sa.JSON(), nullable=False),
        sa.Column("checked_ms", sa.BigInteger(), nullable=True),
        sa.Column("checked_by", sa.String(), nullable=True),
        sa.Column("check_result", sa.String(), nullable=True),
        sa.Column("check_text", sa.String(), nullable=False),
        sa.Column("check_media", sa.JSON(), nullable=False),
        sa.Column("written", sa.JSON(), nullable=False),
        sa.Column("conflicts", sa.JSON(), nullable=False),
        sa.Column("shelved", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["inspection_id"], ["inspection.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_hazard_area", "hazard", ["area"])
    op.create_index("ix_hazard_enterprise_state", "hazard", ["enterprise_id", "state", "level"])
    op.create_index("ix_hazard_inspection_id", "hazard", ["inspection_id"])
    op.create_index("ix_hazard_shelved", "hazard", ["shelved"])
    op.create_table(
        "numberblock",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("request_sha256", sa.String(), nullable=False),
        sa.Column("office_id", sa.String(), nullable=False),
        sa.Column("form", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("draw_id", sa.String(), nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.Column("prefix", sa.String(), nullable=False),
        sa.Column("suffix", sa.String(), nullable=False),
        sa.Column("terminal_id", sa.String(), nullable=False),
        sa.Column("device_id", sa.String(), nullable=False),
        sa.Column("drawn_ms", sa.BigInteger(), nullable=False),
        sa.Column("drawn_by", sa.String(), nullable=False),
        sa.Column("used", sa.JSON(), nullable=False),
        sa.Column("returned_ms", sa.BigInteger(), nullable=True),
        sa.Column("returned_reason", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("office_id", "form", "year", "first"),
    )
    op.create_index("ix_numberblock_area", "numberblock", ["area"])
    op.create_index("ix_numberblock_draw_id", "numberblock", ["draw_id"])
    op.create_index("ix_numberblock_series", "numberblock", ["office_id", "form", "year", "last"])
    op.create_index("ix_numberblock_terminal_id", "numberblock", ["terminal_id"])
