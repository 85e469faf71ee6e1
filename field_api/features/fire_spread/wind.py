"""Reporting the wind."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from field_api.core.errors import refuse
from field_api.core.operation import Call, Operation
from field_api.core.texts import Both, both
from field_api.core.wire import digest
from field_api.features.fire_spread.messages import ReportWind, WindView
from field_api.features.fire_spread.permissions import WIND_REPORT
from field_api.features.fire_spread.tables import WindReading
from field_api.features.incidents.tables import Incident, IncidentState

__all__ = ["REPORT", "current_wind", "wind_views"]


def current_wind(session: Session, incident_id: str) -> WindReading | None:
    """Return the last wind observed at an incident, None before the first."""
    query = select(WindReading).where(WindReading.incident_id == incident_id)
    newest = query.order_by(col(WindReading.observed_ms).desc(), col(WindReading.id).desc())
    return session.exec(newest.limit(1)).first()


def wind_views(_session: Session, rows: Sequence[WindReading]) -> list[WindView]:
    """Return readings as clients see them."""
    return [WindView.model_validate(row) for row in rows]


def _report(call: Call[ReportWind]) -> WindReading:
    """Say what the wind is; repeating the body is safe. An older one never replaces a newer."""
    change, body = call.change, call.body
    known = change.known(WindReading, body, body.id)
    if known is not None:
        return known
    incident = change.get(Incident, body.incident_id, field="incident_id")
    ended = incident.state is not IncidentState.OPEN
    if ended and body.observed_ms > (incident.closed_ms or 0):
        raise refuse(409, "incident_closed")
    observed_ms = min(body.observed_ms, change.t_ms)
    before = current_wind(change.session, incident.id)
    newest = before is None or observed_ms >= before.observed_ms
    if before is not None and newest and before.current:
        change.put(before)
        before.current = False
    row = change.create(
        WindReading(
            **body.model_dump(exclude={"observed_ms"}),
            observed_ms=observed_ms,
            area=incident.area,
            reported_by=call.who.actor.name,
            current=newest,
            request_sha256=digest(body),
        )
    )
    gust = both("words.wind_gust", gust=_one(row.gust_ms)) if row.gust_ms else Both("", "")
    change.record(
        "wind.reported",
        row.id,
        incident_id=incident.id,
        refs={"t_ms": str(observed_ms)},
        deg=round(row.from_deg) % 360,
        speed=_one(row.speed_ms),
        gust=gust,
        source=both(f"words.wind_source.{row.source.value}"),
    )
    return row


def _one(value: float | None) -> str:
    return f"{value or 0:.1f}"


REPORT = Operation("wind.report", WIND_REPORT, ReportWind, _report, makes=WindReading)
