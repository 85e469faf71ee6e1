"""Files of aircraft: listed, and downloaded to the node that flies them."""

from field_api.contract.messages import FileListing
from field_api.core.feature import Feature, NodeMessage
from field_api.core.records import RecordKind
from field_api.features.onboard_files.messages import ListingView
from field_api.features.onboard_files.operations import FETCH_FILE, LIST_FILES
from field_api.features.onboard_files.permissions import FILES_READ
from field_api.features.onboard_files.records import listing_views, take_listing
from field_api.features.onboard_files.routes import router
from field_api.features.onboard_files.tables import OnboardListing

__all__ = ["FEATURE"]

FEATURE = Feature(
    name="onboard_files",
    about="Files and flight logs on board of aircraft",
    routers=(router,),
    records=(
        RecordKind(
            topic="onboard_listing",
            table=OnboardListing,
            view_type=ListingView,
            views=listing_views,
            reads=FILES_READ,
            incident_column=None,
        ),
    ),
    operations=(LIST_FILES, FETCH_FILE),
    permissions=(FILES_READ,),
    node_messages=(NodeMessage(FileListing, take_listing),),
)
