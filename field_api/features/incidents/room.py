"""Putting an open incident right: its title, text and place, and how many people it is about."""

from typing import Any

from field_api.contract.ids import new_id
from field_api.core.areas import district_areas
from field_api.core.change import Change
from field_api.core.errors import refuse
from field_api.core.operation import Call, Operation
from field_api.core.texts import Both, both, joined
from field_api.core.wire import digest
from field_api.features.incidents.messages import CountPeople, EditIncident
from field_api.features.incidents.permissions import INCIDENT_EDIT
from field_api.features.incidents.records import open_incident
from field_api.features.incidents.tables import Incident, IncidentFigures

__all__ = ["COUNT", "EDIT", "first_figures"]

FIGURES = ("people_missing", "people_found", "people_injured")


def _place(lat_deg: float, lon_deg: float) -> str:
    return f"{lat_deg:.5f}, {lon_deg:.5f}"


def _said(row: Incident, asked: dict[str, Any]) -> Both:
    """Return what changes, in words; what was there before is written nowhere else."""
    words: list[Both] = []
    if "title" in asked:
        words.append(both("words.incident.title", before=row.title, after=asked["title"]))
    if "lat_deg" in asked or "lon_deg" in asked:
        before = _place(row.lat_deg, row.lon_deg)
        after = _place(asked.get("lat_deg", row.lat_deg), asked.get("lon_deg", row.lon_deg))
        words.append(both("words.incident.place", before=before, after=after))
    if "text" in asked:
        words.append(both("words.incident.text", before=row.text or "—"))
    return joined(words)


def _guessed_area(call: Call[EditIncident], lat_deg: float, lon_deg: float) -> str:
    own = call.who.viewer.areas or None
    return district_areas().nearest_street(lat_deg, lon_deg, own) or ""


def _edit(call: Call[EditIncident]) -> Incident:
    """Put title, text or place right; what was there before stands in the timeline.

    The street follows the place where nobody had said another one. What already stands so is
    answered as done, so that repeating a request is harmless.
    """
    change, body = call.change, call.body
    if (body.lat_deg is None) != (body.lon_deg is None):
        raise refuse(422, "half_a_place", field="lon_deg" if body.lon_deg is None else "lat_deg")
    row = open_incident(change, call.target)
    given = body.model_dump(exclude={"version"}, exclude_none=True)
    asked = {name: value for name, value in given.items() if getattr(row, name) != value}
    if not asked:
        change.repeated = True
        return row
    change.put(row, seen_version=body.version)
    what = _said(row, asked)
    followed = row.area == _guessed_area(call, row.lat_deg, row.lon_deg)
    for name, value in asked.items():
        setattr(row, name, value)
    if followed:
        change.move(row, _guessed_area(call, row.lat_deg, row.lon_deg))
    change.record("incident.edited", row.id, incident_id=row.id, what=what)
    return row


def first_figures(change: Change, row: Incident) -> None:
    """Write down what was said of missing people when the incident was opened."""
    if row.people_missing is not None:
        change.create(
            IncidentFigures(
                id=new_id(),
                area=row.area,
                incident_id=row.id,
                t_ms=change.t_ms,
                by=row.opened_by,
                people_missing=row.people_missing,
            ),
            fresh_id=True,
        )


def _count(call: Call[CountPeople]) -> Incident:
    """Say how many people are missing, found and injured now; every count is kept."""
    change, body = call.change, call.body
    if change.known(IncidentFigures, body, body.id, incident_id=call.target) is not None:
        return change.get(Incident, call.target, field="incident_id")
    row = open_incident(change, call.target)
    given = {name: value for name in FIGURES if (value := getattr(body, name)) is not None}
    if not given:
        raise refuse(422, "nothing_counted", field="people_missing")
    change.put(row)
    for name, value in given.items():
        setattr(row, name, value)
    change.create(
        IncidentFigures(
            id=body.id,
            area=row.area,
            incident_id=row.id,
            t_ms=change.t_ms,
            by=call.who.actor.name,
            note=body.note,
            request_sha256=digest(body),
            **{name: getattr(row, name) for name in FIGURES},
        )
    )
    known = (name for name in FIGURES if getattr(row, name) is not None)
    figures = joined(
        [both(f"words.incident.{name}", count=getattr(row, name)) for name in known], "、", ", "
    )
    note = Both(f"。{body.note}", f". {body.note}") if body.note else Both("", "")
    change.record("incident.counted", row.id, incident_id=row.id, figures=figures, note=note)
    return row


EDIT = Operation("incident.edit", INCIDENT_EDIT, EditIncident, _edit, targeted=True)
COUNT = Operation("incident.count", INCIDENT_EDIT, CountPeople, _count, targeted=True)
