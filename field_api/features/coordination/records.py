"""What clients see of command groups and neighbours."""

import json
from collections.abc import Sequence

from sqlmodel import Session, col, select

from field_api.core.history import versions_of
from field_api.features.coordination.messages import (
    CoordinationView,
    GroupVersion,
    GroupView,
    NeighbourView,
    NoticeView,
)
from field_api.features.coordination.neighbours import near_stretches, stretches
from field_api.features.coordination.tables import CommandGroup, NeighbourNotice
from field_api.features.coordination.templates import template_of
from field_api.features.incidents.tables import Incident

__all__ = ["coordination_of", "group_versions", "group_views", "neighbours_of", "notice_views"]

MOST = 100


def group_views(_session: Session, rows: Sequence[CommandGroup]) -> list[GroupView]:
    """Return groups as clients see them."""
    return [GroupView.model_validate(row) for row in rows]


def notice_views(_session: Session, rows: Sequence[NeighbourNotice]) -> list[NoticeView]:
    """Return what neighbours were told as clients see it."""
    return [NoticeView.model_validate(row) for row in rows]


def group_versions(session: Session, group_id: str) -> list[GroupVersion]:
    """Return who was in a group, newest first."""
    return [
        GroupVersion(
            version=each.version,
            t_ms=each.t_ms,
            by=each.actor_name,
            **{name: body[name] for name in ("leader", "leader_unit", "contact", "members")},
        )
        for each in versions_of(session, "command_group", group_id)
        if each.body is not None and (body := json.loads(each.body))
    ]


def neighbours_of(incident: Incident) -> list[NeighbourView]:
    """Return the neighbours of the joint plan: those within reach first, the nearest first."""
    near = near_stretches(incident.lat_deg, incident.lon_deg, stretches())
    found = [
        NeighbourView(
            code=each.stretch.code,
            name=each.stretch.name,
            name_en=each.stretch.name_en,
            distance_m=each.distance_m,
            bearing_deg=each.bearing_deg,
        )
        for each in near
    ]
    known = {each.code for each in found}
    return found + [
        NeighbourView(
            code=each.code,
            name=each.name,
            name_en=each.name_en,
            distance_m=None,
            bearing_deg=None,
        )
        for each in stretches()
        if each.code not in known
    ]


def coordination_of(session: Session, incident: Incident) -> CoordinationView:
    """Return the command of an incident, what was told to neighbours, and who is near."""
    groups = session.exec(
        select(CommandGroup)
        .where(CommandGroup.incident_id == incident.id)
        .order_by(col(CommandGroup.place), col(CommandGroup.id))
        .limit(MOST)
    ).all()
    notices = session.exec(
        select(NeighbourNotice)
        .where(NeighbourNotice.incident_id == incident.id)
        .order_by(col(NeighbourNotice.told_ms).desc(), col(NeighbourNotice.id))
        .limit(MOST)
    ).all()
    return CoordinationView(
        template=template_of(incident.kind),
        groups=group_views(session, groups),
        neighbours=neighbours_of(incident),
        notices=notice_views(session, notices),
    )
