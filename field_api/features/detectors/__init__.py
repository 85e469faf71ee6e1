"""How vision nodes look: thresholds, ignored regions, model; set here, followed there."""

from sqlalchemy import true

from field_api.core.feature import Feature, Timer
from field_api.core.records import RecordKind
from field_api.features.detectors.messages import DetectorView
from field_api.features.detectors.operations import TUNE, tell_changed, tell_those_behind
from field_api.features.detectors.permissions import DETECTOR_TUNE, DETECTOR_VIEW
from field_api.features.detectors.records import detector_views
from field_api.features.detectors.routes import router
from field_api.features.detectors.tables import DetectorSetting

__all__ = ["FEATURE"]


FEATURE = Feature(
    name="detectors",
    about="How vision nodes look",
    routers=(router,),
    records=(
        RecordKind(
            topic="detector",
            table=DetectorSetting,
            view_type=DetectorView,
            views=detector_views,
            reads=DETECTOR_VIEW,
            incident_column=None,
            shown=true,
            history=True,
        ),
    ),
    operations=(TUNE,),
    permissions=(DETECTOR_VIEW, DETECTOR_TUNE),
    timers=(Timer("detector rules", 5.0, tell_those_behind),),
    follows=tell_changed,
)
