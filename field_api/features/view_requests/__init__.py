"""Requests from the field for a drone's view of a place, and the pictures that answer them."""

from sqlmodel import col

from field_api.core.feature import Feature, Timer
from field_api.core.records import RecordKind, Sync
from field_api.features.view_requests.messages import ViewRequestView
from field_api.features.view_requests.operations import ANSWER, ASK, REFUSE, TAKE, WITHDRAW
from field_api.features.view_requests.permissions import (
    VIEW_ANSWER,
    VIEW_ASK,
    VIEW_OWN,
    VIEW_REQUEST_VIEW,
)
from field_api.features.view_requests.records import request_views
from field_api.features.view_requests.routes import router
from field_api.features.view_requests.shelving import shelve
from field_api.features.view_requests.tables import ViewRequest

__all__ = ["FEATURE"]

FEATURE = Feature(
    name="view_requests",
    about="Requests for a drone's view of a place",
    routers=(router,),
    records=(
        RecordKind(
            topic="view_request",
            table=ViewRequest,
            view_type=ViewRequestView,
            views=request_views,
            reads=VIEW_REQUEST_VIEW,
            own_reads=VIEW_OWN,
            sync=Sync.OWN,
            shown=lambda: col(ViewRequest.shelved).is_(False),
        ),
    ),
    operations=(ASK, TAKE, REFUSE, ANSWER, WITHDRAW),
    permissions=(VIEW_REQUEST_VIEW, VIEW_OWN, VIEW_ASK, VIEW_ANSWER),
    timers=(Timer("answered view requests off the handhelds", 3600.0, shelve),),
)
