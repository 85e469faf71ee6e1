"""What clients see of requests for a drone's view."""

from collections.abc import Sequence

from sqlmodel import Session

from field_api.features.view_requests.messages import ViewRequestView
from field_api.features.view_requests.tables import ViewRequest

__all__ = ["request_views"]


def request_views(_session: Session, rows: Sequence[ViewRequest]) -> list[ViewRequestView]:
    """Return requests as clients see them."""
    return [ViewRequestView.model_validate(row) for row in rows]
