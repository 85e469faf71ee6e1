"""Keeping what nodes list, and reading it."""

from collections.abc import Sequence

from sqlmodel import Session

from field_api.contract.messages import FileListing
from field_api.core.change import Change
from field_api.core.services import Services
from field_api.features.onboard_files.messages import ListingView
from field_api.features.onboard_files.tables import OnboardListing
from field_api.features.roster.tables import Vehicle

__all__ = ["listing_views", "take_listing"]


def listing_views(_session: Session, rows: Sequence[OnboardListing]) -> list[ListingView]:
    """Return listings as clients see them."""
    return [ListingView.model_validate(row.model_dump() | {"vehicle_id": row.id}) for row in rows]


def take_listing(_ctx: Services, change: Change, _node_id: str, message: FileListing) -> None:
    """Keep the newest listing of an aircraft."""
    vehicle_id = message.vehicle_id
    vehicle = change.session.get(Vehicle, vehicle_id)
    if vehicle is not None:
        row = change.session.get(OnboardListing, vehicle_id)
        if row is None:
            row = OnboardListing(
                id=vehicle_id, area=vehicle.area, t_ms=0, path=message.path, entries=[]
            )
            change.create(row)
        else:
            change.put(row)
        row.t_ms, row.path, row.entries = message.t_ms, message.path, list(message.entries)
    change.record(
        "onboard_files.listed",
        vehicle_id,
        vehicle=vehicle_id,
        path=message.path,
        count=len(message.entries),
    )
