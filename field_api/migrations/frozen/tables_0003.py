"""The tables of revision 0003."""

import sqlalchemy as sa
from alembic import op

__all__ = ["create_tables"]


def create_tables() -> None:
    """Make every table and index."""
    op.create_table(
        "airspace",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("fence", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_airspace_area", "airspace", ["area"], unique=False)
    op.create_table(
        "attachment",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("record_id", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("t_ms", sa.BigInteger(), nullable=True),
        sa.Column("lat_deg", sa.Float(), nullable=True),
        sa.Column("lon_deg", sa.Float(), nullable=True),
        sa.Column("device_id", sa.String(), nullable=False),
        sa.Column("added_ms", sa.BigInteger(), nullable=False),
        sa.Column("added_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", "topic", "record_id"),
    )
    op.create_index("ix_attachment_record", "attachment", ["topic", "record_id"], unique=False)
    op.create_table(
        "auditentry",
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("t_ms", sa.BigInteger(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("incident_id", sa.String(), nullable=True),
        sa.Column("words_sha256", sa.String(), nullable=False),
        sa.Column("prev_hash", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index(
        "ix_auditentry_incident_seq", "auditentry", ["incident_id", "seq"], unique=False
    )
    op.create_index("ix_auditentry_subject", "auditentry", ["subject"], unique=False)
    op.create_index("ix_auditentry_t_ms", "auditentry", ["t_ms"], unique=False)
    op.create_table(
        "auditwords",
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("salt", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("actor_name", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("text_zh", sa.String(), nullable=False),
        sa.Column("text_en", sa.String(), nullable=False),
        sa.Column("refs", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index("ix_auditwords_actor", "auditwords", ["actor"], unique=False)
    op.create_table(
        "commandrecord",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("request_sha256", sa.String(), nullable=False),
        sa.Column("node_id", sa.String(), nullable=False),
        sa.Column("vehicle_id", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("sortie_id", sa.String(), nullable=True),
        sa.Column("incident_id", sa.String(), nullable=True),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("issued_ms", sa.BigInteger(), nullable=False),
        sa.Column("expires_ms", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("order", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_commandrecord_area", "commandrecord", ["area"], unique=False)
    op.create_index("ix_commandrecord_node_id", "commandrecord", ["node_id"], unique=False)
    op.create_index(
        "ix_commandrecord_sortie_action", "commandrecord", ["sortie_id", "action"], unique=False
    )
    op.create_index("ix_commandrecord_state", "commandrecord", ["state"], unique=False)
    op.create_index("ix_commandrecord_vehicle_id", "commandrecord", ["vehicle_id"], unique=False)
    op.create_table(
        "detectionrecord",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("incident_id", sa.String(), nullable=True),
        sa.Column("duplicate_of", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("stream_id", sa.String(), nullable=False),
        sa.Column("track_id", sa.BigInteger(), nullable=False),
        sa.Column("first_seen_ms", sa.BigInteger(), nullable=False),
        sa.Column("t_ms", sa.BigInteger(), nullable=False),
        sa.Column("last_seen_ms", sa.BigInteger(), nullable=False),
        sa.Column("sightings", sa.Integer(), nullable=False),
        sa.Column("lat_deg", sa.Float(), nullable=True),
        sa.Column("lon_deg", sa.Float(), nullable=True),
        sa.Column("node_id", sa.String(), nullable=False),
        sa.Column("received_ms", sa.BigInteger(), nullable=False),
        sa.Column("detection", sa.JSON(), nullable=False),
        sa.Column("reviewed_by", sa.String(), nullable=True),
        sa.Column("reviewed_ms", sa.BigInteger(), nullable=True),
        sa.Column("review_reason", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "ix_detection_alerts", "detectionrecord", ["label", "last_seen_ms"], unique=False
    )
    op.create_index("ix_detectionrecord_area", "detectionrecord", ["area"], unique=False)
    op.create_index(
        "ix_detectionrecord_duplicate_of", "detectionrecord", ["duplicate_of"], unique=False
    )
    op.create_index(
        "ix_detectionrecord_incident_id", "detectionrecord", ["incident_id"], unique=False
    )
    op.create_index("ix_detectionrecord_status", "detectionrecord", ["status"], unique=False)
    op.create_index("ix_detectionrecord_t_ms", "detectionrecord", ["t_ms"], unique=False)
    op.create_table(
        "device",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("request_sha256", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=True),
        sa.Column("code_hash", sa.String(), nullable=True),
        sa.Column("code_expires_ms", sa.BigInteger(), nullable=False),
        sa.Column("enrolled_ms", sa.BigInteger(), nullable=True),
        sa.Column("last_seen_ms", sa.BigInteger(), nullable=True),
        sa.Column("description", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_hash"),
    )
    op.create_index("ix_device_area", "device", ["area"], unique=False)
    op.create_index("ix_device_code_hash", "device", ["code_hash"], unique=False)
    op.create_index("ix_device_subject_id", "device", ["subject_id"], unique=False)
    op.create_table(
        "document",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("record_id", sa.String(), nullable=False),
        sa.Column("incident_id", sa.String(), nullable=True),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("issue", sa.Integer(), nullable=False),
        sa.Column("replaces", sa.String(), nullable=True),
        sa.Column("template_sha256", sa.String(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("issued_ms", sa.BigInteger(), nullable=False),
        sa.Column("issued_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("number", "issue"),
    )
    op.create_index("ix_document_area", "document", ["area"], unique=False)
    op.create_index("ix_document_incident_id", "document", ["incident_id"], unique=False)
    op.create_index("ix_document_issued_ms", "document", ["issued_ms"], unique=False)
    op.create_index("ix_document_subject", "document", ["topic", "record_id"], unique=False)
    op.create_table(
        "enterprise",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("credit_code", sa.String(), nullable=True),
        sa.Column("industry", sa.String(), nullable=False),
        sa.Column("grade", sa.String(), nullable=True),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("contact", sa.String(), nullable=True),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("employees", sa.Integer(), nullable=True),
        sa.Column("major_hazard", sa.Boolean(), nullable=False),
        sa.Column("lat_deg", sa.Float(), nullable=True),
        sa.Column("lon_deg", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_enterprise_area", "enterprise", ["area"], unique=False)
    op.create_index("ix_enterprise_credit_code", "enterprise", ["credit_code"], unique=False)
    op.create_index("ix_enterprise_name", "enterprise", ["name"], unique=False)
    op.create_table(
        "event",
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("t_ms", sa.BigInteger(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("record_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("left_area", sa.String(), nullable=True),
        sa.Column("terminal_id", sa.String(), nullable=True),
        sa.Column("incident_id", sa.String(), nullable=True),
        sa.Column("op", sa.String(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index("ix_event_t_ms", "event", ["t_ms"], unique=False)
    op.create_index("ix_event_topic_record", "event", ["topic", "record_id"], unique=False)
    op.create_table(
        "flownpiece",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("sortie_id", sa.String(), nullable=False),
        sa.Column("incident_id", sa.String(), nullable=True),
        sa.Column("vehicle_id", sa.String(), nullable=False),
        sa.Column("last_ms", sa.BigInteger(), nullable=False),
        sa.Column("samples", sa.JSON(), nullable=False),
        sa.Column("watched", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_flownpiece_area", "flownpiece", ["area"], unique=False)
    op.create_index("ix_flownpiece_incident_id", "flownpiece", ["incident_id"], unique=False)
    op.create_index("ix_flownpiece_sortie_id", "flownpiece", ["sortie_id"], unique=False)
    op.create_table(
        "incident",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("request_sha256", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("lat_deg", sa.Float(), nullable=False),
        sa.Column("lon_deg", sa.Float(), nullable=False),
        sa.Column("drill", sa.Boolean(), nullable=False),
        sa.Column("people_missing", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("opened_ms", sa.BigInteger(), nullable=False),
        sa.Column("opened_by", sa.String(), nullable=False),
        sa.Column("closed_ms", sa.BigInteger(), nullable=True),
        sa.Column("closed_by", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_incident_area", "incident", ["area"], unique=False)
    op.create_index("ix_incident_opened_ms", "incident", ["opened_ms"], unique=False)
    op.create_index("ix_incident_state", "incident", ["state"], unique=False)
    op.create_table(
        "lastposition",
        sa.Column("terminal_id", sa.String(), nullable=False),
        sa.Column("t_ms", sa.BigInteger(), nullable=False),
        sa.Column("lat_deg", sa.Float(), nullable=False),
        sa.Column("lon_deg", sa.Float(), nullable=False),
        sa.Column("accuracy_m", sa.Float(), nullable=True),
        sa.Column("battery_fraction", sa.Float(), nullable=True),
        sa.PrimaryKeyConstraint("terminal_id"),
    )
    op.create_table(
        "likelihoodrecord",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("made_ms", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_likelihoodrecord_area", "likelihoodrecord", ["area"], unique=False)
    op.create_table(
        "media",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("stored_ms", sa.BigInteger(), nullable=False),
        sa.Column("stored_by", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("sha256"),
    )
    op.create_index("ix_media_stored_by", "media", ["stored_by"], unique=False)
    op.create_table(
        "pilot",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("licence", sa.String(), nullable=False),
        sa.Column("licence_class", sa.String(), nullable=False),
        sa.Column("expires_on", sa.String(), nullable=True),
        sa.Column("username", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_pilot_area", "pilot", ["area"], unique=False)
    op.create_table(
        "point",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("lat_deg", sa.Float(), nullable=False),
        sa.Column("lon_deg", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_point_area", "point", ["area"], unique=False)
    op.create_table(
        "receivedmessage",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("node_id", sa.String(), nullable=False),
        sa.Column("t_ms", sa.BigInteger(), nullable=False),
        sa.Column("received_ms", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_receivedmessage_kind", "receivedmessage", ["kind"], unique=False)
    op.create_table(
        "recordhistory",
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("record_id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("t_ms", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("actor_name", sa.String(), nullable=False),
        sa.Column("op", sa.String(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("topic", "record_id", "version"),
    )
    op.create_index(
        "ix_recordhistory_record", "recordhistory", ["topic", "record_id"], unique=False
    )
    op.create_table(
        "sortiestep",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("sortie_id", sa.String(), nullable=False),
        sa.Column("t_ms", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_sortiestep_sortie_id", "sortiestep", ["sortie_id"], unique=False)
    op.create_table(
        "syncitem",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("device_id", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("request_sha256", sa.String(), nullable=False),
        sa.Column("received_ms", sa.BigInteger(), nullable=False),
        sa.Column("waits_for", sa.String(), nullable=True),
        sa.Column("item", sa.JSON(), nullable=True),
        sa.Column("topic", sa.String(), nullable=True),
        sa.Column("record_id", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_syncitem_received_ms", "syncitem", ["received_ms"], unique=False)
    op.create_index("ix_syncitem_waits_for", "syncitem", ["waits_for"], unique=False)
    op.create_table(
        "team",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("station", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_team_area", "team", ["area"], unique=False)
    op.create_table(
        "terminal",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("holder_en", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("team_id", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_terminal_area", "terminal", ["area"], unique=False)
    op.create_table(
        "upload",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("length_bytes", sa.BigInteger(), nullable=False),
        sa.Column("offset_bytes", sa.BigInteger(), nullable=False),
        sa.Column("expires_ms", sa.BigInteger(), nullable=False),
        sa.Column("raw_metadata", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("record_id", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("t_ms", sa.BigInteger(), nullable=True),
        sa.Column("lat_deg", sa.Float(), nullable=True),
        sa.Column("lon_deg", sa.Float(), nullable=True),
        sa.Column("device_id", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_upload_expires_ms", "upload", ["expires_ms"], unique=False)
    op.create_index("ix_upload_user_id", "upload", ["user_id"], unique=False)
    op.create_table(
        "user",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("request_sha256", sa.String(), nullable=False),
        sa.Column("username", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("terminal_id", sa.String(), nullable=True),
        sa.Column("areas", sa.JSON(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until_ms", sa.BigInteger(), nullable=False),
        sa.Column("totp_secret", sa.String(), nullable=True),
        sa.Column("totp_pending", sa.String(), nullable=True),
        sa.Column("totp_step", sa.BigInteger(), nullable=False),
        sa.Column("incident_id", sa.String(), nullable=True),
        sa.Column("expires_ms", sa.BigInteger(), nullable=True),
        sa.Column("erased", sa.Boolean(), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_user_area", "user", ["area"], unique=False)
    op.create_index("ix_user_terminal_id", "user", ["terminal_id"], unique=False)
    op.create_index("ix_user_username", "user", ["username"], unique=True)
    op.create_table(
        "vehicle",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("base", sa.String(), nullable=False),
        sa.Column("sysid", sa.Integer(), nullable=False),
        sa.Column("spec", sa.JSON(), nullable=False),
        sa.Column("stream_id", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_vehicle_area", "vehicle", ["area"], unique=False)
    op.create_index("ix_vehicle_stream_id", "vehicle", ["stream_id"], unique=False)
    op.create_table(
        "vehicleeventrecord",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("t_ms", sa.BigInteger(), nullable=False),
        sa.Column("vehicle_id", sa.String(), nullable=False),
        sa.Column("incident_id", sa.String(), nullable=True),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("text_zh", sa.String(), nullable=False),
        sa.Column("text_en", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "ix_vehicleevent_vehicle_t", "vehicleeventrecord", ["vehicle_id", "t_ms"], unique=False
    )
    op.create_index("ix_vehicleeventrecord_area", "vehicleeventrecord", ["area"], unique=False)
    op.create_index(
        "ix_vehicleeventrecord_incident_id", "vehicleeventrecord", ["incident_id"], unique=False
    )
    op.create_index("ix_vehicleeventrecord_t_ms", "vehicleeventrecord", ["t_ms"], unique=False)
    op.create_table(
        "watchedspan",
        sa.Column("vehicle_id", sa.String(), nullable=False),
        sa.Column("from_ms", sa.BigInteger(), nullable=False),
        sa.Column("to_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("vehicle_id", "from_ms"),
    )
    op.create_index("ix_watchedspan_to_ms", "watchedspan", ["to_ms"], unique=False)
    op.create_table(
        "incidentlink",
        sa.Column("first_id", sa.String(), nullable=False),
        sa.Column("second_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["first_id"],
            ["incident.id"],
        ),
        sa.ForeignKeyConstraint(
            ["second_id"],
            ["incident.id"],
        ),
        sa.PrimaryKeyConstraint("first_id", "second_id"),
    )
    op.create_index("ix_incidentlink_second_id", "incidentlink", ["second_id"], unique=False)
    op.create_table(
        "planrecord",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("request_sha256", sa.String(), nullable=False),
        sa.Column("incident_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("plan", sa.JSON(), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("authorised_ms", sa.BigInteger(), nullable=True),
        sa.Column("authorised_by", sa.String(), nullable=True),
        sa.Column("override_reason", sa.String(), nullable=True),
        sa.Column("launched_ms", sa.BigInteger(), nullable=True),
        sa.Column("launched_by", sa.String(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["incident_id"],
            ["incident.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_planrecord_area", "planrecord", ["area"], unique=False)
    op.create_index("ix_planrecord_created_ms", "planrecord", ["created_ms"], unique=False)
    op.create_index("ix_planrecord_incident_id", "planrecord", ["incident_id"], unique=False)
    op.create_table(
        "task",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("request_sha256", sa.String(), nullable=False),
        sa.Column("incident_id", sa.String(), nullable=False),
        sa.Column("detection_id", sa.String(), nullable=True),
        sa.Column("terminal_id", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("lat_deg", sa.Float(), nullable=False),
        sa.Column("lon_deg", sa.Float(), nullable=False),
        sa.Column("distance_m", sa.Float(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("acknowledged_ms", sa.BigInteger(), nullable=True),
        sa.Column("escalated_ms", sa.BigInteger(), nullable=True),
        sa.Column("finished_ms", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["incident_id"],
            ["incident.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_task_area", "task", ["area"], unique=False)
    op.create_index("ix_task_created_ms", "task", ["created_ms"], unique=False)
    op.create_index("ix_task_finished_ms", "task", ["finished_ms"], unique=False)
    op.create_index("ix_task_incident_id", "task", ["incident_id"], unique=False)
    op.create_index("ix_task_state", "task", ["state"], unique=False)
    op.create_index(
        "ix_task_terminal_finished", "task", ["terminal_id", "finished_ms"], unique=False
    )
    op.create_index("ix_task_terminal_state", "task", ["terminal_id", "state"], unique=False)
    op.create_table(
        "usersession",
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("user_id", sa.String(), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("last_seen_ms", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["user.id"],
        ),
        sa.PrimaryKeyConstraint("token_hash"),
    )
    op.create_index("ix_usersession_last_seen_ms", "usersession", ["last_seen_ms"], unique=False)
    op.create_index("ix_usersession_user_id", "usersession", ["user_id"], unique=False)
    op.create_table(
        "applicationrecord",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("request_sha256", sa.String(), nullable=False),
        sa.Column("plan_id", sa.String(), nullable=False),
        sa.Column("plan_revision", sa.Integer(), nullable=False),
        sa.Column("incident_id", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("document_id", sa.String(), nullable=True),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("submitted_ms", sa.BigInteger(), nullable=True),
        sa.Column("submitted_by", sa.String(), nullable=True),
        sa.Column("answered_ms", sa.BigInteger(), nullable=True),
        sa.Column("answered_by", sa.String(), nullable=True),
        sa.Column("approval_id", sa.String(), nullable=True),
        sa.Column("answer_text", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["plan_id"],
            ["planrecord.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_applicationrecord_area", "applicationrecord", ["area"], unique=False)
    op.create_index(
        "ix_applicationrecord_created_ms", "applicationrecord", ["created_ms"], unique=False
    )
    op.create_index(
        "ix_applicationrecord_incident_id", "applicationrecord", ["incident_id"], unique=False
    )
    op.create_index("ix_applicationrecord_plan_id", "applicationrecord", ["plan_id"], unique=False)
    op.create_table(
        "planapproval",
        sa.Column("application_id", sa.String(), nullable=False),
        sa.Column("plan_id", sa.String(), nullable=False),
        sa.Column("approval_id", sa.String(), nullable=False),
        sa.Column("check_ids", sa.JSON(), nullable=False),
        sa.Column("bound_ms", sa.BigInteger(), nullable=False),
        sa.Column("bound_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["plan_id"],
            ["planrecord.id"],
        ),
        sa.PrimaryKeyConstraint("application_id"),
    )
    op.create_index("ix_planapproval_plan_id", "planapproval", ["plan_id"], unique=False)
    op.create_table(
        "sortierecord",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("area", sa.String(), nullable=False),
        sa.Column("plan_id", sa.String(), nullable=False),
        sa.Column("incident_id", sa.String(), nullable=False),
        sa.Column("vehicle_id", sa.String(), nullable=False),
        sa.Column("order_index", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("state_t_ms", sa.BigInteger(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("sortie", sa.JSON(), nullable=False),
        sa.Column("start_when_uploaded", sa.Boolean(), nullable=False),
        sa.Column("start_due_ms", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["incident_id"],
            ["incident.id"],
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"],
            ["planrecord.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_sortierecord_area", "sortierecord", ["area"], unique=False)
    op.create_index("ix_sortierecord_incident_id", "sortierecord", ["incident_id"], unique=False)
    op.create_index("ix_sortierecord_plan_id", "sortierecord", ["plan_id"], unique=False)
    op.create_index(
        "ix_sortierecord_start_when_uploaded", "sortierecord", ["start_when_uploaded"], unique=False
    )
    op.create_index("ix_sortierecord_state", "sortierecord", ["state"], unique=False)
    op.create_index("ix_sortierecord_vehicle_id", "sortierecord", ["vehicle_id"], unique=False)
    op.create_table(
        "taskreport",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("task_id", sa.String(), nullable=False),
        sa.Column("t_ms", sa.BigInteger(), nullable=False),
        sa.Column("received_ms", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("lat_deg", sa.Float(), nullable=False),
        sa.Column("lon_deg", sa.Float(), nullable=False),
        sa.Column("media", sa.JSON(), nullable=False),
        sa.Column("request_sha256", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["task_id"],
            ["task.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_taskreport_task_id", "taskreport", ["task_id"], unique=False)
    op.create_table(
        "taskstep",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("task_id", sa.String(), nullable=False),
        sa.Column("to_state", sa.String(), nullable=False),
        sa.Column("t_ms", sa.BigInteger(), nullable=False),
        sa.Column("received_ms", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("request_sha256", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["task_id"],
            ["task.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_taskstep_task_id", "taskstep", ["task_id"], unique=False)
