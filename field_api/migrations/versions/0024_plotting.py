"""Drawings of incidents with acts that can be taken back, pointers, wind, spread estimates"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def _record(*columns: Any) -> list[Any]:
    return [
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("request_sha256", sa.String(), nullable=False),
        sa.Column("incident_id", sa.String(), nullable=False),
        *columns,
        sa.ForeignKeyConstraint(["incident_id"], ["incident.id"]),
        sa.PrimaryKeyConstraint("id"),
    ]


def _text(name: str, *, nullable: bool = False) -> Any:
    return sa.Column(name, sa.String(), nullable=nullable)


def _number(name: str, *, nullable: bool = False) -> Any:
    return sa.Column(name, sa.Float(), nullable=nullable)


def _time(name: str, *, nullable: bool = False) -> Any:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _flag(name: str) -> Any:
    return sa.Column(name, sa.Boolean(), nullable=False)


def _json(name: str, *, nullable: bool = False) -> Any:
    return sa.Column(name, sa.JSON(none_as_null=True), nullable=nullable)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "drawing",
        *_record(
            _text("kind"),
            _json("content"),
            _number("length_m", nullable=True),
            _number("area_m2", nullable=True),
            _number("area_error_m2", nullable=True),
            _text("state"),
            _time("made_ms"),
            _text("author_id"),
            _text("author"),
            _text("author_terminal_id", nullable=True),
            _time("edited_ms", nullable=True),
            _text("edited_by", nullable=True),
            _time("deleted_ms", nullable=True),
            _text("deleted_by", nullable=True),
        ),
    )
    op.create_index("ix_drawing_area", "drawing", ["area"])
    op.create_index("ix_drawing_incident", "drawing", ["incident_id", "state", "kind"])
    op.create_table(
        "drawingact",
        sa.Column("number", sa.Integer(), nullable=False),
        _text("act_id"),
        _text("incident_id"),
        _text("drawing_id"),
        _text("user_id"),
        _time("t_ms"),
        _text("act"),
        sa.Column("version_after", sa.Integer(), nullable=False),
        _json("before", nullable=True),
        _text("undone_id", nullable=True),
        _text("request_sha256"),
        sa.ForeignKeyConstraint(["drawing_id"], ["drawing.id"]),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_index("ix_drawingact_act_id", "drawingact", ["act_id"])
    op.create_index("ix_drawingact_undone_id", "drawingact", ["undone_id"])
    op.create_index("ix_drawingact_person", "drawingact", ["incident_id", "user_id", "number"])
    op.create_index("ix_drawingact_drawing", "drawingact", ["drawing_id", "version_after"])
    op.create_table(
        "pointer",
        *_record(
            _number("lat_deg"),
            _number("lon_deg"),
            _text("text"),
            _time("pointed_ms"),
            _time("until_ms"),
            _flag("ended"),
            _text("author_id"),
            _text("author"),
            _text("author_terminal_id", nullable=True),
        ),
    )
    op.create_index("ix_pointer_area", "pointer", ["area"])
    op.create_index("ix_pointer_incident_id", "pointer", ["incident_id"])
    op.create_index("ix_pointer_ended_until", "pointer", ["ended", "until_ms"])
    op.create_table(
        "windreading",
        *_record(
            _number("from_deg"),
            _number("speed_ms"),
            _number("gust_ms", nullable=True),
            _number("temperature_c", nullable=True),
            _number("humidity_pct", nullable=True),
            _text("source"),
            _time("observed_ms"),
            _text("reported_by"),
            _flag("current"),
        ),
    )
    op.create_index("ix_windreading_area", "windreading", ["area"])
    op.create_index("ix_windreading_current", "windreading", ["current"])
    op.create_index("ix_windreading_incident", "windreading", ["incident_id", "observed_ms"])
    op.create_table(
        "spreadestimate",
        *_record(
            _text("drawing_id"),
            sa.Column("drawing_version", sa.Integer(), nullable=False),
            _time("start_ms"),
            _text("wind_id"),
            _time("wind_observed_ms"),
            _flag("weather_assumed"),
            _flag("synthetic_terrain"),
            _json("inputs"),
            _json("result"),
            _time("made_ms"),
            _text("made_by"),
            sa.Column("took_ms", sa.Integer(), nullable=False),
            _flag("current"),
        ),
    )
    op.create_index("ix_spreadestimate_area", "spreadestimate", ["area"])
    op.create_index("ix_spreadestimate_current", "spreadestimate", ["current"])
    op.create_index("ix_spreadestimate_incident", "spreadestimate", ["incident_id", "made_ms"])
