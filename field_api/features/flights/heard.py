"""What was heard of an aircraft last."""

from field_api.contract.messages import VehicleState
from field_api.core.services import Services

__all__ = ["newest_state"]


def newest_state(ctx: Services, vehicle_id: str) -> VehicleState | None:
    """Return an aircraft's newest state, however old; None since the start of the process."""
    seen = ctx.bus.newest(f"vehicle_state/{vehicle_id}")
    return seen.data if seen is not None and isinstance(seen.data, VehicleState) else None
