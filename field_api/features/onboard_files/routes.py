"""Files of aircraft over HTTP."""

from typing import Annotated, Any

from fastapi import Depends, Path

from field_api.core.access import Principal
from field_api.core.errors import refuse
from field_api.core.operation import Operation
from field_api.core.routing import Routes, serve_operation
from field_api.core.services import Context, require
from field_api.features.flights.messages import CommandView
from field_api.features.onboard_files.messages import ListingView
from field_api.features.onboard_files.operations import FETCH_FILE, LIST_FILES
from field_api.features.onboard_files.permissions import FILES_READ
from field_api.features.onboard_files.records import listing_views
from field_api.features.onboard_files.tables import OnboardListing

__all__ = ["router"]

router = Routes(tags=["onboard_files"])

_ORDERS: tuple[tuple[Operation[Any], str, str], ...] = (
    (LIST_FILES, "list", "listOnboardFiles"),
    (FETCH_FILE, "fetch", "fetchOnboardFile"),
)
for order, name, operation_id in _ORDERS:
    serve_operation(
        router,
        order,
        f"/vehicles/{{vehicle_id}}/files/{name}",
        operation_id=operation_id,
        returns=CommandView,
        target="vehicle_id",
        created=True,
        status_code=202,
    )


@router.get("/vehicles/{vehicle_id}/files", operation_id="getOnboardFiles")
def get_listing(
    vehicle_id: Annotated[str, Path(max_length=60)],
    who: Annotated[Principal, Depends(require(FILES_READ))],
    ctx: Context,
) -> ListingView:
    """Return the directory of an aircraft that was listed last."""
    with ctx.store.read(who.viewer) as session:
        row = session.get(OnboardListing, vehicle_id)
        if row is None:
            raise refuse(404, "files_unlisted", vehicle=vehicle_id)
        return listing_views(session, [row])[0]
