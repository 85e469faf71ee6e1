"""Parameters of aircraft: as last told, set and confirmed, kept under names."""

from field_api.contract.messages import ParameterReport, ParametersChanged
from field_api.core.feature import Feature, NodeMessage
from field_api.core.records import RecordKind
from field_api.features.parameters.messages import ParametersView, SavedParametersView
from field_api.features.parameters.operations import FETCH, LOAD, READ, SAVE, SET
from field_api.features.parameters.permissions import PARAMETER_CHANGE, PARAMETER_VIEW
from field_api.features.parameters.records import (
    parameters_views,
    saved_views,
    take_changed,
    take_report,
)
from field_api.features.parameters.routes import router
from field_api.features.parameters.tables import SavedParameters, VehicleParameters

__all__ = ["FEATURE"]

FEATURE = Feature(
    name="parameters",
    about="Parameters of aircraft: read, set and confirmed, kept, compared",
    routers=(router,),
    records=(
        RecordKind(
            topic="vehicle_parameters",
            table=VehicleParameters,
            view_type=ParametersView,
            views=parameters_views,
            reads=PARAMETER_VIEW,
            incident_column=None,
        ),
        RecordKind(
            topic="saved_parameters",
            table=SavedParameters,
            view_type=SavedParametersView,
            views=saved_views,
            reads=PARAMETER_VIEW,
            incident_column=None,
        ),
    ),
    operations=(FETCH, READ, SET, SAVE, LOAD),
    permissions=(PARAMETER_VIEW, PARAMETER_CHANGE),
    node_messages=(
        NodeMessage(ParameterReport, take_report),
        NodeMessage(ParametersChanged, take_changed),
    ),
)
