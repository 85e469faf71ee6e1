"""Whether the named pilot may fly these aircraft: licence by weight class, and not expired.

Micro and light aircraft need no licence; from small on the matching one is needed (interim
regulation on unmanned flight, Art. 16 and 17; pilots of the bureau's own aircraft may be under
rules of their own, Art. 59, so the check can be switched off by the setting `licence_checks`).
"""

from collections.abc import Iterable
from datetime import datetime, timedelta, timezone

from sqlmodel import col, select

from field_api.core.change import Change
from field_api.core.errors import refuse
from field_api.core.texts import Both, both
from field_api.features.roster.registers import WEIGHT_CLASSES
from field_api.features.roster.tables import Pilot, Vehicle
from mission_plans.rules.aircraft_class import CLASSES, aircraft_class

__all__ = ["class_rank", "refuse_unqualified"]

LOCAL = timezone(timedelta(hours=8))
"""Licences end at the end of a day in China."""
FREE_RANK = 1
"""Micro and light."""


def class_rank(words: str | None) -> int | None:
    """Return how heavy a class is, 0 micro to 4 large; None where the words name none."""
    for rank, choice in reversed(list(enumerate(WEIGHT_CLASSES))):
        if words and (choice.title_zh in words or choice.value in words.lower()):
            return rank
    return None


def _rank(vehicle: Vehicle) -> int | None:
    """Return how heavy an aircraft is: by its figures where all are known, else as registered."""
    registered, classed = class_rank(vehicle.weight_class), aircraft_class(vehicle.spec.airframe)
    if classed.unknown:
        return registered
    return max(registered or 0, CLASSES.index(classed.name))


def refuse_unqualified(
    change: Change, pilot_id: str | None, username: str, vehicle_ids: Iterable[str]
) -> None:
    """Let nobody fly what their licence does not cover.

    Args:
        change: the transaction.
        pilot_id: the pilot in command, by the register; None for who authorises.
        username: who authorises.
        vehicle_ids: aircraft of the plan.

    Raises:
        ApiError: 404 `unknown_pilot`; 409 `pilot_not_qualified` or `licence_expired`.
    """
    if pilot_id is not None:
        pilot = change.get(Pilot, pilot_id, field="pilot_id")
    else:
        pilot = change.session.exec(
            select(Pilot).where(Pilot.username == username).limit(1)
        ).first()
    query = select(Vehicle).where(col(Vehicle.id).in_(set(vehicle_ids))).order_by(col(Vehicle.id))
    for vehicle in change.session.exec(query):
        needed = _rank(vehicle)
        if needed is None or needed <= FREE_RANK:
            continue
        held = class_rank(pilot.licence_class) if pilot is not None else None
        if pilot is None or held is None or held < needed:
            raise refuse(
                409,
                "pilot_not_qualified",
                field="pilot_id",
                pilot=pilot.name if pilot is not None else username,
                vehicle=vehicle.id,
                needed=_title(needed),
                held=_title(held) if held is not None else both("words.no_licence"),
            )
        today = datetime.fromtimestamp(change.t_ms / 1000, LOCAL).date().isoformat()
        if pilot.expires_on is not None and pilot.expires_on < today:
            raise refuse(
                409,
                "licence_expired",
                field="pilot_id",
                pilot=pilot.name,
                vehicle=vehicle.id,
                date=pilot.expires_on,
            )


def _title(rank: int) -> Both:
    choice = WEIGHT_CLASSES[rank]
    return Both(choice.title_zh, choice.title_en.lower())
